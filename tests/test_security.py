from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SigCommon

#: what people may write, by the hand of the procedure; every other field of the module is a transition's
EDITABLE = {
    "sig.pqrs": {
        "type_id", "channel", "company_id", "date_received", "anonymous", "identity_reserved", "authority_deadline",
        "subject", "description", "remedy", "partner_name", "email_from", "phone", "person_type", "document_type",
        "document_number", "city", "incident_date", "capacity", "attachment_ids", "partner_id", "restricted",
        "authorized_user_ids", "priority", "severity", "involves_staff", "involves_incident",
        "preserve_evidence", "response_medium", "lang", "resolution", "response_opening", "response_closing",
        "reason_id", "client_id", "site", "request_ids", "commitment_ids", "legal_risk", "legal_reviewer_id",
        "notice_told", "survey_answer",
    },
    "sig.pqrs.assignment": {"response", "template_id", "attachment_ids", "request_ids", "commitment_ids"}, "sig.pqrs.act": set(),
}


class TestProtectedFields(SigCommon):
    """Nobody writes what only a step of the procedure may: not by write, create, the context, defaults or import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(email_from="ana@example.com")
        cls.assignment = cls.make_assignment(cls.case)
        cls.people = cls.director | cls.administrator

    def get_protected(self, model):
        """``{name: value}`` of the protected fields, each with a value of its type."""
        values = {
            "char": "x", "text": "x", "html": "<p>x</p>", "integer": 7, "float": 7.0, "boolean": True, "json": {"x": 1},
            "date": "2030-01-01", "datetime": "2030-01-01 12:00:00", "many2one": 1, "binary": "eA==",
            "one2many": [Command.clear()], "many2many": [Command.clear()],
        }
        protected = {}
        for name, field in self.env[model]._fields.items():
            if "sig_pqrs" in field._modules and name not in EDITABLE[model]:
                value = values.get(field.type)
                if field.type == "selection":
                    value = field.get_values(self.env)[-1]
                protected[name] = value
        self.assertIn("digest" if model == "sig.pqrs.act" else "state", protected)
        return protected

    def test_write(self):
        people = self.people | self.leader | self.collaborator | self.management
        for record in (self.case, self.assignment, self.case.sudo().act_ids[0]):
            for name, value in self.get_protected(record._name).items():
                with self.subTest(name):
                    self.assertDenied(record, people, lambda own, vals={name: value}: own.write(vals), error=UserError)

    def test_filing_fields_are_set_once(self):
        for vals in (
            {"type_id": self.env.ref("sig_pqrs.type_reclamo").id}, {"channel": "visit"}, {"date_received": "2026-11-20 12:00:00"},
            {"company_id": self.company.id}, {"anonymous": True}, {"identity_reserved": True},
            {"authority_deadline": "2026-12-20 12:00:00"},
        ):
            with self.subTest(vals):
                self.assertDenied(self.case, self.people, lambda own, vals=vals: own.write(vals), error=UserError)

    def test_what_was_petitioned_stands_once_it_is_worked_on(self):
        self.make_case().description = "Corregido"
        closed, again, declined = self.make_closed(), self.make_closed(), self.make_assignment()
        self.as_director(again).action_reopen("No está de acuerdo")
        declined.with_user(self.leader).action_decline("Es de otro proceso")
        for record, *changes in (
            *((case, {"description": "Otra"}, {"attachment_ids": []}) for case in (again, declined.pqrs_id)),
            (self.case, {"subject": "Otro"}, {"description": "Otra"}, {"document_number": "1"}, {"email_from": "no es correo"}),
            (closed, {"response_opening": "<p>x</p>"}, {"resolution": "upheld"}, {"subject": "Otro"}),
        ):
            own = record.with_user(self.administrator)
            self.assertEachRaises(UserError, *(lambda own=own, vals=vals: own.write(vals) for vals in changes))
        closed.with_user(self.director).write({"site": "Portería norte", "restricted": True})

    def test_create(self):
        Pqrs = self.env["sig.pqrs"]
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "phone"}
        count = Pqrs.search_count([])
        for name, value in self.get_protected("sig.pqrs").items():
            with self.subTest(name):
                self.assertDenied(
                    Pqrs, self.people, lambda own, extra={name: value}: own.create({**vals, **extra}),
                    lambda own, poison={f"default_{name}": value}: own.with_context(**poison).create(vals), error=UserError,
                )
        for channel in ("web", "portal"):
            self.assertDenied(Pqrs, self.director, lambda own, channel=channel: own.create({**vals, "channel": channel}), error=UserError)
        others = self.leader | self.collaborator | self.management | self.employee | self.portal
        self.assertDenied(Pqrs, others, lambda own: own.create(vals), error=UserError)
        self.assertEqual(Pqrs.search_count([]), count)

    def test_create_assignment(self):
        vals = {"pqrs_id": self.case.id, "process_id": self.technology.id, "user_id": self.collaborator.id, "date_due": "2026-12-01"}
        self.assertDenied(
            self.assignment, self.people | self.leader | self.collaborator, lambda own: own.create(vals),
            lambda own: own.copy({"process_id": self.technology.id}), error=UserError,
        )

    def test_a_case_is_not_duplicated(self):
        cases = (self.make_case(), self.make_closed())
        self.assertEachRaises(UserError, *(lambda case=case: case.with_user(self.director).copy() for case in cases), said="not duplicated")

    def test_import(self):
        kind = str(self.env.ref("sig_pqrs.type_queja").id)
        count = self.env["sig.pqrs"].search_count([])
        for user in self.people:
            Pqrs = self.env["sig.pqrs"].with_user(user)
            for name, value in (
                ("state", "Closed"), ("date_deadline", "2030-01-01"), ("date_answered", "2026-11-24 10:00:00"),
                ("name", "PQRS-2020-00001"), ("outcome", "Answered"), ("delivery_state", "Sent"), ("act_ids/kind", "Closed"),
                ("assignment_ids/state", "Approved"), ("uuid", "x"), ("act_head", "x"), ("days_left", "9"),
            ):
                for fields, row in ((["subject", "type_id/.id"], ["Ronda", kind]), ([".id"], [str(self.case.id)])):
                    result = Pqrs.load([*fields, name], [[*row, value]])
                    self.assertFalse(result["ids"], f"{name} was imported")
                    self.assertTrue(result["messages"])
        self.assertEqual(Pqrs.search_count([]), count)
        result = Pqrs.load(["subject", "type_id/.id"], [["Ronda", kind]])
        self.assertEqual(Pqrs.browse(result["ids"]).state, "received")

    def test_defaults_of_a_user(self):
        """Anybody may keep defaults: they fill in nothing that only a step may write."""
        Default = self.env["ir.default"].with_user(self.director)
        for model, defaults in {
            "sig.pqrs": {
                "state": "closed", "outcome": "answered", "date_answered": "2026-11-24 10:00:00", "delivery_state": "sent", "uuid": "x",
            },
            "sig.pqrs.assignment": {"state": "approved", "approved_by_id": self.leader.id, "active": False},
            "sig.pqrs.act": {"company_id": 999}, "mail.mail": {"state": "sent"},
        }.items():
            for name, value in defaults.items():
                Default.set(model, name, value, user_id=self.director.id)
        case = self.make_case(email_from="ana@example.com")
        self.assertEqual((case.state, case.outcome, case.delivery_state, case.date_answered), ("received", False, "none", False))
        assignment = self.make_assignment(case)
        self.assertEqual((assignment.state, assignment.active, assignment.approved_by_id.ids), ("pending", True, []))
        self.assertEqual(case.sudo().act_ids.company_id, case.company_id)
        self.assertChain(case)

    def test_context_of_a_step(self):
        """The context that comes over RPC reaches records which steps create as superuser."""
        other = self.env["res.company"].create({"name": "Otra empresa"})
        poison = {
            "default_state": "approved", "default_active": False, "default_company_id": other.id,
            "default_approved_by_id": self.leader.id, "default_date_approved": "2026-11-24 10:00:00",
            "default_response_digest": "x", "default_kind": "closed", "default_number": 99, "default_digest": "x",
            "default_user_id": self.management.id,
        }
        case = self.make_case().with_context(**poison)
        assignment = self.env["sig.pqrs.assignment"].browse(case.action_assign([{"process_id": self.technology.id}]))
        self.env.invalidate_all()
        self.assertEqual((assignment.state, assignment.active, assignment.company_id), ("pending", True, self.company))
        self.assertFalse(assignment.approved_by_id or assignment.date_approved or assignment.response_digest)
        self.assertEqual((self.kinds(case), case.sudo().act_ids.company_id), (["received", "assigned"], self.company))
        self.assertChain(case)

    def test_context_does_not_send_the_answer(self):
        """A mail born as sent would close the case without leaving."""
        case = self.make_approved(email_from="ana@example.com")
        with patch.object(self.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")):
            case.with_user(self.director).with_context(default_state="sent", default_email_cc="x@example.com").action_send_response()
        mail = case.sudo().delivery_id.mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertNotEqual(mail.email_cc, "x@example.com")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))

    def test_message_on_a_case(self):
        vals = {"model": "sig.pqrs", "res_id": self.case.id, "body": "x", "message_type": "comment"}
        people = self.collaborator | self.leader | self.deputy | self.management | self.other_collaborator
        count = len(self.case.sudo().message_ids)
        self.assertDenied(
            self.case, people | self.interviewer | self.employee | self.portal,
            lambda own: own.message_post(body="x"), lambda own: own.message_post(body="x", partner_ids=self.contact.ids),
            lambda own: own.env["mail.message"].create(vals), lambda own: own.message_subscribe(self.contact.ids), error=UserError,
        )
        self.reload()
        self.assertEqual(len(self.case.sudo().message_ids), count)
        self.case.with_user(self.director).message_post(body="Nota de la SIG")
        self.assignment.with_user(self.collaborator).message_post(body="Charla del borrador")
        self.assertDenied(self.assignment, self.management, lambda own: own.message_post(body="x"))

    def test_rating_is_the_clients(self):
        self.finish_draft(self.assignment)
        case = self.builder.send(self.case)
        token = case.sudo()._rating_get_access_token()
        rating = self.env["rating.rating"].sudo().search([("access_token", "=", token)])
        self.assertEqual(rating.res_id, case.id)
        people = self.people | self.leader | self.collaborator | self.employee
        forged = {"res_model_id": self.env["ir.model"]._get_id("sig.pqrs"), "res_id": case.id, "rating": 5, "consumed": True}
        for user in people:
            self.assertFalse(rating.sudo(False).with_user(user).search([("res_model", "=", "sig.pqrs")]))
        self.assertDenied(
            rating.sudo(False), people, lambda own: own.read(["access_token"]), lambda own: own.create(forged),
            lambda own: own.write({"rating": 5, "consumed": True}), error=UserError,
        )
        self.assertDenied(
            case, people, lambda own: own.rating_apply(5, token=token), lambda own: own.write({"rating_last_value": 5}),
            lambda own: own.write({"rating_value": 5}),
            lambda own: self.client_step(own.sudo(), "rate", 5, "x", rating=case._get_rating_by_token(token)), error=UserError,
        )
        case.with_user(self.director).message_post(body="x", rating_value=5)
        self.assertEqual(self.env["rating.rating"].sudo().search_count([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id)]), 1)
        self.assertEqual((case.rating_state, case.rating_value, case.sudo().rating_count), ("asked", 0, 0))

    def test_another_petitioner(self):
        ana, other = self.env["res.partner"].create(
            [{"name": "Ana", "email": "ana@example.com"}, {"name": "Otro", "email": "otro@example.com"}]
        )
        case = self.make_case(partner_id=ana.id)
        quiet = self.as_director(case).with_context(tracking_disable=True)
        quiet.write({"partner_id": other.id, "email_from": "otro@example.com"})
        act = case.act_ids.sorted("number")[-1]
        self.assertEqual((act.kind, act.user_id, len({act.data["before"], act.data["after"]})), ("contact_corrected", self.director, 2))
        self.assertNotIn("otro@example.com", str(act.data) + (act.note or ""))
        self.assertIn("ana@example.com → otro@example.com", case.message_ids.sorted("id")[-1].body)
        self.assertFalse(self.env["sig.pqrs.act"]._verify(case))

    def test_client_of_a_closed_case(self):
        case = self.make_closed()
        self.as_director(case).client_id = self.env["res.partner"].create({"name": "Otro", "is_company": True})
        self.assertEqual(case.act_ids.sorted("number")[-1].kind, "contact_corrected")

    def test_contacts_are_merged(self):
        """Of the same name, it is another contact all the same; who merges them need not know who asks under reserve."""
        first, second = self.env["res.partner"].create([{"name": "Eva Paz", "email": "eva@example.com"}] * 2)
        reserved, own, other = (self.make_case(partner_id=who.id, identity_reserved=hidden) for who, hidden in ((first, True), (first, False), (second, False)))
        (own | reserved | other).sudo().identity_checked = "holder"
        self.leader.group_ids |= self.env.ref("base.group_partner_manager") | self.env.ref("website.group_website_designer")
        merging, checked = self.env["base.partner.merge.automatic.wizard"].with_user(self.leader).create({}), self.kinds(other)
        merging._merge((first | second).ids, second.with_user(self.leader))
        for case in own | reserved:
            self.assertEqual((self.kinds(case)[-2:], case.identity_checked), (["contact_corrected", "identity_unchecked"], False))
            act = case.act_ids.sorted("number")[-2]
            self.assertEqual((act.note, len({act.data["before"], act.data["after"]})), ("Contacts were merged", 2))
        logged = f"Contacts were merged: Eva Paz (#{first.id}) → Eva Paz (#{second.id})"
        self.assertHolds(str(own.message_ids.mapped("body")) + str(reserved.identity_ids.message_ids.mapped("body")), logged)
        self.assertNotIn("Eva", str(reserved.message_ids.mapped("body")) + str(reserved.act_ids.mapped("data")))
        self.assertEqual((other.identity_checked, self.kinds(other)), ("holder", checked))
        self.assertFalse(self.env["sig.pqrs.act"]._verify(own | reserved | other))

    def test_what_stays_is_no_act(self):
        case = self.make_case(email_from="ana@example.com")
        before = len(case.act_ids)
        self.as_director(case).write({"email_from": "ana@example.com", "priority": "1"})
        self.assertEqual(len(case.act_ids), before)


class TestAsked(SigCommon):
    """What a step asks of somebody is theirs to attend to, and the SIG's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls.make_assignment(cls.make_case())
        cls.builder.draft(cls.assignment)
        cls.asked = cls.assignment.sudo().activity_ids.filtered(lambda activity: activity.user_id == cls.leader)

    def test_nobody_else_takes_it_away(self):
        self.assertDenied(
            self.asked, self.collaborator, lambda own: own.unlink(), lambda own: own.action_done(), lambda own: own.action_archive(),
            lambda own: own.write({"date_deadline": "2027-12-31"}), lambda own: own.write({"user_id": self.collaborator.id}),
        )
        self.assertTrue(self.asked.exists().active)
        self.asked.with_user(self.leader).write({"date_deadline": "2026-12-01"})
        self.asked.with_user(self.director).unlink()
        self.assertFalse(self.asked.exists())
