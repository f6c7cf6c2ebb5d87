"""An auditor reads for the days that were given, writes nothing, and before and after reads nothing."""
from functools import partial

from psycopg2.errors import CheckViolation

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import freeze_time
from .test_action_plan import PlanCommon
from .test_management_review import ReviewCommon

BEFORE, FIRST, LAST, AFTER = "2026-11-29 15:00:00", "2026-11-30 15:00:00", "2026-12-05 03:00:00", "2026-12-05 15:00:00"
PERIOD = {"date_from": "2026-11-30", "date_to": "2026-12-04"}

#: what an auditor reads
READ = (
    "sig.pqrs", "sig.pqrs.assignment", "sig.pqrs.act", "sig.pqrs.commitment", "sig.pqrs.communication", "sig.pqrs.request",
    "sig.process", "sig.pqrs.type", "sig.pqrs.reason", "sig.faq", "sig.document", "sig.document.revision",
    "sig.indicator", "sig.indicator.measure", "sig.indicator.correction", "sig.finding", "sig.action.plan", "sig.action.plan.line",
    "sig.management.review", "sig.management.section", "sig.management.decision",
    "sig.survey.wave", "sig.survey.analysis", "sig.survey.dimension",
    "sig.act.check", "sig.act.head.export", "sig.evidence.pack", "sig.workbook",
)  # fmt: skip
#: of those, the ones of which the tests below make none that an auditor reads by right of the access alone
EMPTY = {"sig.pqrs.commitment", "sig.pqrs.communication", "sig.pqrs.request", "sig.survey.analysis", "sig.workbook", "sig.evidence.pack"}


@freeze_time(FIRST)
class TestAuditAccess(PlanCommon, ReviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = CaseBuilder.make_user(cls.env, "sig_auditor", "Auditora externa", "auditor", lang="en_US")

    def give(self, user=None, giver=None, **vals):
        return self.env["sig.audit.access"].with_user(giver or self.director).create({
            "user_id": (user or self.auditor).id, "reason": "Auditoría interna 2026", **PERIOD, **vals,
        })

    def see(self, model, user=None):
        self.env.invalidate_all()
        found = self.env[model].with_user(user or self.auditor).search([])
        found.mapped("display_name")
        return found

    @freeze_time("2026-11-24 15:00:00")
    def make_everything(self):
        """A closed case, a restricted one, and a record at least of most of what an auditor reads."""
        case = self.make_closed()
        self.restricted = self.make_case(subject="Reservada", restricted=True)
        self.make_assignment(self.restricted)
        self.env["sig.act.check"]._start(self.company)._check_batch({}, [])
        self.env["sig.act.head.export"]._export_heads(self.company)
        measure = self.fill("on_time", [50])
        self.env["sig.indicator.correction"].sudo().create({
            "measure_id": measure.id, "date": "2026-11-24 15:00:00", "user_id": self.director.id, "reason": "Se contó mal",
            "value_text": "50 %",
        })
        self.make_plan()
        self.env["sig.faq"].create({"name": "¿Cuánto tardan?", "answer": "<p>Quince días</p>", "company_id": self.company.id})
        self.env["sig.survey.wave"].with_user(self.director).create({"year": 2027, "semester": "1"})
        review = self.make_review()
        self.add_decision(review)
        self.close(review)
        self.make_review(date_from="2026-07-01", date_to="2026-10-31")
        return case

    def test_every_model_before_in_and_after(self):
        self.make_everything()
        for model in READ:
            self.assertFalse(self.see(model), f"the role alone opens nothing: {model}")
        with freeze_time(BEFORE):
            access = self.give()
        for moment, state in ((BEFORE, "upcoming"), (FIRST, "current"), (LAST, "current"), (AFTER, "over"), (FIRST, "current")):
            with freeze_time(moment):
                self.env.invalidate_all()
                self.assertEqual(access.state, state)
                for model in READ:
                    found = self.see(model)
                    if state != "current":
                        self.assertFalse(found, f"{model} {moment}")
                    elif model not in EMPTY:
                        self.assertTrue(found, f"{model} {moment}")
                self.assertEqual(self.see("sig.audit.access"), access, "that it was given is always known")

    def make_cases(self):
        self.restricted = self.make_case(subject="Reservada", restricted=True)
        return self.make_closed()

    def test_records_at_hand(self):
        case = self.make_cases()
        file = case.sudo().letter_id or self.env["ir.attachment"].create({"name": "a", "raw": b"a", "res_model": case._name, "res_id": case.id})
        self.give()
        mine = case.with_user(self.auditor)
        self.assertEqual(mine.read(["subject"])[0]["subject"], case.subject)
        self.assertEqual(file.with_user(self.auditor).name, file.name)
        self.assertDenied(self.restricted, self.auditor, lambda own: own.read(["subject"]))
        known = (mine, file, mine.assignment_ids, mine.act_ids, mine.type_id, mine.message_ids[:1])
        self.assertTrue(all(known))
        for moment in (BEFORE, AFTER):
            with freeze_time(moment):
                for records in known:
                    self.env.invalidate_all()
                    self.assertDenied(records, self.auditor, lambda own: own.read(["display_name"]))

    def test_restricted_reserved_and_drafts_stay_closed(self):
        case = self.make_everything()
        reserved = self.make_case(identity_reserved=True, document_type="cc", document_number="52123456")
        self.give()
        cases = self.see("sig.pqrs")
        self.assertIn(case, cases)
        self.assertNotIn(self.restricted, cases)
        for model in ("sig.pqrs.assignment", "sig.pqrs.act"):
            self.assertNotIn(self.restricted, self.see(model).pqrs_id)
        self.assertEqual(set(self.see("sig.management.review").mapped("state")), {"closed"})
        self.assertEqual(set(self.see("sig.management.section").review_id.mapped("state")), {"closed"})
        self.assertFalse(reserved.with_user(self.auditor).identity_document)
        self.env.cr.execute("UPDATE sig_pqrs_act SET days = 9 WHERE number = 1 AND pqrs_id IN %s", [(case | self.restricted)._ids])
        self.env.invalidate_all()
        with mute_logger("odoo.addons.sig_pqrs.models.proof.act_check"):
            self.env["sig.act.check"]._start(self.company)._check_batch({}, [])
        told = self.see("sig.act.check")[0].faults_told
        self.assertHolds(told, f"{case.name}: act 1", "Restricted: 1")
        self.assertNotIn(self.restricted.name, told)
        for model in ("sig.pqrs.identity", "sig.pqrs.mail", "sig.privacy.consent", "sig.survey.recipient"):
            self.assertDenied(self.env[model], self.auditor, lambda own: own.search([]))

    def test_never_writes(self):
        case, review = self.make_closed(), self.close(self.make_review())
        self.give()
        for model in (*READ, "sig.pqrs.identity", "sig.audit.access"):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.env[model].with_user(self.auditor).has_access(operation), f"{operation} {model}")
        for records in (case, review):
            place = {"model": records._name, "res_id": records.id}
            self.assertDenied(
                records, self.auditor, lambda own: own.message_post(body="hola"),
                lambda own: own.message_subscribe(self.auditor.partner_id.ids),
                lambda own: own.activity_schedule("mail.mail_activity_data_todo", user_id=self.auditor.id),
                lambda own: own.message_notify(body="hola", partner_ids=self.director.partner_id.ids),
                lambda own, place=place: own.env["mail.message"].create({**place, "message_type": "user_notification"}),
                lambda own: own.env["ir.attachment"].create({"name": "x", "res_model": own._name, "res_id": own.id}),
            )
        self.assertFalse(case.with_user(self.auditor).allowed_transitions)

    def test_one_who_works_too(self):
        theirs, others = self.make_assignment(), self.make_assignment(process=self.technology)
        self.give(self.collaborator)
        mine, audited = (record.with_user(self.collaborator) for record in (theirs, others))
        self.assertTrue(audited.has_access("read"))
        self.assertFalse(audited.has_access("write"))
        with freeze_time(AFTER):
            self.env.invalidate_all()
            self.assertFalse(audited.has_access("read"))
            self.assertTrue(mine.has_access("write"))
            for model in ("sig.process", "sig.pqrs.type", "sig.pqrs.reason", "sig.document"):
                self.assertTrue(self.see(model, self.collaborator), model)
            self.assertEachRaises(AccessError, mine.pqrs_id.action_make_evidence)

    def test_comments_of_one_who_works_too(self):
        """Who reads a review in a role of their own writes to its readers, now and afterwards; who only audits does not."""
        review = self.close(self.make_review())
        for user in (self.leader, self.management, self.collaborator):
            self.give(user)
        for moment in (FIRST, AFTER):
            with freeze_time(moment):
                for user in (self.leader, self.management):
                    self.assertTrue(review.with_user(user).message_post(body="Leída"))
                self.assertDenied(review, self.collaborator, lambda own: own.message_post(body="Leída"))

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Sur", "country_id": self.env.ref("base.co").id})
        self.auditor.company_ids += other
        foreign = CaseBuilder(self.env, self.env.user, other).file({"subject": "Del sur"})
        case = self.make_case()
        self.give()
        both = foreign.with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertDenied(both, self.auditor, lambda own: own.read(["subject"]))
        self.assertIn(case, self.see("sig.pqrs"))
        stranger = CaseBuilder.make_user(self.env, "sig_stranger", "De otra empresa", None, company=other)
        self.assertEachRaises(ValidationError, lambda: self.give(stranger))

    def test_by_the_day_of_the_company(self):
        self.company.sig_tz = "Pacific/Auckland"
        self.make_case()
        with freeze_time("2026-11-29 10:30:00"):
            self.give()
            self.assertFalse(self.see("sig.pqrs"), "still the 29th in Auckland")
        with freeze_time("2026-11-29 11:30:00"):
            self.assertTrue(self.see("sig.pqrs"))

    def test_taken_back(self):
        self.make_case()
        access = self.give()
        self.assertTrue(self.see("sig.pqrs"))
        access.action_revoke()
        self.assertFalse(self.see("sig.pqrs"))
        first = access.revoked_on
        with freeze_time("2026-12-01 15:00:00"):
            access.action_revoke()
        self.assertEqual((access.state, access.revoked_on, access.revoked_by_id), ("revoked", first, self.director))
        self.give(date_from="2026-11-30", date_to="2026-11-30")
        self.assertTrue(self.see("sig.pqrs"), "given again")

    def test_who_gives(self):
        others = self.leader | self.collaborator | self.management | self.auditor | self.employee
        self.assertEachRaises(AccessError, *(partial(self.give, giver=giver) for giver in others))
        access = self.give(granted_by_id=self.leader.id, revoked_on="2026-01-01 10:00:00")
        self.assertEqual((access.granted_by_id, access.revoked_on), (self.director, False))
        self.assertDenied(access, self.management | self.auditor | self.leader, lambda own: own.action_revoke())
        self.assertEachRaises(UserError, lambda: access.write({"date_to": "2027-06-30"}), access.unlink, access.sudo().unlink)

    def test_lands_in_my_day(self):
        home = self.env.ref("sig_pqrs.action_my_work")
        guest = CaseBuilder.make_user(self.env, "sig_guest", "Auditor invitado", None)
        own = CaseBuilder.make_user(self.env, "sig_own", "Auditor con inicio propio", None)
        own.action_id = self.env.ref("base.action_partner_form").id
        self.make_case()
        self.assertFalse(self.env["sig.audit.access"].with_user(guest).has_access("read"))
        for user in guest | own:
            self.give(user)
        self.assertTrue(self.see("sig.pqrs", guest), "they have the role with it")
        self.assertEqual(guest.action_id.id, home.id)
        self.assertNotEqual(own.action_id.id, home.id)

    def test_bad_input(self):
        self.assertEachRaises(
            ValidationError, lambda: self.give(self.portal), lambda: self.give(date_to="2028-11-30"),
            lambda: self.give(date_from="2026-11-01", date_to="2026-11-29"),
        )
        self.assertNotIn(self.env.ref("sig_pqrs.group_auditor"), self.portal.all_group_ids)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.give(date_from="2026-12-04", date_to="2026-12-01")

    def test_evidence_is_logged(self):
        case = self.make_cases()
        self.give()
        action = case.with_user(self.auditor).action_make_evidence()
        pack = self.env["sig.evidence.pack"].browse(int(action["url"].rpartition("/")[2]))
        self.assertEqual((pack.user_id, pack.case_ids, pack.with_identity), (self.auditor, case, False))
        self.assertEqual(self.see("sig.evidence.pack"), pack)
        self.assertDenied(case, self.auditor, lambda own: own.action_make_evidence(with_identity=True))
        self.assertDenied(self.restricted, self.auditor, lambda own: own.action_make_evidence())
        with freeze_time(AFTER):
            self.env.invalidate_all()
            self.assertDenied(case, self.auditor, lambda own: own.action_make_evidence())
            self.assertDenied(pack, self.auditor, lambda own: own.action_download())
