"""How it is recorded that the petitioner was told: dialog, files of the proof, answer, and what waits for somebody."""
from functools import partial

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import date, freeze_time
from .test_client_steps import ClientCommon
from .test_communication import NoticeCommon


class TestNotifyDialog(NoticeCommon):
    def open(self, case):
        action = self.as_director(case).action_open_notify()
        return Form(self.env[action["res_model"]].with_user(self.director).with_context(**action["context"]))

    def test_all_at_once(self):
        case = self.make_unaddressed(phone="3001234567")
        self.extend(case)
        self.make_approved(case)
        self.as_director(case).action_send_response(delivery="hand")
        self.assertEqual(case.to_notify, "Extension, Answer")
        form = self.open(case)
        self.assertEqual(form.medium, "hand")
        form.received_by = "Portería"
        wizard = form.save()
        wizard.write({"proof_ids": self.attach(), "date": "2026-11-23"})
        self.assertEachRaises(UserError, wizard.action_confirm, said=f"(Answer|Extension) · {case.name}: ")
        wizard.date = "2026-11-24"
        wizard.action_confirm()
        self.assertEqual((case.state, case.delivery_state), ("closed", "handed"))
        told = case.sudo().communication_ids
        self.assertEqual((set(told.mapped("state")), set(told.mapped("received_by"))), ({"delivered"}, {"Portería"}))
        self.assertEqual(len(told.proof_ids), 2, "each has its own copy")
        self.assertEqual([kind for kind in self.kinds(case) if kind in ("notified", "delivered")], ["notified", "delivered"])

    def test_forwarding_is_proved_apart(self):
        """What proves that the petitioner was told proves nothing of who is competent."""
        case = self.make_unaddressed(phone="3001234567")
        self.as_director(case).action_transfer("Policía Nacional", "Es de su competencia")
        forwarding, transfer = self.told(case, "forwarding"), self.told(case, "transfer")
        form = self.open(case)
        self.assertEqual(form.communication_ids.ids, transfer.ids)
        both = self.as_director(forwarding | transfer)
        self.assertEachRaises(UserError, lambda: both.action_register_delivery("letter", reference="Guía 1"))
        form.received_by = "Ana Ruiz"
        form.save().action_confirm()
        self.assertEqual((transfer.state, forwarding.state, case.to_notify), ("delivered", "draft", "Forwarding to who is competent"))
        form = self.open(case)
        self.assertEqual(form.communication_ids.ids, forwarding.ids)
        form.medium, form.reference = "letter", "Oficio 12"
        form.save().action_confirm()
        self.assertEqual((forwarding.state, forwarding.reference, self.kinds(case)[-1]), ("delivered", "Oficio 12", "forwarded"))
        self.assertFalse(case.to_notify or self.activities(case))

    def test_day_of_a_forwarding_that_is_chosen(self):
        """Of an earlier day nobody has said when it left."""
        with freeze_time("2026-11-23 15:00:00"):
            case = self.make_unaddressed(phone="3001234567")
            self.as_director(case).action_transfer("Policía Nacional", "Es de su competencia")
        forwarding, transfer = self.told(case, "forwarding"), self.told(case, "transfer")
        form = self.open(case)
        self.assertEqual(form.date, date(2026, 11, 24))
        form.communication_ids.add(self.as_director(forwarding))
        form.communication_ids.remove(id=transfer.id)
        self.assertFalse(form.date)
        form.communication_ids.add(self.as_director(transfer))
        form.communication_ids.remove(id=forwarding.id)
        self.assertEqual(form.date, date(2026, 11, 24))
        form.date = date(2026, 11, 23)
        form.communication_ids.remove(id=transfer.id)
        self.assertEqual(form.date, date(2026, 11, 23), "what was said stays")

    def test_forwarding_is_not_published(self):
        case = self.make_anonymous()
        self.as_director(case).action_transfer("Policía Nacional", "Es de su competencia")
        forwarding = self.told(case, "forwarding")
        register = self.as_director(forwarding).action_register_delivery
        self.assertEachRaises(UserError, *(partial(register, medium, reference="x") for medium in ("publication", "portal")))
        register("email", reference="Radicado 7")
        self.assertEqual((forwarding.state, forwarding.medium), ("delivered", "email"))

    def test_files_of_dialogs(self):
        """Also of one that was saved because it was confirmed in vain."""
        case = self.make_unaddressed()
        notice = self.as_director(self.extend(case))
        theirs = self.env["sig.pqrs.notify.wizard"].with_user(self.administrator).create({"pqrs_id": case.id, "medium": "letter"})
        of_another = self.env["ir.attachment"].with_user(self.administrator).create(
            {"name": "x.pdf", "raw": b"x", "res_model": theirs._name, "res_id": theirs.id}
        )
        wizard = self.open(case).save()
        self.assertEachRaises(UserError, wizard.action_confirm)
        own = self.attach(res_model=wizard._name, res_id=wizard.id)
        wizard.proof_ids = own.browse([of_another.id, own.id])
        wizard.action_confirm()
        self.assertEqual((own.res_model, own.res_id), (notice._name, notice.id), "what one uploaded is taken")
        self.assertEqual(of_another.res_model, theirs._name, "what somebody else did is copied")
        self.assertEqual(set(notice.proof_ids.mapped("res_id")), {notice.id})
        wizard.unlink()
        self.assertTrue(own.exists(), "it does not go with the dialog")


class TestDelivery(NoticeCommon):
    """How the answer is delivered, with which proof; and the letter that comes back."""

    def test_default_medium(self):
        street = self.env["res.partner"].create({"name": "Con dirección", "street": "Calle 1", "phone": "3001234567"})
        self.portal.partner_id.email = False
        for medium, vals in (
            ("email", {}),
            ("letter", {"response_medium": "letter"}),
            ("publication", {"partner_id": False, "anonymous": True}),
            ("letter", {"partner_id": False, "partner_name": "Sin datos"}),
            ("phone", {"partner_id": False, "partner_name": "Con teléfono", "phone": "3001234567"}),
            ("letter", {"partner_id": street.id}),
            ("email", {"response_medium": "portal"}),
            ("portal", {"partner_id": self.portal.partner_id.id}),
        ):
            with self.subTest(medium=medium, **vals):
                self.assertEqual(self.make_case(**vals)._get_default_medium(), medium)

    def test_delivered_another_way_than_prepared(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        self.assertTrue(self.activities(case), "somebody must deliver it")
        register = self.as_director(case.delivery_id).action_register_delivery
        self.assertEachRaises(UserError, lambda: register("email", proof="x"), lambda: register("hand"))
        register("hand", received_by="Ana Ruiz")
        self.assertEqual((case.delivery_id.medium, case.state, case.delivery_state), ("hand", "closed", "handed"))
        self.assertEqual(self.kinds(case)[-3:], ["delivered", "response_sent", "closed"])
        self.assertFalse(self.activities(case))

    def test_what_came_back_is_told_another_way(self):
        """A letter of notice, and mails of which only a person could read the report; that of the answer too."""
        by_letter, by_mail, answered = self.make_unaddressed(), self.make_case(), self.make_closed()
        self.as_director(self.extend(by_letter)).action_register_delivery("letter", reference="Guía 1")
        self.extend(by_mail).sudo()._record_sent()
        notices = (by_letter.communication_ids, "returned"), (self.told(by_mail, "extension"), "failed"), (answered.delivery_id, "failed")
        for notice, state in notices:
            form = self.open_step(notice, "register_return")
            form.reason = "Dice que no existe"
            if notice.medium == "email":  # of which no day is recorded
                with self.assertRaisesRegex(AssertionError, "invisible field 'date'"):
                    form.date = date(2026, 11, 24)
            form.save().action_confirm()
            self.assertEqual((notice.state, notice.sudo().failure), (state, "Dice que no existe"))
            self.assertTrue(notice.pqrs_id.to_notify)
            self.assertNotIn("register_return", self.as_director(notice).allowed_transitions)
            self.assertChain(notice.pqrs_id)
        self.assertEqual((answered.state, answered.date_answered), ("approved", False))

    def test_letter_returned(self):
        case = self.make_approved()
        proof = {"proof": self.attach().ids, "reference": " Guía 123 ", "received_by": "Ana Ruiz"}
        self.as_director(case).action_send_response(delivery="letter", **proof)
        self.assertEqual((case.state, case.deadline_state), ("closed", "answered_on_time"))
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "delivered")
        self.assertEqual((act.note, case.delivery_id.reference, case.delivery_id.received_by), ("Guía 123", "Guía 123", "Ana Ruiz"))
        self.assertLessEqual({"proof", "received_by", "files", "names"}, set(act.data))
        bad = (("",), ("Dirección errada", "2026-11-23"), ("Dirección errada", "2026-11-30"))
        self.assertEachRaises(UserError, *(partial(self.as_director(case).delivery_id.action_register_return, *arguments) for arguments in bad))
        with freeze_time("2026-11-27 15:00:00"):
            self.as_director(case).delivery_id.action_register_return("Dirección errada", date="2026-11-26")
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("approved", "failed", False))
        self.assertFalse(case.date_answered)
        self.assertEqual(case.sudo().delivery_failure, "Dirección errada")
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data), ("delivery_failed", {"notice": "response", "medium": "letter"}))
        self.assertEqual(self.company._sig_local_date(act.date), date(2026, 11, 26))
        self.assertIn("Answer", case.to_notify)
        self.assertEachRaises(UserError, lambda: self.as_director(case).delivery_id.action_register_return("Otra vez"))
        with freeze_time("2026-11-27 15:00:00"):
            self.as_director(case).action_send_response(delivery="phone", received_by="Ana Ruiz")
        self.assertEqual((case.state, case.delivery_id.reference), ("closed", False))
        self.assertChain(case)


class TestNoticeWatch(NoticeCommon):
    """The daily review reminds of what is due and not told, and follows mails whose fate was not noticed."""

    def test_reminder_and_digest(self):
        case = self.make_unaddressed()
        self.as_director(case).action_request_information("La fecha")
        case.sudo().activity_ids.unlink()
        self.watch("2026-11-25 12:00:00", digests=True)
        self.assertEqual(self.activities(case).user_id, self.director)
        digest = self.env["mail.mail"].search([("subject", "like", "Your PQRS of today")])
        self.assertIn("To notify (1)", digest.filtered(lambda mail: mail.email_to == self.director.email_formatted).subject)
        self.company.sig_watched_on = False
        self.watch("2026-11-25 13:00:00")
        self.assertEqual(len(self.activities(case)), 1)

    def test_extensions_and_answers_are_reminded_of_on_their_last_day(self):
        extended, answered = self.make_unaddressed(), self.make_approved()
        self.extend(extended)
        self.as_director(answered).action_send_response(delivery="letter")
        (extended | answered).sudo().activity_ids.unlink()
        self.watch("2026-12-15 12:00:00")
        self.assertFalse(self.activities(extended) or self.activities(answered))
        self.watch("2026-12-16 12:00:00")
        self.assertTrue(self.activities(extended) and self.activities(answered))

    def test_mails_whose_fate_was_not_noticed(self):
        cases = self.builder.file([{"partner_id": self.contact.id}] * 4)
        self.extend(cases)
        left, cancelled, refused, waiting = (case.communication_ids for case in cases)
        left.sudo().mail_id.state = "sent"
        cancelled.sudo().mail_id.cancel()
        refused.sudo().mail_id.write({"state": "exception", "failure_reason": "Mailbox full"})
        self.watch("2026-11-25 12:00:00")
        self.assertEqual([told.state for told in (left, cancelled, refused, waiting)], ["sent", "failed", "failed", "queued"])
        self.assertEqual((refused.sudo().failure, refused.pqrs_id.to_notify), ("The mail was not sent: Mailbox full", "Extension"))
        self.assertTrue(self.activities(cancelled.pqrs_id))


class TestCancel(NoticeCommon, ClientCommon):
    """Ley 1755 de 2015, art. 15, par. 2: nothing that was filed ends in silence."""

    def cancel(self, case, kind, original=False):
        self.as_director(case).action_cancel(kind, "Es una oferta comercial", duplicate_of=original and original.id)
        notice = case.communication_ids
        self.assertEqual((case.state, notice.purpose, notice.state), ("cancelled", "cancellation", "queued"))
        self.assertIn(case.name, notice.sudo().mail_id.subject)
        self.assertChain(case)
        return notice.sudo().mail_id.body_html

    def test_not_a_petition(self):
        for case in (self.make_own(), self.make_assignment(self.make_own()).pqrs_id, self.make_approved(self.make_own())):
            self.assertIn("Es una oferta comercial", self.cancel(case, "spam"))
            self.assertIn("Es una oferta comercial", str(self.see(case)["messages"]))

    def test_duplicate_is_told_where_it_goes_on(self):
        self.portal.partner_id.lang = "en_US"
        first, again, late = self.make_own(), self.make_own(), self.make_own()
        self.assertIn(f"It goes on under filing number {first.name}.", self.cancel(again, "duplicate", first))
        self.builder.send(self.make_approved(first))
        answered = f"We answered it under filing number {first.name}."
        self.assertIn(answered, self.cancel(late, "duplicate", first))
        self.assertEqual({self.see(case)["story"] for case in (again, late)}, {answered})
        gone, repeated = self.make_own(), self.make_own()
        self.cancel(repeated, "duplicate", gone)
        self.cancel(gone, "spam")
        self.assertEqual(self.see(repeated)["story"], f"How it ended is told under filing number {gone.name}.")

    def test_what_was_never_filed_is_told_nothing(self):
        for step, arguments in (("discard", ("Publicidad",)), ("cancel", ("spam", "Publicidad"))):
            stranger = self.make_unfiled()
            getattr(self.as_director(stranger), f"action_{step}")(*arguments)
            self.assertEqual((stranger.outcome, stranger.communication_ids.ids), ("spam", []))
