from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import SigCommon, freeze_time

#: what a refusal is: of the rights (`AccessError` is one of these) or of the step
REFUSALS = UserError

#: what people may write, by the hand of the procedure; every other field of the module is a transition's
EDITABLE = {
    "sig.pqrs": {
        "type_id", "channel", "company_id", "date_received", "anonymous", "identity_reserved", "authority_deadline",
        "subject", "description", "remedy", "partner_name", "email_from", "phone", "person_type", "document_type",
        "document_number", "city", "incident_date", "capacity", "attachment_ids", "partner_id", "restricted",
        "restriction_reason", "authorized_user_ids", "priority", "severity", "involves_staff", "involves_incident",
        "preserve_evidence", "response_medium", "lang", "resolution", "response_opening", "response_closing",
        "reason_id", "client_id", "site", "request_ids", "commitment_ids", "legal_risk", "legal_reviewer_id",
        "notice_told", "survey_answer",
    },
    "sig.pqrs.assignment": {"response", "attachment_ids", "request_ids", "commitment_ids"}, "sig.pqrs.act": set(),
}


@freeze_time("2026-11-24 15:00:00")
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

    def assertRefused(self, function, message):
        with self.subTest(message), self.assertRaises(REFUSALS, msg=message), self.env.cr.savepoint():
            function()
            self.env.flush_all()

    def test_write(self):
        records = {
            "sig.pqrs": self.case, "sig.pqrs.assignment": self.assignment, "sig.pqrs.act": self.case.sudo().act_ids[0],
        }
        for model, record in records.items():
            for user in self.people | self.leader | self.collaborator | self.management:
                own = record.with_user(user)
                for name, value in self.get_protected(model).items():
                    self.assertRefused(
                        lambda own=own, vals={name: value}: own.write(vals), f"{model}.{name} by {user.name}"
                    )

    def test_filing_fields_are_set_once(self):
        for name, value in (
            ("type_id", self.env.ref("sig_pqrs.type_reclamo").id),
            ("channel", "visit"),
            ("date_received", "2026-11-20 12:00:00"),
            ("company_id", self.company.id),
            ("anonymous", True),
            ("identity_reserved", True),
            ("authority_deadline", "2026-12-20 12:00:00"),
        ):
            for user in self.people:
                self.assertRefused(lambda user=user, vals={name: value}: self.case.with_user(user).write(vals), name)

    def test_what_was_petitioned_stands_once_it_is_worked_on(self):
        fresh = self.make_case()
        fresh.description = "Corregido"
        for vals in (
            {"subject": "Otro"},
            {"description": "Otra"},
            {"document_number": "1"},
            {"email_from": "no es correo"},
        ):
            self.assertRefused(lambda vals=vals: self.case.with_user(self.administrator).write(vals), str(vals))
        closed = self.make_closed()
        for vals in ({"response_opening": "<p>x</p>"}, {"resolution": "upheld"}, {"subject": "Otro"}):
            self.assertRefused(lambda vals=vals: closed.with_user(self.administrator).write(vals), str(vals))
        self.assertRefused(lambda: closed.with_user(self.administrator).write({"restricted": True}), "no reason")
        closed.with_user(self.director).write(
            {"site": "Portería norte", "restricted": True, "restriction_reason": "Investigación interna"}
        )

    def test_create(self):
        Pqrs = self.env["sig.pqrs"]
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "phone"}
        count = Pqrs.search_count([])
        for user in self.people:
            for name, value in self.get_protected("sig.pqrs").items():
                own = Pqrs.with_user(user)
                self.assertRefused(lambda own=own, extra={name: value}: own.create({**vals, **extra}), name)
                own = own.with_context(**{f"default_{name}": value})
                self.assertRefused(lambda own=own: own.create(vals), f"default_{name}")
        for channel in ("web", "portal"):
            self.assertRefused(
                lambda channel=channel: Pqrs.with_user(self.director).create({**vals, "channel": channel}), channel
            )
        for user in (self.leader, self.collaborator, self.management, self.employee, self.portal):
            self.assertRefused(lambda user=user: Pqrs.with_user(user).create(vals), user.name)
        self.assertEqual(Pqrs.search_count([]), count)

    def test_create_assignment(self):
        vals = {
            "pqrs_id": self.case.id, "process_id": self.technology.id, "user_id": self.collaborator.id,
            "date_due": "2026-12-01",
        }
        for user in (self.administrator, self.director, self.leader, self.collaborator):
            self.assertRefused(
                lambda user=user: self.env["sig.pqrs.assignment"].with_user(user).create(vals), user.name
            )
            self.assertRefused(
                lambda user=user: self.assignment.with_user(user).copy({"process_id": self.technology.id}), "copy"
            )

    def test_a_case_is_not_duplicated(self):
        for case in (self.make_case(), self.make_closed()):
            with self.assertRaisesRegex(UserError, "not duplicated"):
                case.with_user(self.director).copy({"channel": "phone"})

    def test_import(self):
        Pqrs = self.env["sig.pqrs"]
        kind = self.env.ref("sig_pqrs.type_queja")
        for user in self.people:
            for name, value in (
                ("state", "Closed"),
                ("date_deadline", "2030-01-01"),
                ("date_answered", "2026-11-24 10:00:00"),
                ("name", "PQRS-2020-00001"),
                ("outcome", "Answered"),
                ("delivery_state", "Sent"),
                ("act_ids/kind", "Closed"),
                ("assignment_ids/state", "Approved"),
                ("uuid", "x"),
                ("act_head", "x"),
                ("days_left", "9"),
            ):
                count = Pqrs.search_count([])
                result = Pqrs.with_user(user).load(["subject", "type_id/.id", name], [["Ronda", str(kind.id), value]])
                self.assertFalse(result["ids"], f"{name} was imported")
                self.assertTrue(result["messages"])
                self.assertEqual(Pqrs.search_count([]), count)
                result = Pqrs.with_user(user).load([".id", name], [[str(self.case.id), value]])
                self.assertFalse(result["ids"], f"{name} was overwritten")
        result = Pqrs.with_user(self.director).load(["subject", "type_id/.id"], [["Ronda", str(kind.id)]])
        self.assertEqual(Pqrs.browse(result["ids"]).state, "received")

    def test_defaults_of_a_user(self):
        """Anybody may keep defaults: they fill in nothing that only a step may write."""
        Default = self.env["ir.default"].with_user(self.director)
        for model, name, value in (
            ("sig.pqrs", "state", "closed"),
            ("sig.pqrs", "outcome", "answered"),
            ("sig.pqrs", "date_answered", "2026-11-24 10:00:00"),
            ("sig.pqrs", "delivery_state", "sent"),
            ("sig.pqrs", "uuid", "x"),
            ("sig.pqrs.assignment", "state", "approved"),
            ("sig.pqrs.assignment", "approved_by_id", self.leader.id),
            ("sig.pqrs.assignment", "active", False),
            ("sig.pqrs.act", "company_id", 999),
            ("mail.mail", "state", "sent"),
        ):
            Default.set(model, name, value, user_id=self.director.id)
        case = self.make_case(email_from="ana@example.com")
        self.assertEqual(
            (case.state, case.outcome, case.delivery_state, case.date_answered), ("received", False, "none", False)
        )
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
        self.assertEqual(self.kinds(case), ["received", "assigned"])
        self.assertEqual(case.sudo().act_ids.company_id, self.company)
        self.assertChain(case)

    def test_context_does_not_send_the_answer(self):
        """A mail born as sent would close the case without leaving."""
        case = self.make_approved(email_from="ana@example.com")
        with patch.object(self.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")):
            case.with_user(self.director).with_context(
                default_state="sent", default_email_cc="x@example.com"
            ).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertNotEqual(mail.email_cc, "x@example.com")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))


@freeze_time("2026-11-24 15:00:00")
class TestTalkAndRating(SigCommon):
    """On a case only the SIG speaks; the client never follows it, and rates alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(email_from="ana@example.com")
        cls.assignment = cls.make_assignment(cls.case)

    def test_message_on_a_case(self):
        vals = {"model": "sig.pqrs", "res_id": self.case.id, "body": "x", "message_type": "comment"}
        for user in (
            self.collaborator, self.leader, self.deputy, self.management, self.other_collaborator, self.interviewer,
            self.employee, self.portal,
        ):
            count = len(self.case.sudo().message_ids)
            for post in (
                lambda user=user: self.case.with_user(user).message_post(body="x"),
                lambda user=user: self.case.with_user(user).message_post(body="x", partner_ids=self.contact.ids),
                lambda user=user: self.env["mail.message"].with_user(user).create(vals),
                lambda user=user: self.case.with_user(user).message_subscribe(self.contact.ids),
            ):
                with self.assertRaises(UserError, msg=user.name), self.env.cr.savepoint():
                    post()
            self.env.invalidate_all()
            self.assertEqual(len(self.case.sudo().message_ids), count)
        self.case.with_user(self.director).message_post(body="Nota de la SIG")
        self.assignment.with_user(self.collaborator).message_post(body="Charla del borrador")
        with self.assertRaises(AccessError):
            self.assignment.with_user(self.management).message_post(body="x")

    def test_rating_is_the_clients(self):
        self.builder.draft(self.assignment)
        self.builder.approve(self.assignment)
        case = self.builder.send(self.case)
        token = case.sudo()._rating_get_access_token()
        rating = self.env["rating.rating"].sudo().search([("access_token", "=", token)])
        self.assertEqual(rating.res_id, case.id)
        for user in (self.administrator, self.director, self.leader, self.collaborator, self.employee):
            Rating = self.env["rating.rating"].with_user(user)
            self.assertFalse(Rating.search([("res_model", "=", "sig.pqrs")]))
            for attempt in (
                lambda rating=rating, user=user: rating.sudo(False).with_user(user).read(["access_token"]),
                lambda rating=rating, user=user: (
                    rating.sudo(False).with_user(user).write({"rating": 5, "consumed": True})
                ),
                lambda Rating=Rating: Rating.create({
                    "res_model_id": self.env["ir.model"]._get_id("sig.pqrs"), "res_id": case.id, "rating": 5,
                    "consumed": True,
                }),
                lambda user=user: case.with_user(user).rating_apply(5, token=token),
                lambda user=user: case.with_user(user).write({"rating_last_value": 5}),
                lambda user=user: case.with_user(user).write({"rating_value": 5}),
                lambda user=user: self.client_step(case.with_user(user).sudo(), "rate", 5, "x", rating=case._get_rating_by_token(token)),
            ):
                self.env.invalidate_all()
                with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                    attempt()
        case.with_user(self.director).message_post(body="x", rating_value=5)
        self.assertEqual(
            self.env["rating.rating"].sudo().search_count([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id)]), 1
        )
        self.assertEqual((case.rating_state, case.rating_value, case.sudo().rating_count), ("asked", 0, 0))


@freeze_time("2026-11-24 15:00:00")
class TestContact(SigCommon):
    """Who asks, and where they are answered, changes with an act that is bound to what it was and became."""

    def test_another_petitioner(self):
        ana, other = self.env["res.partner"].create(
            [{"name": "Ana", "email": "ana@example.com"}, {"name": "Otro", "email": "otro@example.com"}]
        )
        case = self.make_case(partner_id=ana.id)
        quiet = self.as_director(case).with_context(tracking_disable=True)
        quiet.write({"partner_id": other.id, "email_from": "otro@example.com"})
        act = case.act_ids.sorted("number")[-1]
        self.assertEqual((act.kind, act.user_id), ("contact_corrected", self.director))
        self.assertEqual(len({act.data["before"], act.data["after"]}), 2)
        self.assertNotIn("otro@example.com", str(act.data) + (act.note or ""))
        self.assertIn("ana@example.com → otro@example.com", case.message_ids.sorted("id")[-1].body)
        self.assertFalse(self.env["sig.pqrs.act"]._verify(case))

    def test_client_of_a_closed_case(self):
        case = self.builder.send(self.builder.answer(self.make_case(), self.operations))
        self.as_director(case).client_id = self.env["res.partner"].create({"name": "Otro", "is_company": True})
        self.assertEqual(case.act_ids.sorted("number")[-1].kind, "contact_corrected")

    def test_what_stays_is_no_act(self):
        case = self.make_case(email_from="ana@example.com")
        before = len(case.act_ids)
        self.as_director(case).write({"email_from": "ana@example.com", "priority": "1"})
        self.assertEqual(len(case.act_ids), before)


@freeze_time("2026-11-24 15:00:00")
class TestAsked(SigCommon):
    """What a step asks of somebody is theirs to attend to, and the SIG's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls.make_assignment(cls.make_case())
        cls.assignment.with_user(cls.collaborator).response = "<p>Se revisó</p>"
        cls.assignment.with_user(cls.collaborator).action_submit()
        cls.asked = cls.assignment.sudo().activity_ids.filtered(lambda activity: activity.user_id == cls.leader)

    def test_nobody_else_takes_it_away(self):
        theirs = self.asked.with_user(self.collaborator)
        for attempt in (
            theirs.unlink, theirs.action_done, theirs.action_archive,
            lambda: theirs.write({"date_deadline": "2027-12-31"}),
            lambda: theirs.write({"user_id": self.collaborator.id}),
        ):
            with self.subTest(attempt=attempt), self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        self.assertTrue(self.asked.exists().active)

    def test_they_and_the_sig(self):
        self.asked.with_user(self.leader).write({"date_deadline": "2026-12-01"})
        self.asked.with_user(self.director).unlink()
        self.assertFalse(self.asked.exists())
