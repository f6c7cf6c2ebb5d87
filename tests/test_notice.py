from unittest.mock import patch

from odoo import http
from odoo.addons.sig_pqrs.models.mail_retry import DELAYS
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import SigCommon, date, freeze_time


class NoticeCommon(SigCommon):
    activity_type = "sig_pqrs.activity_notify"

    def make_unaddressed(self, **vals):
        """A case of somebody without email."""
        return self.make_case(partner_id=False, partner_name="Sin correo", **vals)

    def extend(self, case, days=5):
        self.as_director(case).action_extend(days, "Faltan registros")
        return case.notice_ids

    def attach(self, **vals):
        return self.env["ir.attachment"].with_user(self.director).create({"name": "firma.pdf", "raw": b"%PDF", **vals})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
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
        self.assertEqual(len(sent), 1)
        self.assertEqual((notice.state, str(notice.date)), ("sent", "2026-11-24 15:00:00"))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data), ("notified", {"notice": "extension", "medium": "email"}))
        self.assertEqual(case.extension_notice, "told")
        self.assertChain(case)

    def test_mail_server_down(self):
        case = self.make_case()
        notice = self.extend(case)
        mail_server = self.env.registry["ir.mail_server"]
        with (
            patch.object(mail_server, "_disable_send", lambda _self: False),
            patch.object(mail_server, "_connect__", side_effect=OSError("down")),
        ):
            notice.sudo().mail_id.sig_attempts = len(DELAYS)
            notice.sudo().mail_id.send()
        self.assertEqual(notice.state, "failed")
        self.assertEqual(case.act_ids[-1].data, {"notice": "extension"})
        self.assertEqual(self.activities(case).user_id, self.director)
        self.assertEqual(case.to_notify, "Extension")
        self.as_director(notice).action_send_again()
        self.assertEqual(notice.state, "queued")
        self.assertFalse(self.activities(case))
        self.catch_mails()
        notice.sudo().mail_id.send()
        self.assertEqual(notice.state, "sent")
        self.assertChain(case)

    def test_bounce(self):
        case = self.make_case()
        notice = self.extend(case)
        self.catch_mails()
        mail = notice.sudo().mail_id
        mail.send()
        case.with_context(sig_bounced_message_id=mail.mail_message_id.id)._message_receive_bounce(
            "ana@example.com", self.contact
        )
        self.assertEqual((notice.state, notice.date), ("failed", False))
        self.assertEqual(case.extension_notice, "untold")
        self.assertIn(case, self.env["sig.pqrs"].search([("extension_notice", "=", "untold")]))

    def test_to_notify_is_searched_as_it_shows(self):
        silent, queued, told = self.make_unaddressed(), self.make_case(), self.make_unaddressed()
        self.extend(silent | queued | told)
        self.as_director(told.notice_ids).action_register_delivery("phone", received_by="Ana Ruiz")
        by_mail = self.make_approved()
        self.as_director(by_mail).action_send_response()
        by_letter = self.make_approved()
        self.as_director(by_letter).action_send_response(delivery="letter")
        cases = silent | queued | told | by_mail | by_letter
        found = self.env["sig.pqrs"].with_user(self.director).search(
            [("to_notify", "!=", False), ("id", "in", cases.ids)]
        )
        self.assertEqual(found, cases.filtered("to_notify").sorted())
        self.assertEqual(set(found), {silent, by_letter})
        self.assertEqual(
            set(self.env["sig.pqrs"].search([("to_notify", "=", False), ("id", "in", cases.ids)])),
            set(queued | told | by_mail),
        )

    def test_without_mail_it_waits_for_its_proof(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        self.assertEqual((notice.state, notice.medium), ("pending", "letter"))
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
        self.assertEqual((proof.res_model, proof.res_id), ("sig.pqrs.notice", notice.id))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note), ("notified", "Guía 123"))
        self.assertEqual(act.data["proof"], [proof.checksum])
        self.assertNotIn("Ana", str(act.data), "who received it is bound, not told")
        self.assertEqual(self.company._sig_local_date(act.date), date(2026, 11, 25))
        self.assertFalse(self.activities(case))
        self.assertFalse(case.to_notify)
        self.assertEqual(case.extension_notice, "told")
        self.assertChain(case)

    def test_other_notices_are_due_the_same_business_day(self):
        case = self.make_unaddressed()
        with freeze_time("2026-11-28 15:00:00"):  # a Saturday
            self.as_director(case).action_request_information("La fecha de los hechos")
        notice = case.notice_ids
        self.assertEqual((notice.purpose, notice.date_due, notice.date_expiry), ("requirement", date(2026, 11, 30), False))

    def test_transfer_and_withdrawal(self):
        for step, arguments, purpose in (
            ("transfer", ("Policía Nacional", "Es de su competencia"), "transfer"),
            ("withdraw", ("Lo resolvió",), "withdrawal"),
        ):
            case = self.make_unaddressed()
            getattr(self.as_director(case), f"action_{step}")(*arguments)
            self.assertEqual((case.state, case.notice_ids.purpose), ("closed", purpose))
            self.assertEqual(case.notice_ids.text, arguments[-1])
            self.assertTrue(self.activities(case))
            self.assertIn(case, self.env["sig.pqrs"].search([("to_notify", "!=", False)]))

    def test_new_date_replaces_one_never_told(self):
        case = self.make_unaddressed()
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        first = case.notice_ids
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Es un reclamo")
        self.assertEqual((first.state, (case.notice_ids - first).state), ("void", "pending"))
        self.assertEqual(case.to_notify, "New date of the answer")

    def test_anonymous_is_told_by_publication(self):
        case = self.make_anonymous()
        notice = self.extend(case)
        self.assertEqual((notice.state, notice.medium), ("pending", "publication"))
        self.as_director(notice).action_register_delivery("publication", reference="Cartelera de la portería")
        self.assertEqual(notice.state, "delivered")
        other = self.extend(self.make_unaddressed())
        with self.assertRaises(UserError):
            self.as_director(other).action_register_delivery("publication", reference="Cartelera")

    def test_bad_registrations(self):
        case = self.make_unaddressed()
        notice = self.as_director(self.extend(case))
        other_case = self.make_case()
        before = self.kinds(case)
        foreign = self.attach(res_model="sig.pqrs", res_id=other_case.id)
        hidden = self.env["ir.attachment"].create({"name": "x.pdf", "raw": b"x"})
        for arguments in (
            {"medium": "letter"},
            {"medium": "letter", "reference": "   "},
            {"medium": "letter", "reference": 7},
            {"medium": "pigeon", "reference": "x"},
            {"medium": "letter", "reference": "x", "date": "2026-11-25"},
            {"medium": "letter", "reference": "x", "date": "2026-11-23"},
            {"medium": "letter", "reference": "x", "date": "mañana"},
            {"medium": "letter", "proof": foreign.ids},
            {"medium": "letter", "proof": hidden.ids},
            {"medium": "letter", "proof": [999999999]},
        ):
            with self.subTest(**arguments), self.assertRaises(UserError), self.env.cr.savepoint():
                notice.action_register_delivery(**arguments)
        self.assertEqual((notice.state, self.kinds(case)), ("pending", before))
        self.assertEqual((foreign.res_model, foreign.res_id), ("sig.pqrs", other_case.id))
        notice.action_register_delivery("phone", received_by="Ana Ruiz")
        with self.assertRaises(UserError):
            notice.action_register_delivery("phone", received_by="Ana Ruiz")
        self.assertEqual(len(self.kinds(case)), len(before) + 1)

    def test_case_reopened_since(self):
        case = self.make_unaddressed()
        self.as_director(case).action_transfer("Policía Nacional", "Es de su competencia")
        notice = case.notice_ids
        self.as_director(case).action_reopen("Sí es nuestra")
        self.assertEqual(notice.state, "void")
        self.assertFalse(case.to_notify or self.activities(case))
        with self.assertRaises(UserError):
            self.as_director(notice).action_register_delivery("phone", received_by="Ana")

    def test_queued_mail_of_a_reopened_case_does_not_leave(self):
        case = self.make_case()
        self.as_director(case).action_transfer("Policía Nacional", "Es de su competencia")
        mail = case.notice_ids.sudo().mail_id
        self.as_director(case).action_reopen("Sí es nuestra")
        self.assertEqual((case.notice_ids.state, mail.state), ("void", "cancel"))

    def test_answer_delivered_ends_what_was_not_told(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        self.make_approved(case)
        self.as_director(case).action_send_response(delivery="hand", received_by="Ana Ruiz")
        self.assertEqual((case.state, notice.state), ("closed", "void"))
        self.assertFalse(case.to_notify)

    def test_answer_that_comes_back_leaves_the_notices_to_tell(self):
        case = self.make_unaddressed()
        self.as_director(case).action_extend(5, "Faltan registros")
        extension = case.notice_ids
        self.as_director(extension).action_register_delivery("letter", reference="Guía 1")
        self.as_director(extension).action_register_return("Dirección errada")
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        replaced = case.notice_ids - extension
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Es un reclamo")
        new_date = case.notice_ids - extension - replaced
        self.make_approved(case)
        for _time in range(2):
            self.as_director(case).action_send_response(delivery="letter", reference="Guía 2")
            self.assertEqual(case.notice_ids.mapped("state"), ["void"] * 3)
            self.assertFalse(self.activities(case))
            self.as_director(case).action_register_return("Dirección errada")
            self.assertEqual((extension.state, new_date.state, replaced.state), ("failed", "pending", "void"))
            self.assertEqual(case.to_notify, "Extension, New date of the answer, Answer")
            self.assertIn("Extension", self.activities(case).summary)
        self.assertChain(case)

    def test_answer_that_bounces_leaves_the_notices_to_tell(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        self.as_director(case).email_from = "ana@example.com"
        self.make_approved(case)
        self.builder.send(case)
        self.assertEqual((case.state, notice.state), ("closed", "void"))
        case.sudo()._on_mail_failed("response")
        self.assertEqual((case.state, notice.state), ("approved", "pending"))

    def test_end_that_is_undone_leaves_the_notices_to_tell(self):
        for step, arguments in (
            ("transfer", ("Policía Nacional", "Es de su competencia")),
            ("withdraw", ("Lo pidió",)),
            ("cancel", ("spam", "Publicidad")),
        ):
            with self.subTest(step=step):
                case = self.make_unaddressed()
                self.as_director(case).action_request_information("La fecha")
                required = case.notice_ids
                self.as_director(case).action_extend(5, "Faltan registros")
                extension = case.notice_ids - required
                getattr(self.as_director(case), f"action_{step}")(*arguments)
                ending = case.notice_ids - required - extension
                self.assertEqual((required.state, extension.state, ending.state), ("void", "void", "pending"))
                self.as_director(case).action_reopen("Se revisó otra vez")
                self.assertEqual((required.state, extension.state, ending.state), ("pending", "pending", "void"))
                self.assertEqual(case.to_notify, "Requirement of information, Extension")
                self.assertChain(case)

    def test_requirement_that_was_completed_does_not_come_back(self):
        case = self.make_unaddressed()
        self.as_director(case).action_request_information("La fecha")
        required = case.notice_ids
        self.as_director(case).action_register_completion()
        self.as_director(case).action_withdraw("Lo pidió")
        self.as_director(case).action_reopen("Se retractó")
        self.assertEqual(required.state, "void")
        self.assertEqual(case.to_notify, "New date of the answer")

    def test_answer_that_bounces_leaves_the_requirement_to_tell(self):
        """Answered with what there was: while nobody was told what is missing, nobody is late with it."""
        case = self.make_unaddressed()
        self.as_director(case).action_request_information("La fecha")
        required = case.notice_ids
        self.as_director(case).email_from = "ana@example.com"
        self.make_approved(case)
        self.builder.send(case)
        self.assertEqual(required.state, "void")
        case.sudo()._on_mail_failed("response")
        self.assertEqual((required.state, case.suspended), ("pending", True))

    def test_letter_of_a_notice_returned(self):
        case = self.make_unaddressed()
        notice = self.as_director(self.extend(case))
        notice.action_register_delivery("letter", reference="Guía 123")
        with self.assertRaises(UserError):
            notice.action_register_return("")
        notice.action_register_return("Dirección errada")
        self.assertEqual((notice.state, notice.failure), ("failed", "Dirección errada"))
        self.assertEqual(self.kinds(case)[-1], "delivery_failed")
        self.assertEqual(case.to_notify, "Extension")
        notice.action_register_delivery("phone", received_by="Ana Ruiz")
        self.assertEqual(notice.state, "delivered")

    def test_extension_not_told_in_time(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        Pqrs = self.env["sig.pqrs"]
        self.assertEqual((case.extension_notice, case.extension_expiry), ("untold", date(2026, 12, 16)))
        deadline = case.date_deadline
        with freeze_time("2026-12-17 15:00:00"):
            self.env.invalidate_all()
            self.assertEqual(case.extension_notice, "unprotected")
            self.assertIn(case, Pqrs.search([("extension_notice", "=", "unprotected")]))
            self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
            self.assertTrue(notice.told_late)
            self.assertEqual(case.extension_notice, "unprotected")
            self.assertIn(case, Pqrs.search([("extension_notice", "in", ["unprotected"])]))
        self.assertEqual(case.date_deadline, deadline, "the act extends the term; the risk is shown beside it")
        self.assertNotIn(case, Pqrs.search([("extension_notice", "in", ["told", "untold"])]))

    def test_told_on_the_last_day(self):
        case = self.make_unaddressed()
        notice = self.extend(case)
        with freeze_time("2026-12-17 04:30:00"):  # 23:30 of the 16th in Bogotá
            self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
        self.assertEqual(case.extension_notice, "told")

    def test_rights(self):
        case = self.make_unaddressed()
        self.make_assignment(case)
        notice = self.extend(case)
        self.as_director(notice).action_register_delivery("phone", received_by="Ana Ruiz")
        self.reload()
        other = self.extend(self.make_unaddressed())
        for user in (self.leader, self.collaborator, self.management):
            seen = notice.with_user(user)
            seen.read(["purpose", "state", "date"])
            for fname in ("reference", "received_by", "proof_ids", "mail_id"):
                with self.assertRaises(AccessError):
                    seen.read([fname])
            for refused in (
                lambda seen=seen: seen.write({"state": "delivered"}),
                lambda seen=seen: seen.unlink(),
                lambda seen=seen: seen.create({"pqrs_id": case.id, "purpose": "extension"}),
                lambda user=user: other.with_user(user).action_register_delivery("phone", received_by="x"),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    refused()
        for user in (self.other_leader, self.other_collaborator, self.employee, self.interviewer, self.portal):
            with self.assertRaises(AccessError):
                notice.with_user(user).read(["purpose"])
        for user in (self.director, self.administrator):
            for refused in (
                lambda user=user: other.with_user(user).write({"state": "delivered"}),
                lambda user=user: other.with_user(user).unlink(),
                lambda user=user: other.with_user(user).create({"pqrs_id": case.id, "purpose": "extension"}),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    refused()
            self.assertEqual(notice.with_user(user).received_by, "Ana Ruiz")

    def test_restricted_case_hides_its_notices(self):
        """Who reads the case reads its notices, and nobody else."""
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

    def test_reserved_identity(self):
        """The notice of a reserved case leaves as any other, and tells the processes nothing of who asks."""
        case = self.make_case(identity_reserved=True)
        cases = case | self.make_case()
        self.builder.assign(cases, self.operations)
        self.as_director(cases).action_extend(5, "Faltan registros")
        self.catch_mails()
        for notice in cases.notice_ids:
            self.assertEqual(notice.state, "queued")
            notice.sudo().mail_id.send()
            self.assertEqual(notice.state, "sent")
        self.as_director(case).action_request_information("La fecha")
        notice = case.notice_ids.filtered(lambda notice: notice.purpose == "requirement")
        proof = self.attach()
        self.as_director(notice).action_register_delivery("phone", proof=proof.ids, received_by="Ana Ruiz")
        self.reload()
        seen = case.with_user(self.collaborator)
        told = str(seen.act_ids.mapped("note")) + str(seen.message_ids.mapped("body")) + str(seen.act_ids.mapped("data"))
        self.assertNotIn("Ana", told)
        with self.assertRaises(AccessError):
            proof.with_user(self.collaborator).read(["raw"])
        self.assertEqual(proof.with_user(self.director).raw, b"%PDF")
        self.assertChain(case)

    def test_broken_mails_leave_notices_to_tell(self):
        cases = self.builder.file([{"partner_id": self.contact.id}] * 3)
        with patch.object(
            self.env.registry["mail.template"], "send_mail_batch", side_effect=ValueError("broken")
        ), mute_logger("odoo.addons.sig_pqrs.models.case.pqrs_watch"):
            self.as_director(cases).action_extend(5, "Faltan registros")
        self.assertEqual(set(cases.notice_ids.mapped("state")), {"pending"})
        self.assertEqual(len(self.activities(cases)), 3)

    def test_many(self):
        """Notices of hundreds take no query for each, told by mail or another way."""

        def count(number, vals):
            cases = self.builder.file([vals] * number)
            self.reload()
            before = self.env.cr.sql_log_count
            self.as_director(cases).action_extend(5, "Faltan registros")
            self.env.cr.flush()
            return self.env.cr.sql_log_count - before

        for vals in ({"partner_id": self.contact.id}, {"partner_name": "Sin correo", "partner_id": False}):
            count(2, vals)
            few, many = count(5, vals), count(45, vals)
            self.assertLess(many - few, 12, vals)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestNotifyDialog(NoticeCommon):
    """One dialog for all that waits."""

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
        self.assertTrue(form.with_answer)
        self.assertEqual(form.medium, "hand")
        form.received_by = "Portería"
        wizard = form.save()
        wizard.proof_ids = self.attach()
        wizard.action_confirm()
        self.assertEqual((case.state, case.delivery_state), ("closed", "handed"))
        self.assertEqual(case.notice_ids.state, "delivered")
        self.assertEqual(case.delivery_received_by, "Portería")
        self.assertEqual(len(case.delivery_proof_ids | case.notice_ids.proof_ids), 2)

    def test_by_phone(self):
        case = self.make_unaddressed(phone="3001234567")
        self.extend(case)
        form = self.open(case)
        self.assertEqual(form.medium, "phone", "the medium is right without clicks")
        self.assertFalse(form.answer_waits)
        form.answered_by = "Ana Ruiz"
        form.save().action_confirm()
        self.assertEqual((case.notice_ids.medium, case.notice_ids.received_by), ("phone", "Ana Ruiz"))

    def test_files_of_other_dialogs_are_no_proof(self):
        case = self.make_unaddressed()
        notice = self.as_director(self.extend(case))
        theirs = self.env["sig.pqrs.notify.wizard"].with_user(self.administrator).create({"pqrs_id": case.id, "medium": "letter"})
        of_another = self.env["ir.attachment"].with_user(self.administrator).create(
            {"name": "x.pdf", "raw": b"x", "res_model": theirs._name, "res_id": theirs.id}
        )
        message = self.env["mail.compose.message"].with_user(self.director).create({"model": "sig.pqrs", "res_ids": case.ids})
        for attachment in (of_another, self.attach(res_model=message._name, res_id=message.id)):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                notice.action_register_delivery("letter", proof=attachment.ids)

    def test_nothing_chosen(self):
        case = self.make_unaddressed()
        self.extend(case)
        form = self.open(case)
        form.notice_ids.clear()
        with self.assertRaises(UserError):
            form.save().action_confirm()

    def test_answer_that_came_back_is_sent_again(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        case.sudo()._on_mail_failed("response")
        self.assertEqual(self.as_director(case).action_open_notify()["res_model"], "sig.pqrs.send.wizard")


@tagged("post_install", "-at_install")
class TestProofUpload(NoticeCommon, HttpCase):
    def test_proof_uploaded_after_a_refusal(self):
        """The dialog was saved when it was confirmed in vain: what is uploaded next is part of it."""
        case = self.make_unaddressed()
        self.extend(case)
        wizard = Form(
            self.env["sig.pqrs.notify.wizard"].with_user(self.director).with_context(default_pqrs_id=case.id)
        ).save()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            wizard.action_confirm()
        self.authenticate(self.director.login, self.director.login)
        [uploaded] = self.url_open(
            "/web/binary/upload_attachment",
            data={"model": wizard._name, "id": wizard.id, "csrf_token": http.Request.csrf_token(self)},
            files=[("ufile", ("firma.pdf", b"%PDF", "application/pdf"))],
        ).json()
        proof = self.env["ir.attachment"].browse(uploaded["id"])
        self.assertEqual((proof.res_model, proof.res_id), (wizard._name, wizard.id))
        wizard.proof_ids = proof
        wizard.action_confirm()
        self.assertEqual(case.notice_ids.state, "delivered")
        self.assertEqual((proof.res_model, proof.res_id), ("sig.pqrs.notice", case.notice_ids.id))
        wizard.unlink()
        self.assertTrue(proof.exists(), "it does not go with the dialog")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
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

    def test_fields_of_the_proof(self):
        case = self.make_approved()
        proof = self.attach()
        self.as_director(case).action_send_response(
            delivery="letter", proof=proof.ids, reference=" Guía 123 ", received_by="Ana Ruiz"
        )
        self.assertEqual((case.delivery_reference, case.delivery_received_by), ("Guía 123", "Ana Ruiz"))
        self.assertEqual(case.delivery_proof_ids, proof)
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "delivered")
        self.assertEqual(act.note, "Guía 123")
        self.assertEqual(set(act.data), {"proof", "received_by"})
        for fname in ("delivery_received_by", "delivery_reference"):
            with self.assertRaises(AccessError):
                self.reload()
                case.with_user(self.collaborator).read([fname])

    def test_proof_of_another_record(self):
        case, other = self.make_approved(), self.make_case()
        proof = self.attach(res_model="sig.pqrs", res_id=other.id)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.as_director(case).action_send_response(delivery="hand", proof=proof.ids)
        self.assertEqual((case.state, case.delivery_state), ("approved", "none"))
        self.assertEqual(proof.res_id, other.id)

    def test_delivered_another_way_than_prepared(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter")
        self.assertTrue(self.activities(case), "somebody must deliver it")
        with self.assertRaises(UserError):
            self.as_director(case).action_register_delivery(delivery="email", proof="x")
        self.as_director(case).action_register_delivery(delivery="hand", received_by="Ana Ruiz")
        self.assertEqual((case.delivery_medium, case.state), ("hand", "closed"))
        self.assertFalse(self.activities(case))

    def test_publication(self):
        case = self.make_anonymous()
        self.make_approved(case)
        self.as_director(case).action_send_response(delivery="publication")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        self.assertFalse(case.activity_ids)
        named = self.make_approved()
        with self.assertRaises(UserError):
            self.as_director(named).action_send_response(delivery="publication")

    def test_letter_returned(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter", reference="Guía 123")
        self.assertEqual((case.state, case.deadline_state), ("closed", "answered_on_time"))
        for arguments in (
            {"reason": ""},
            {"reason": "Dirección errada", "date": "2026-11-23"},
            {"reason": "Dirección errada", "date": "2026-11-30"},
        ):
            with self.assertRaises(UserError):
                self.as_director(case).action_register_return(**arguments)
        with freeze_time("2026-11-27 15:00:00"):
            self.as_director(case).action_register_return("Dirección errada", date="2026-11-26")
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("approved", "failed", False))
        self.assertFalse(case.date_answered)
        self.assertEqual(case.delivery_failure, "Dirección errada")
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data), ("delivery_failed", {"notice": "response", "medium": "letter"}))
        self.assertEqual(self.company._sig_local_date(act.date), date(2026, 11, 26))
        self.assertIn("Answer", case.to_notify)
        with self.assertRaises(UserError):
            self.as_director(case).action_register_return("Otra vez")
        with freeze_time("2026-11-27 15:00:00"):
            self.as_director(case).action_send_response(delivery="phone", received_by="Ana Ruiz")
        self.assertEqual((case.state, case.delivery_reference), ("closed", False))
        self.assertChain(case)

    def test_only_letters_are_returned(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="hand", received_by="Ana")
        with self.assertRaises(UserError):
            self.as_director(case).action_register_return("Dirección errada")


@tagged("post_install", "-at_install")
class TestNoticeWatch(NoticeCommon):
    """The daily review reminds of what is due and not told, and follows mails whose fate was not noticed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).sig_watch_hour = 23

    def test_reminder_and_digest(self):
        with freeze_time("2026-11-24 15:00:00"):
            case = self.make_unaddressed()
            self.as_director(case).action_request_information("La fecha")
        case.sudo().activity_ids.unlink()
        self.watch("2026-11-25 12:00:00")
        self.assertEqual(self.activities(case).user_id, self.director)
        digest = self.env["mail.mail"].search([("subject", "like", "Your PQRS of today")])
        self.assertIn("1 to notify", digest.filtered(lambda mail: mail.email_to == self.director.email_formatted).subject)
        self.company.sig_watched_on = False
        self.watch("2026-11-25 13:00:00")
        self.assertEqual(len(self.activities(case)), 1)

    def test_extension_is_reminded_on_the_last_day(self):
        with freeze_time("2026-11-24 15:00:00"):
            case = self.make_unaddressed()
            self.extend(case)
        case.sudo().activity_ids.unlink()
        self.watch("2026-12-15 12:00:00")
        self.assertFalse(self.activities(case))
        self.watch("2026-12-16 12:00:00")
        self.assertTrue(self.activities(case))

    def test_mails_whose_fate_was_not_noticed(self):
        with freeze_time("2026-11-24 15:00:00"):
            cases = self.builder.file([{"partner_id": self.contact.id}] * 3)
            notices = self.extend(cases)
        left, cancelled, waiting = (case.notice_ids for case in cases)
        left.sudo().mail_id.state = "sent"
        cancelled.sudo().mail_id.cancel()
        self.watch("2026-11-25 12:00:00")
        self.assertEqual((left.state, cancelled.state, waiting.state), ("sent", "failed", "queued"))
        self.assertEqual(len(notices), 3)
        self.assertTrue(self.activities(cancelled.pqrs_id))

    def test_why_a_mail_failed_is_said_in_words(self):
        mail = self.env["mail.mail"].create({"failure_type": "mail_smtp", "failure_reason": "[Errno 111] Connection refused"})
        mail = mail.with_context(lang="es_CO")
        self.assertEqual(
            mail._sig_get_failure(),
            "Error de conexión (problema del servidor de correo saliente): [Errno 111] Connection refused",
        )
        mail.write({"failure_type": "unknown", "failure_reason": "boom"})
        self.assertEqual(mail._sig_get_failure(), "El correo no salió: boom")
        mail.failure_reason = False
        self.assertEqual(mail._sig_get_failure(), "El correo no salió.")

    def test_mails_that_failed_are_followed_together(self):
        def count(cases):
            with freeze_time("2026-11-24 15:00:00"):
                notices = self.extend(self.builder.file([{"partner_id": self.contact.id}] * cases)).sudo()
            notices.mail_id.write({"state": "exception", "failure_reason": "Mailbox full"})
            self.reload()
            before = self.env.cr.sql_log_count
            with freeze_time("2026-11-25 12:00:00"):
                notices._follow_mails()
                self.env.flush_all()
            self.assertEqual(set(notices.mapped("failure")), {"The mail was not sent: Mailbox full"})
            self.assertEqual(notices.pqrs_id.mapped("to_notify"), ["Extension"] * cases)
            return self.env.cr.sql_log_count - before

        count(2)
        few, many = count(5), count(25)
        self.assertLessEqual(many - few, 3 * 20, "Odoo makes who has an activity a follower record by record")
