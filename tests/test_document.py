"""Versions of the documents: issued with what changed, frozen afterwards, and kept by the cases handled under them."""
from functools import partial

from odoo.addons.sig_pqrs.models.channel.pqrs_import import ImportedCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import SigCommon, date, freeze_time, moment

#: who may take each step of a version that the director prepared, by its state; all else is refused
STEPS = {
    "submit": {"draft": {"director", "administrator"}},
    "review": {"review": {"administrator", "management"}},
    "approve": {"approval": {"management"}},
    "return": {state: {"director", "administrator", "management"} for state in ("review", "approval", "approved")},
    "issue": {"approved": {"director", "administrator"}},
}
STATES = ("draft", "review", "approval", "approved", "issued", "replaced")
ROLES = ("director", "administrator", "management", "leader", "collaborator", "interviewer", "employee")


class TestDocumentVersions(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure = cls.env.ref("sig_pqrs.document_procedure")

    def begin(self, document=None, user=None, **vals):
        document = (document or self.procedure).with_user(user or self.director)
        document.action_new_version()
        positions = {"prepared_by": "Asesor HSEQ", "reviewed_by": "Director HSEQ", "approved_by": "Gerente General"}
        document.next_revision_id.write({"description": "Se incluye HERA", **positions, **vals})
        return document.next_revision_id

    def approve(self, revision):
        revision.action_submit()
        revision.with_user(self.management).action_review()
        revision.with_user(self.management).action_approve()
        return revision

    def issue(self, document=None, **vals):
        revision = self.approve(self.begin(document, **vals))
        revision.action_issue()
        self.reload()
        return revision.sudo()

    def test_next_version(self):
        revision = self.issue(approved_by="Gerente")
        self.assertEqual((self.procedure.version, self.procedure.date, self.procedure.approved_by), ("4", date(2026, 11, 24), "Gerente"))
        self.assertEqual((revision.state, revision.version, revision.code), ("issued", "4", "PRO-SIG-10"))
        self.assertEqual((revision.author_id, revision.reviewer_id), (self.director, self.management))
        former = self.procedure.revision_ids[1]
        self.assertEqual((former.version, former.state, former.approved_by), ("03", "replaced", "Gerente General"))
        log = " ".join(str(body) for body in self.procedure.message_ids.mapped("body"))
        for step in ("Sent to review", "Reviewed", "Approved", "Put in force"):
            self.assertIn(f"Version 4: {step}", log)

    def test_who_takes_which_step(self):
        revision = self.begin().sudo()
        for state in STATES:
            for step, granted in STEPS.items():
                for role in ROLES:
                    revision.write({"state": state, "author_id": self.director.id})
                    own = revision.with_user(getattr(self, role))
                    is_allowed = role in granted.get(state, ())
                    with self.subTest(state=state, step=step, role=role):
                        if own.has_access("read"):
                            self.assertEqual(step in own.allowed_transitions, is_allowed)
                        arguments = ("Falta el alcance.",) if step == "return" else ()
                        try:
                            with self.undone():
                                getattr(own, f"action_{step}")(*arguments)
                                self.assertTrue(is_allowed)
                        except (AccessError, UserError):
                            self.assertFalse(is_allowed)

    def test_alone_one_does_it_all(self):
        roles = self.env["res.groups"].union(*map(self.env.ref, (
            "sig_pqrs.group_top_management", "sig_pqrs.group_administrator", "sig_pqrs.group_sig_director",
        )))  # fmt: skip
        lacking = self.management | self.administrator
        self.env["res.users"].search([("id", "not in", (self.director | lacking).ids), ("share", "=", False)]).sudo().group_ids -= roles
        self.director.sudo().company_ids = self.env["res.company"].create({"name": "Otra"}).search([])
        for away in (lacking.browse(), lacking):  # first, who lacks a company of the document that all share
            away.sudo().group_ids -= roles
            revision = self.begin()
            for step in ("submit", "review", "approve", "issue"):
                self.assertIn("versions", self.get_tiles(self.director), step)
                getattr(revision, f"action_{step}")()

    def test_what_is_missing_is_told_at_once(self):
        revision = self.begin(description=" ", reviewed_by=False, code=" ")
        self.assertEachRaises(UserError, revision.action_submit, said="Code.*Description of the change.*Reviewed by")

    def test_returned(self):
        revision = self.begin()
        revision.action_submit()
        self.assertEachRaises(UserError, lambda: revision.write({"description": "x"}))
        self.assertEachRaises(UserError, lambda: revision.with_user(self.management).action_return(" "), said="Say why")
        dialog = revision.with_user(self.management).with_context(default_step="return").action_open_step()
        wizard = self.env[dialog["res_model"]].with_user(self.management).with_context(**dialog["context"])
        wizard.create({"reason": "Falta el alcance."}).action_confirm()
        self.assertEqual((revision.state, revision.return_reason), ("draft", "Falta el alcance."))
        revision.write({"description": "Con su alcance"})
        self.approve(revision)
        self.assertFalse(revision.return_reason)

    def test_dated_by_the_day_of_the_company(self):
        self.company.sig_tz = "Pacific/Auckland"
        document = self.env["sig.document"].with_user(self.director).create({"name": "Acta", "code": "FOR-SIG-99"})
        self.assertEqual(document.date, date(2026, 11, 25))

    def test_proposed_version(self):
        for current, expected in (("3", "4"), ("09", "10"), ("2.1", "2.2"), ("v9", "v10"), ("A", "A"), ("2023-b", "2023-b")):
            self.procedure.sudo().version = current
            self.assertEqual(self.begin().version, expected)
            self.procedure.next_revision_id.unlink()

    def test_a_document_that_was_never_issued(self):
        receipt = self.env.ref("sig_pqrs.document_receipt").with_user(self.director)
        receipt.write({"code": "FOR-SIG-30", "approved_by": "Gerente General"})
        revision = self.approve(self.begin(receipt, description="Creación del documento", date="2026-01-15"))
        self.assertEachRaises(UserError, receipt.unlink)
        revision.action_issue()
        self.assertEqual((revision.version, revision.code, receipt.date), ("1", "FOR-SIG-30", date(2026, 1, 15)), "dated back")
        self.assertEachRaises(UserError, lambda: receipt.write({"code": "FOR-SIG-31"}), said="New version")

    def test_what_was_issued_does_not_change(self):
        procedure = self.procedure.with_user(self.director)
        texts = dict.fromkeys(("name", "code", "version", "prepared_by", "reviewed_by", "approved_by"), "otro")
        self.assertEachRaises(
            UserError, *(partial(procedure.write, {name: value}) for name, value in {**texts, "date": "2026-01-01"}.items())
        )
        own = {"name": "Otro", "code": "PRO-2", "company_id": self.company.id}
        other = procedure.create({**own, "code": "PRO-3"})
        changes = ({"active": False}, {"usage": False}, {"company_id": self.company.id})
        self.assertEachRaises(
            AccessError, *(partial(procedure.write, change) for change in changes),
            lambda: procedure.create({**own, "usage": "procedure"}), lambda: other.write({"usage": "procedure"}),
            said="an administrator alone replaces",
        )
        procedure.with_user(self.administrator).active = True
        revision = procedure.revision_ids[0]
        made = {"version": "9", "date": "2026-01-01", "description": "x", "name": "x", "code": "x"}
        commands = ((0, 0, {**made, "state": "issued"}), (1, revision.id, {"description": "x"}), (2, revision.id, 0))
        self.assertEachRaises(
            UserError, *(partial(procedure.write, {"revision_ids": [command]}) for command in commands),
            lambda: revision.write({"description": "x"}), lambda: revision.write({"state": "draft"}),
            revision.unlink, procedure.unlink,
        )
        self.assertEqual(len(self.procedure.revision_ids), 3)

    def test_the_copy_of_a_company_says_what_was_approved(self):
        self.issue(name="Procedimiento nuevo")
        procedure = self.procedure.with_user(self.director)
        own = procedure.browse(procedure.action_copy_to_company()["res_id"])
        self.assertEqual((own.company_id, own.issued, own.name), (self.company, True, "Procedimiento nuevo"))
        facts = ("version", "state", "date", "approved_by", "author_id", "approver_id")
        self.assertEqual(*([tuple(each[name] for name in facts) for each in of.revision_ids] for of in (own, procedure)))
        self.assertEachRaises(UserError, lambda: own.write({"approved_by": "Nadie"}), said="New version")
        self.assertEqual((self.issue(own).version, procedure.version), ("5", "4"))

    def test_who_wrote_it_does_not_review_it(self):
        revision = self.begin(user=self.administrator)
        revision.with_user(self.director).action_submit()
        self.assertDenied(revision, (self.administrator, self.director), lambda own: own.action_review())
        revision.with_user(self.management).action_review()

    def test_one_in_the_making_is_discarded(self):
        revision = self.begin()
        self.assertEqual(self.procedure.with_user(self.director).action_new_version()["res_id"], revision.id)
        self.assertEqual(len(self.procedure.revision_ids), 4)
        revision.unlink()
        self.assertFalse(self.procedure.next_revision_id)

    def test_bad_versions(self):
        bad = ({"version": "03"}, {"version": "3"}, {"date": date(2026, 11, 25)}, {"date": date(2020, 1, 1)})
        self.assertEachRaises(UserError, *(partial(self.issue, **vals) for vals in bad))
        self.assertEqual((self.procedure.version, len(self.procedure.revision_ids)), ("3", 3))

    def test_no_version_is_in_force_before_it_is_approved(self):
        revision = self.begin(date="2026-11-24")
        revision.action_submit()
        revision.with_user(self.management).action_review()
        approve = revision.with_user(self.management).action_approve
        with freeze_time("2026-11-25 15:00:00"):
            self.assertEachRaises(UserError, approve, said="before its approval: correct its date")
        approve()
        with freeze_time("2026-11-27 15:00:00"):
            revision.action_issue()
        self.assertEqual((revision.state, self.procedure.date), ("issued", date(2026, 11, 24)), "issued later, approved that day")

    def test_who_prepares(self):
        others = self.leader | self.management | self.collaborator
        self.assertEachRaises(AccessError, *(partial(self.begin, user=user) for user in others))

    def test_a_case_keeps_its_version(self):
        before = self.make_case()
        self.assertEqual(before.procedure_revision_id.version, "03")
        revision = self.issue()
        self.assertEqual(before.procedure_revision_id.version, "03")
        after = self.make_case()
        self.assertEqual(after.procedure_revision_id, revision)
        late = self.builder.file({"partner_id": self.contact.id, "date_received": moment(self.company, date(2026, 11, 20))})
        self.assertEqual(late.procedure_revision_id.version, "03", "that of when it was received")
        self.assertIn("PRO-SIG-10 v. 03", self.print_html(before))
        self.assertIn("PRO-SIG-10 v. 4", self.print_html(after))

    def test_history(self):
        case = self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2023, 2, 1)))
        self.assertEqual(case.procedure_revision_id.version, "02")
        case = self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2021, 2, 1)))
        self.assertEqual(case.procedure_revision_id.version, "01", "there was none yet: the first")
        received, closed = (moment(self.company, date(2023, 2, day)) for day in (1, 9))
        vals = self.builder._prepare({"name": "V-1", "date_received": received, "outcome": "answered"})
        item = ImportedCase(2, vals, self.operations, self.env["res.users"], False, closed)
        case = self.env["sig.pqrs"].browse(self.env["sig.pqrs.import"]._import([item], "0" * 64, "pqrs-anteriores.xlsx"))
        self.assertEqual(case.procedure_revision_id.version, "02")

    def test_document_of_the_company(self):
        own = self.env["sig.document"].create(
            {"name": "Procedimiento propio", "code": "PRO-1", "usage": "procedure", "company_id": self.company.id}
        )
        self.assertFalse(self.make_case().procedure_revision_id)
        with self.assertRaisesRegex(AssertionError, "readonly"), Form(own.with_user(self.director)) as form:
            form.usage = False
        with Form(own.with_user(self.administrator)) as form:
            form.usage = "procedure"
        revision = self.issue(own)
        self.assertEqual(self.make_case().procedure_revision_id, revision)
