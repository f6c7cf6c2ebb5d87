from functools import partial
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import SigCommon, date, freeze_time


class NoticeCommon(SigCommon):
    activity_type = "sig_pqrs.activity_notify"

    def make_unaddressed(self, **vals):
        return self.make_case(partner_id=False, partner_name="Sin correo", **vals)

    def told(self, cases, purpose):
        return cases.communication_ids.filtered(lambda each: each.purpose == purpose)

    def extend(self, case, days=5):
        self.as_director(case).action_extend(days, "Faltan registros")
        return self.told(case, "extension")

    def attach(self, **vals):
        return self.env["ir.attachment"].with_user(self.director).create({"name": "firma.pdf", "raw": b"%PDF", **vals})


class TestNotice(NoticeCommon):
    """What the petitioner must be told: by mail it proves itself, by any other way it waits for its proof."""

    def test_mail_is_queued_and_leaves(self):
        case = self.make_case()
        notice = self.extend(case)
        self.assertEqual((notice.purpose, notice.state, notice.medium), ("extension", "queued", "email"))
        self.assertEqual((notice.date_due, notice.date_expiry), (date(2026, 12, 16), date(2026, 12, 16)))
        self.assertFalse(case.to_notify, "nobody has to do anything")
        self.assertFalse(self.activities(case))
        sent = self.catch_mails()
        notice.sudo().mail_id.send()
        self.assertEqual((len(sent), notice.state, str(notice.date)), (1, "sent", "2026-11-24 15:00:00"))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data["notice"], act.data["medium"]), ("notified", "extension", "email"))
        self.assertEqual([id_ for id_, _commitment in act.data["messages"]], notice.sudo().mail_id.mail_message_id.ids)
        self.assertEqual(case.sudo()._get_extension()._get_extension_state(), "told")
        self.assertChain(case)

    def test_what_another_type_does_not_have_is_told_to_nobody(self):
        case = self.make_case()
        notice = self.extend(case)
        notice.sudo()._fail("Buzón lleno")
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_felicitacion").id, "Agradece")
        self.assertEqual((notice.state, case.to_notify, case._get_extension()), ("void", "", notice.browse()))
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_queja").id, "Es una queja")
        self.assertEqual((notice.state, case.to_notify), ("failed", "Extension"), "its type has it again")
        notice.sudo()._record_sent()
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_felicitacion").id, "Agradece")
        notice.sudo()._fail("Buzón lleno")
        self.assertEqual((notice.state, case.to_notify), ("void", ""))

    def test_mail_that_fails_is_sent_again(self):
        case = self.make_case()
        notice = self.extend(case)
        notice.sudo()._fail("Buzón lleno")
        self.assertEqual((notice.state, case.act_ids[-1].data), ("failed", {"notice": "extension"}))
        self.assertEqual((self.activities(case).user_id, case.to_notify), (self.director, "Extension"))
        self.as_director(notice).action_send_again()
        self.assertEqual(notice.state, "queued")
        self.assertFalse(self.activities(case))
        self.catch_mails()
        notice.sudo().mail_id.send()
        self.assertEqual(notice.state, "sent")
        self.assertChain(case)

    def test_searched_by_the_day_of_its_company(self):
        case = self.make_case()
        notice = self.extend(case).sudo()
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.company.sig_tz = "Pacific/Kiritimati"  # there it is the 25th
        notice.write({"state": "failed", "date_expiry": "2026-11-24"})
        companies = self.env(context={**self.env.context, "allowed_company_ids": [other.id, self.company.id]})
        self.reload()
        self.assertEqual(case.with_env(companies).sudo()._get_extension()._get_extension_state(), "unprotected")

    def test_to_notify_is_searched_as_it_shows(self):
        silent, queued, told = self.make_unaddressed(), self.make_case(), self.make_unaddressed()
        self.extend(silent | queued | told)
        self.as_director(told.communication_ids).action_register_delivery("phone", received_by="Ana Ruiz")
        by_mail = self.make_approved()
        self.as_director(by_mail).action_send_response()
        by_letter = self.make_approved()
        self.as_director(by_letter).action_send_response(delivery="letter")
        cases = silent | queued | told | by_mail | by_letter
        found = self.env["sig.pqrs"].with_user(self.director).search([("to_notify", "!=", False), ("id", "in", cases.ids)])
        self.assertEqual((found, set(found)), (cases.filtered("to_notify").sorted(), {silent, by_letter}))
        others = self.env["sig.pqrs"].search([("to_notify", "=", False), ("id", "in", cases.ids)])
        self.assertEqual(set(others), set(queued | told | by_mail))

    def test_without_mail_it_waits_for_its_proof(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        self.assertEqual((notice.state, notice.medium), ("draft", "letter"))
        self.assertEqual((case.to_notify, case.notify_by), ("Extension", date(2026, 12, 16)))
        activity = self.activities(case)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.director, date(2026, 12, 16)))
        self.assertIn("Extension", activity.summary)
        proof = self.attach()
        with freeze_time("2026-11-26 15:00:00"):
            self.as_director(notice).action_register_delivery(
                "letter", date="2026-11-25", proof=proof.ids, reference="Guía 123", received_by="Ana Ruiz"
            )
        self.assertEqual((notice.state, notice.medium, notice.reference), ("delivered", "letter", "Guía 123"))
        self.assertEqual(notice.sudo().received_by, "Ana Ruiz")
        self.assertEqual((proof.res_model, proof.res_id), ("sig.pqrs.communication", notice.id))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note, act.data["proof"]), ("notified", "Guía 123", [proof.checksum]))
        self.assertNotIn("Ana", str(act.data), "who received it is bound, not told")
        self.assertEqual(self.company._sig_local_date(act.date), date(2026, 11, 25))
        self.assertFalse(self.activities(case) or case.to_notify)
        self.assertEqual(case.sudo()._get_extension()._get_extension_state(), "told")
        self.assertChain(case)

    def test_other_notices_are_due_the_same_business_day(self):
        case = self.make_unaddressed()
        with freeze_time("2026-11-28 15:00:00"):  # a Saturday
            self.as_director(case).action_request_information("La fecha de los hechos")
        notice = case.communication_ids
        self.assertEqual((notice.purpose, notice.date_due, notice.date_expiry), ("requirement", date(2026, 11, 30), False))

    def test_a_date_that_did_not_change_is_not_told(self):
        case = self.make_case()
        day = case.date_deadline
        self.as_director(case).action_request_information("La fecha")
        self.as_director(case).action_register_completion()
        self.assertEqual(case.date_deadline, day, "suspended on one day alone")
        self.assertFalse(case.date_notice_pending)
        silent = self.make_unaddressed()
        self.as_director(silent).action_request_information("La fecha")
        self.as_director(silent).action_register_completion()
        self.assertFalse(silent.communication_ids.filtered(lambda notice: notice.purpose == "new_date"))
        stranger = self.make_unfiled().with_user(self.director)
        stranger.action_file()
        stranger.action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        self.run_cron("sig_pqrs.cron_notices")
        self.assertEqual(stranger.communication_ids.mapped("purpose"), ["acknowledgement"], "no date was told before")

    def test_a_notice_that_fails_stops_no_other(self):
        broken, case = self.make_case(), self.make_case()
        with self.breaks_on(broken, "sig.client.notice", "_queue"):
            self.run_cron("sig_pqrs.cron_notices")
        self.assertEqual((broken | case).mapped("acknowledgement_pending"), [True, False])

    def test_a_change_that_is_taken_back_is_told_no_more(self):
        """What counts is the date that the petitioner was told, not that of yesterday."""
        case, silent = self.make_case(), self.make_unaddressed()
        both, day = case | silent, case.date_deadline
        self.builder.acknowledge(case)
        holiday = self.env["sig.nonworking.day"].create({"name": "Cierre", "date": "2026-12-01"})
        self.assertTrue(case.date_notice_pending)
        self.run_cron("sig_pqrs.cron_notices")
        new_dates = both.communication_ids.filtered(lambda notice: notice.purpose == "new_date")
        self.assertEqual((new_dates.mapped("state"), set(new_dates.mapped("date_told"))), (["queued", "draft"], {case.date_deadline}))
        holiday.unlink()
        self.assertEqual((case.date_deadline, new_dates.mapped("state")), (day, ["void", "void"]), "they know the date that holds again")
        self.env["sig.nonworking.day"].create({"name": "Cierre", "date": "2026-12-01"})
        self.run_cron("sig_pqrs.cron_notices")
        told = case.communication_ids.filtered(lambda notice: notice.state == "queued" and notice.purpose == "new_date")
        self.catch_mails()
        told.sudo().mail_id.send()
        self.assertEqual(told.state, "sent")
        self.env["sig.client.notice"]._queue_dates(case)
        self.assertFalse(case.date_notice_pending, "it was told")
        self.env["sig.nonworking.day"].create({"name": "Cierre", "date": "2026-12-02"})
        self.as_director(case).action_withdraw("Lo pidió")
        self.run_cron("sig_pqrs.cron_notices")
        self.assertNotIn("queued", self.told(case, "new_date").mapped("state"), "it ended before it was told")

    def test_a_term_that_does_not_run_has_no_date_to_tell(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.contact.lang = "en_US"
        case = self.make_case()
        self.as_director(case).action_request_information("La fecha")
        mail = self.extend(case).sudo().mail_id
        self.assertIn("They do not run until we have all that we asked you for.", mail.body_html)
        self.assertNotIn("has changed", mail.body_html)

    def test_new_date_replaces_one_never_told(self):
        case = self.make_unaddressed()
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        first = case.communication_ids
        authority = self.env.ref("sig_pqrs.type_autoridad").id
        self.as_director(case).action_reclassify(authority, "Es de una autoridad", "2026-12-11 15:00:00")
        self.assertEqual((first.state, (case.communication_ids - first).state, case.to_notify), ("void", "draft", "New date of the answer"))
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Es un reclamo")
        self.assertFalse(case.to_notify, "it is that which was told first")

    def test_anonymous_is_told_by_publication(self):
        notice = self.extend(self.make_anonymous())
        self.assertEqual((notice.state, notice.medium), ("draft", "publication"))
        self.as_director(notice).action_register_delivery("publication", reference="Cartelera de la portería")
        self.assertEqual(notice.state, "delivered")
        other = self.extend(self.make_unaddressed())
        publish = partial(self.as_director(other).action_register_delivery, "publication", reference="Cartelera")
        self.assertEachRaises(UserError, publish)

    def test_bad_registrations(self):
        case = self.make_unaddressed()
        notice = self.as_director(self.extend(case))
        other_case = self.make_case()
        before = self.kinds(case)
        foreign = self.attach(res_model="sig.pqrs", res_id=other_case.id)
        hidden = self.env["ir.attachment"].create({"name": "x.pdf", "raw": b"x"})
        by_letter = partial(notice.action_register_delivery, "letter")
        self.assertEachRaises(
            UserError, by_letter, *(partial(by_letter, reference=reference) for reference in ("   ", 7)),
            *(partial(by_letter, reference="x", date=day) for day in ("2026-11-25", "2026-11-23", "mañana")),
            *(partial(by_letter, proof=proof) for proof in (hidden.ids, [999999999])),
            lambda: notice.action_register_delivery("pigeon", reference="x"),
        )
        self.assertEqual((notice.state, self.kinds(case)), ("draft", before))
        self.assertEqual((foreign.res_model, foreign.res_id), ("sig.pqrs", other_case.id))
        by_letter(proof=foreign.ids)
        self.assertNotIn(foreign, notice.proof_ids, "the proof is a copy of the notice's own")
        self.assertEachRaises(UserError, lambda: notice.action_register_delivery("phone", received_by="Ana Ruiz"))
        self.assertEqual(len(self.kinds(case)), len(before) + 1)

    def test_answer_that_comes_back_leaves_the_notices_to_tell(self):
        case = self.make_unaddressed()
        extension = self.extend(case, 4)
        self.as_director(extension).action_register_delivery("letter", reference="Guía 1")
        self.as_director(extension).action_register_return("Dirección errada")
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        replaced = case.communication_ids - extension
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Es un reclamo")
        new_date = case.communication_ids - extension - replaced
        self.make_approved(case)
        for _time in range(2):
            self.as_director(case).action_send_response(delivery="letter", reference="Guía 2")
            self.assertEqual((extension | new_date | replaced).mapped("state"), ["void"] * 3)
            self.assertFalse(self.activities(case))
            self.as_director(case).delivery_id.action_register_return("Dirección errada")
            self.assertEqual((extension.state, new_date.state, replaced.state), ("returned", "draft", "void"))
            self.assertEqual(case.to_notify, "Extension, New date of the answer, Answer")
            self.assertIn("Extension", self.activities(case).summary)
        self.assertChain(case)

    def test_end_that_is_undone_leaves_the_notices_to_tell(self):
        steps = {"transfer": ("Policía", "Es de su competencia"), "withdraw": ("Lo pidió",), "cancel": ("spam", "Oferta")}
        for step, arguments in steps.items():
            with self.subTest(step=step):
                case = self.make_unaddressed()
                self.as_director(case).action_request_information("La fecha")
                required = case.communication_ids
                extension = self.extend(case)
                getattr(self.as_director(case), f"action_{step}")(*arguments)
                ending = case.communication_ids - required - extension - case._get_forwardings()
                self.assertEqual((required.state, extension.state, ending.state), ("void", "void", "draft"))
                self.as_director(case).action_reopen("Se revisó otra vez", "resume")
                self.assertEqual((required.state, extension.state, ending.state), ("draft", "draft", "void"))
                self.assertEqual(case.to_notify, "Requirement of information, Extension, Reopening")
                self.assertChain(case)

    def test_requirement_that_was_completed_does_not_come_back(self):
        for told in (False, True):
            case = self.make_case().with_user(self.director) if told else self.as_director(self.make_unaddressed())
            case.action_request_information("La fecha")
            required = self.told(case, "requirement")
            with freeze_time("2026-11-26 15:00:00"):
                self.builder.tell(case)
                case.action_register_completion()
                if told:
                    required.sudo()._fail("Buzón lleno")
                    self.assertFalse(case.to_notify)
                case.action_withdraw("Lo pidió")
                case.action_reopen("Se retractó", "resume")
            self.assertEqual((required.state, case.to_notify), ("void", "" if told else "Reopening"))

    def test_extension_told_on_the_last_day_or_later(self):
        for moment, before, after in (
            ("2026-12-17 04:30:00", "untold", "told"),  # 23:30 of the 16th in Bogotá
            ("2026-12-17 15:00:00", "unprotected", "unprotected"),
        ):
            case = self.make_unaddressed()
            notice, deadline = self.extend(case), case.date_deadline
            self.assertEqual(case.sudo()._get_extension()._get_extension_state(), "untold")
            with self.subTest(moment), freeze_time(moment):
                self.env.invalidate_all()
                self.assertEqual(case.sudo()._get_extension()._get_extension_state(), before)
                self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
                self.assertEqual((case.sudo()._get_extension()._get_extension_state(), notice.told_late), (after, after == "unprotected"))
            self.assertEqual(case.date_deadline, deadline, "the act extends the term; the risk is shown beside it")

    def test_a_suspension_moves_the_day_until_which_an_extension_protects(self):
        for steps in (("extend", "require"), ("require", "extend")):
            case = self.make_unaddressed()
            for step in steps:
                self.extend(case) if step == "extend" else self.as_director(case).action_request_information("La fecha")
            notice = self.told(case, "extension")
            with freeze_time("2026-12-22 15:00:00"):
                with self.undone():
                    self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
                    self.assertFalse(notice.told_late, "the term does not run")
                    self.as_director(case).action_register_completion()
                    notice.sudo()._fail("Buzón lleno")
                    self.assertEqual((notice.date_expiry, notice.date_due), (date(2027, 1, 15), date(2027, 1, 15)))
                self.as_director(case).action_register_completion()
            self.assertEqual((notice.date_expiry, notice.date_due), (date(2027, 1, 15), date(2027, 1, 15)))

    def test_a_day_off_moves_that_of_many_at_once(self):
        days = iter(("2026-12-02", "2026-12-03", "2026-12-04"))

        def prepare(count):
            self.extend(self.env["sig.pqrs"].union(*(self.make_unaddressed() for _number in range(count))))
            return next(days)

        self.assertFlat(prepare, lambda day: self.env["sig.nonworking.day"].create({"name": "Cierre", "date": day}))

    def test_rights(self):
        case = self.make_unaddressed()
        self.make_assignment(case)
        notice = self.extend(case)
        self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
        self.as_director(case).action_request_information("La fecha")
        other = self.told(case, "requirement")
        self.reload()
        for user in (self.leader, self.collaborator, self.management, self.director, self.administrator):
            other.with_user(user).read(["purpose", "state", "date"])
            self.assertDenied(
                other, user, lambda own: own.write({"state": "delivered"}), lambda own: own.unlink(),
                lambda own: own.create({"pqrs_id": case.id, "purpose": "extension"}), error=UserError,
            )
        readers = self.leader | self.collaborator | self.management
        hidden = ("reference", "received_by", "proof_ids", "mail_id")
        self.assertDenied(notice, readers, *(lambda own, fname=fname: own.read([fname]) for fname in hidden))
        self.assertDenied(other, readers, lambda own: own.action_register_delivery("phone", received_by="x"), error=UserError)
        others = self.other_leader | self.other_collaborator | self.employee | self.interviewer | self.portal
        self.assertDenied(notice, others, lambda own: own.read(["purpose"]))
        for user in (self.director, self.administrator):
            self.assertEqual(notice.with_user(user).received_by, "Ana Ruiz")

    def test_restricted_case_hides_its_notices(self):
        case = self.make_unaddressed(restricted=True)
        self.make_assignment(case)
        notice = self.extend(case)
        self.reload()
        readers = set()
        for user in (self.director, self.collaborator, self.leader, self.other_leader, self.management, self.employee):
            seen = case.with_user(user).has_access("read")
            self.assertEqual(notice.with_user(user).has_access("read"), seen, user.name)
            readers |= {user} if seen else set()
        self.assertIn(self.director, readers)
        self.assertNotIn(self.management, readers)

    def test_broken_mails_leave_notices_to_tell(self):
        cases = self.builder.file([{"partner_id": self.contact.id}] * 3)
        broken = patch.object(self.registry["mail.template"], "send_mail_batch", side_effect=ValueError("broken"))
        with broken, mute_logger("odoo.addons.sig_pqrs.models.mixin.record_mixin"):
            self.as_director(cases).action_extend(5, "Faltan registros")
        self.assertEqual((set(cases.communication_ids.mapped("state")), len(self.activities(cases))), ({"draft"}, 3))

    def test_many(self):
        def prepare(number):
            notices = self.extend(self.builder.file([{"partner_id": self.contact.id}] * number))
            notices.sudo().mail_id.write({"state": "sent"})
            return notices

        self.assertFlat(prepare, lambda notices: notices.sudo()._record_sent(), more=15)
        self.assertFlat(prepare, lambda notices: self.as_director(notices).action_register_delivery("phone", received_by="Ana"), more=15)


class TestAttempts(NoticeCommon):
    """What was sent stays as it was, whatever follows; and only the attempt that stands closes the case."""

    def send(self, case, **kwargs):
        self.as_director(case).action_send_response(**kwargs)
        return case.sudo().delivery_id

    def refuse(self, attempt, reason="Buzón lleno"):
        attempt.mail_id.write({"state": "exception", "failure_reason": reason})
        attempt._on_mail_done(reason)
        self.assertEqual(attempt.state, "failed")

    def send_after_all(self, mail):
        """An administrator has core send a mail once more."""
        self.catch_mails()
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(mail.state, "sent")

    def bounce(self, mail, address="ana@example.com"):
        case = mail._get_sig_case()
        case.with_context(sig_bounced_message_id=mail.mail_message_id.id)._message_receive_bounce(address, self.contact)

    def test_answer_told_by_phone_after_a_failed_mail(self):
        case = self.make_approved()
        first = self.send(case)
        self.refuse(first)
        self.assertEqual((case.to_notify, case.delivery_state), ("Answer", "failed"))
        second = self.send(case, delivery="phone")
        self.assertEqual((case.to_notify, case.delivery_state), ("Answer", "pending"))
        self.assertEqual(first.mail_id.state, "cancel", "it does not leave beside the call")
        self.as_director(case.delivery_id).action_register_delivery("phone", received_by="Ana Ruiz")
        self.assertEqual((case.state, case.delivery_state, case.to_notify), ("closed", "handed", ""))
        self.assertEqual((first.state, first.failure, first.medium), ("failed", "Buzón lleno", "email"))
        self.assertEqual((second.state, second.received_by), ("delivered", "Ana Ruiz"))
        self.assertFalse(self.activities(case))
        self.assertChain(case)

    def test_mail_of_an_earlier_attempt_that_leaves_after_all(self):
        case = self.make_approved()
        first = self.send(case)
        self.refuse(first)
        second = self.send(case, delivery="letter")
        self.send_after_all(first.mail_id)
        self.assertEqual((first.state, str(first.date)), ("sent", "2026-11-24 15:00:00"))
        self.assertEqual((second.state, case.state, case.delivery_state, case.to_notify), ("draft", "approved", "pending", "Answer"))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data["notice"]), ("notified", "response"))
        self.as_director(case.delivery_id).action_register_delivery("letter", reference="Guía 1")
        self.assertEqual((case.state, case.delivery_state, first.state), ("closed", "handed", "sent"))
        self.assertChain(case)

    def test_bounce_of_an_earlier_attempt_takes_no_earlier_answer_back(self):
        """It is of this round: the answer of the round before was given, and its term with it."""
        case = self.make_approved(type="informacion")
        self.builder.send(case)
        self.as_director(case).action_reopen("Falta un punto", "correction")
        with freeze_time("2026-11-25 15:00:00"):
            self.make_approved(case)
            first = self.send(case)
            self.refuse(first)
            self.send(case, delivery="letter")
            self.send_after_all(first.mail_id)
            self.bounce(first.mail_id)
        self.assertEqual((first.state, case.sudo().act_ids[-1].data["notice"]), ("failed", "response"))
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        with freeze_time("2026-12-14 15:00:00"):
            self.env["sig.silence"]._watch(self.company)
            self.assertEqual(self.get_silence(case), "none")

    def test_bounce_of_what_was_told_since(self):
        case = self.make_case()
        notice = self.extend(case).sudo()
        self.catch_mails()
        notice.mail_id.send()
        for _time in range(2):
            self.bounce(notice.mail_id)
            self.assertEqual((notice.state, case.to_notify), ("failed", "Extension"))
        self.assertEqual(self.kinds(case).count("delivery_failed"), 1)
        self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
        self.bounce(notice.mail_id)
        self.assertEqual((notice.state, case.to_notify), ("delivered", ""))
        told = self.activities(case, "sig_pqrs.activity_sig").mapped("summary")
        self.assertNotIn("The client was not notified", told, "they were")

    def test_bounce_that_names_no_mail_is_of_the_last(self):
        case = self.make_case()
        told = self.extend(case).sudo()
        self.as_director(case).action_request_information("La fecha")
        told |= self.told(case, "requirement").sudo()
        self.catch_mails()
        told.mail_id.send()
        case._message_receive_bounce("ana@example.com", self.contact)
        self.assertEqual(told.mapped("state"), ["sent", "failed"])

    def test_bounce_of_an_address_that_was_corrected_since(self):
        case = self.make_approved()
        attempt = self.send(case)
        self.catch_mails()
        attempt.mail_id.send()
        with freeze_time("2026-11-25 15:00:00"):
            self.as_director(case).action_reopen("Dice que no le llegó", "correction")
            self.as_director(case).email_from = "ana.ruiz@example.com"
            self.bounce(attempt.mail_id)
        self.assertEqual(attempt.state, "failed")
        self.assertEqual(case.sudo().act_ids[-1].data, {"notice": "earlier_response", "answered": "2026-11-24 15:00:00"})

    def test_mail_that_fails_once_the_case_has_ended(self):
        """Nobody tells of its receipt, or of a date, who was answered."""
        case = self.make_approved()
        self.builder.acknowledge(case)
        acknowledged = self.told(case, "acknowledgement")
        extension = self.extend(case)
        self.as_director(case).action_send_response(delivery="hand", received_by="Ana Ruiz")
        self.assertEqual((acknowledged.state, extension.state), ("sent", "queued"))
        (acknowledged | extension).sudo()._fail("Buzón lleno")
        self.assertEqual((acknowledged.state, extension.state, case.to_notify), ("void", "void", ""))
        self.assertFalse(self.activities(case))
        self.as_director(case).action_reopen("Falta un punto", "correction")
        self.assertEqual((acknowledged.state, extension.state), ("failed", "failed"))
        self.assertEqual(case.to_notify, "Acknowledgement of receipt, Extension")
        self.assertChain(case)

    def test_rating_is_not_asked_for_what_is_no_answer_any_more(self):
        case = self.make_approved()
        for step in (
            lambda: self.as_director(case).delivery_id.action_register_return("Dirección errada"),
            lambda: self.as_director(case).action_reopen("Falta un punto"),
        ):
            self.send(case, delivery="letter", reference="Guía 1")
            asked = self.told(case, "rating").sorted("id")[-1:].sudo()
            self.assertEqual(asked.state, "queued")
            step()
            self.assertEqual((asked.state, asked.mail_id.state), ("void", "cancel"))

    def test_what_is_sent_again_takes_its_files_along(self):
        case = self.make_case()
        self.as_director(case).action_write_to_client("Adjuntamos el acta", self.attach(name="acta.pdf").ids)
        message = self.told(case, "message").sudo()
        self.assertEqual(message.mail_id.attachment_ids.mapped("name"), ["acta.pdf"])
        first = message.mail_id
        self.refuse(message)
        self.as_director(message).action_send_again()
        self.assertNotEqual(message.mail_id, first)
        self.assertEqual(message.mail_id.attachment_ids, first.attachment_ids)
        self.assertIn("Adjuntamos el acta", message.mail_id.body_html)

    def test_who_searches_by_what_only_the_sig_reads(self):
        case = self.make_unaddressed()
        self.make_assignment(case)
        self.as_director(self.extend(case)).action_register_delivery("letter", reference="Guía 1", received_by="Ana Ruiz")
        self.reload()
        Pqrs, Communication = self.env["sig.pqrs"], self.env["sig.pqrs.communication"]
        for user in (self.collaborator, self.leader, self.management):
            self.assertTrue(Communication.with_user(user).search([("pqrs_id", "=", case.id)]), user.name)
            for fname in ("reference", "received_by", "failure", "mail_id"):
                self.assertDenied(
                    Pqrs, user, lambda own, fname=fname: own.search([(f"communication_ids.{fname}", "!=", False)]),
                    lambda own, fname=fname: own.search([(f"delivery_id.{fname}", "!=", False)]),
                )
                self.assertDenied(
                    Communication, user, lambda own, fname=fname: own.search([], order=f"{fname}, id"),
                    lambda own, fname=fname: own._read_group([], [fname]),
                )
            self.assertDenied(case, user, lambda own: own.read(["delivery_failure"]))
        self.assertDenied(Communication, self.portal, lambda own: own.search([]))

    def test_what_the_sig_reads_of_a_mail_opens_nothing(self):
        case = self.make_approved()
        self.builder.send(case)
        self.as_director(case).action_write_to_client("Hola")
        self.env["sig.pqrs"].sudo().browse(case.id)._remind_ratings()
        code, token = self.env["sig.tracking"]._derive(case), case.sudo()._rating_get_access_token()
        mails = case.communication_ids.with_user(self.director).filtered("mail_id")
        self.assertEqual(set(mails.mapped("purpose")), {"response", "message", "rating"})
        for communication in mails:
            self.assertTrue(communication.mail_body, communication.purpose)
            for key in (code, token):
                self.assertNotIn(key, communication.mail_body, communication.purpose)
        self.assertTrue(any(code in mail.body_html or token in mail.body_html for mail in mails.sudo().mail_id))
