from functools import partial

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import SigCommon, freeze_time


class TestAuthority(SigCommon):
    """The requirement of an authority: its copy, and its date and hour where people look."""

    languages = ("en_US",)

    def make_requirement(self, **vals):
        return self.make_case(type="autoridad", authority_deadline="2026-12-01 21:30:00", **vals).with_user(self.director)

    def attach(self, case):
        case.write({"attachment_ids": [(0, 0, {"name": "oficio.pdf", "raw": b"%PDF"})]})

    def test_not_assigned_without_its_copy(self):
        case = self.make_requirement()
        assign = partial(case.action_assign, [{"process_id": self.operations.id}])
        self.assertEachRaises(UserError, assign, said="attach a copy of the requirement")
        self.assertEqual((case.state, self.kinds(case)), ("received", ["received"]))
        warned = [any("Attach a copy" in warning["text"] for warning in case.warnings)]
        self.attach(case)
        self.assertEqual([*warned, any("Attach a copy" in warning["text"] for warning in case.warnings)], [True, False])
        assign()
        self.assertEqual(case.state, "assigned")

    def test_reclassified_while_it_is_worked_on(self):
        case = self.make_assignment().pqrs_id.with_user(self.director)
        case.action_reclassify(self.env.ref("sig_pqrs.type_autoridad").id, "Es un juzgado", authority_deadline="2026-12-01 21:30:00")
        assign = partial(case.action_assign, [{"process_id": self.technology.id}])
        self.assertEachRaises(UserError, assign, said="attach a copy")
        self.attach(case)
        self.assertEachRaises(UserError, lambda: case.write({"attachment_ids": [(5, 0, 0)]}))
        assign()
        self.assertEqual(len(case.assignment_ids), 2)

    def test_date_and_hour_in_local_time(self):
        self.director.tz = "Europe/Madrid"
        case = self.make_requirement()
        text = case._format_authority_deadline()
        self.assertHolds(text, "December 1, 2026", "4:30")
        self.assertIn("4:30", str(case.term_explanation))
        self.assertIn("4:30", str(case.message_ids[0].body), "what the filing says")
        self.attach(case)
        mails = self.env["mail.mail"].search([])
        assignment = self.make_assignment(case)
        mail = self.env["mail.mail"].search([]) - mails
        self.assertIn("4:30", mail.body_html, "what its drafters are told")
        self.assertIn(text, dict(assignment.with_user(self.collaborator).brief["facts"]).values())
        self.assertFalse(self.make_case()._format_authority_deadline())

    def test_the_mails_say_by_when(self):
        """Until the hour that the authority set, and once it has passed, that it has."""
        self.contact.lang = "en_US"
        case, notices = self.make_requirement().sudo(), self.env["sig.client.notice"].sudo()
        for day, *told in (
            ("2026-11-24 15:00:00", "We will answer by December 1, 2026", "4:30"),
            ("2026-12-01 21:31:00", "The term to answer ended on December 1, 2026", "4:30"),
        ):
            with freeze_time(day):
                for purpose in ("acknowledgement", "new_date"):
                    self.assertHolds(notices._preview(case, purpose, "")["body_html"], *told)

    def make_answered(self):
        case = self.make_requirement()
        case.legal_risk = False
        self.attach(case)
        self.builder.answer(case, self.operations)
        case.write({"response_opening": "<p>Respondemos su oficio.</p>", "response_closing": "<p>Atentamente,</p>"})
        return case

    def open(self, model, case, **context):
        context = {"default_pqrs_id": case.id, **context}
        return Form(self.env[model].with_user(self.director).with_context(**context))

    def test_hour_of_the_delivery_stays(self):
        """It is due at 21:30."""
        for recorded, said, kept, state in (
            ("2026-12-01 21:29:00", False, "2026-12-01 21:29:00", "answered_on_time"),
            ("2026-12-01 22:30:00", "2026-12-01 21:29:00", "2026-12-01 21:29:00", "answered_on_time"),
            ("2026-12-01 22:30:00", "2026-12-01 21:31:00", "2026-12-01 21:31:00", "answered_late"),
            ("2026-12-01 22:30:00", "2026-12-01 23:00:00", "2026-12-01 22:30:00", "answered_late"),
            ("2026-12-01 22:30:00", "2026-12-01", "2026-12-01 22:30:00", "answered_late"),
            ("2026-12-02 15:00:00", "2026-12-01 21:00:00", "2026-12-01 21:00:00", "answered_on_time"),
        ):
            case = self.make_answered()
            with self.subTest(recorded=recorded, said=said), freeze_time(recorded):
                case.action_send_response(delivery="hand", date=said, received_by="Secretaría")
                self.assertEqual((str(case.date_answered), case.deadline_state), (kept, state))

    def test_day_alone_is_no_hour(self):
        case = self.make_answered()
        with freeze_time("2026-12-02 15:00:00"):
            send = partial(case.action_send_response, delivery="hand", date="2026-12-01", received_by="Secretaría")
            self.assertEachRaises(UserError, send, said="Write the hour")
        self.assertEqual(case.state, "approved")

    def test_the_dialog_asks_for_the_hour(self):
        case = self.make_answered()
        with freeze_time("2026-12-01 22:30:00"):
            form = self.open("sig.pqrs.send.wizard", case)
            form.delivery = "hand"
            form.save().action_send()
            self.assertEqual(case.delivery_state, "pending")
            form = self.open("sig.pqrs.notify.wizard", case)
            form.received_by = "Secretaría"
            self.assertEachRaises(AssertionError, form.save, said="moment")
            form.moment = "2026-12-01 21:00:00"
            form.save().action_confirm()
        self.assertEqual((case.state, case.deadline_state), ("closed", "answered_on_time"))
