"""Mail of the world as it arrives, raw, at the PQRS mailbox: what becomes a case, what reaches one, what does neither."""

from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import freeze_time
from .mail import GATEWAY, HTML, NOW, RECEIVED, MailCommon, unreadable, write_mail

#: name of the fixture: (what becomes of it, words of the subject, words of the description, annexes, other fields)
KNOWN, STRANGER = "received", "to_file"
FILED = {
    "outlook": (KNOWN, "Queja por el puesto de portería", "“Nadie respondió” al citofono", ["Minuta portería.pdf"], {}),
    "gmail": (KNOWN, "factura de octubre 😠", "nos cobraron dos veces", [], {}),
    "iphone": (KNOWN, "Foto de la reja", "Enviado desde mi iPhone", ["image0.jpeg"], {}),
    "android": (KNOWN, "Vigilante dormido", "estaba dormido", [], {}),
    "html_only": (KNOWN, "Sugerencia", "espejo", [], {}),
    "latin1": (KNOWN, "Petición de documentos", "¿Cuándo la envían?", [], {}),
    "quoted_printable": (KNOWN, "Reclamo por daño en el vehículo", "salió rayado del parqueadero —", [], {}),
    "base64_text": (KNOWN, "Solicitud de información", "cámaras en la torre 3", [], {}),
    "smime_signed": (KNOWN, "Derecho de petición firmado", "artículo 23", [], {}),
    "pgp_signed": (KNOWN, "Queja firmada", "no avisó a nadie", [], {}),
    "pgp_encrypted": (KNOWN, "...", "(without text)", ["encrypted.asc"], {}),
    "winmail": (KNOWN, "anexo de Outlook", "video de la entrada", ["winmail.dat"], {}),
    "empty_body": (KNOWN, "Ronda nocturna", "(without text)", [], {}),
    "no_subject": (KNOWN, "(without subject)", "central de monitoreo", [], {}),
    "malformed": (KNOWN, "Queja ñorota", "La cerca eléctrica no funciona", [], {}),
    "unknown_charset": (KNOWN, "Queja por demora", "tardó cuarenta minutos", [], {}),
    "no_message_id": (KNOWN, "Sin identificador", "nunca contesta", [], {}),
    "plus_alias": (KNOWN, "Torre 2", "talanquera", [], {}), "calendar": (KNOWN, "Reunion", "Los cito", [], {}),
    "own_group": (KNOWN, "Luminaria fundida", "sigue fundida", [], {}),
    "forged_dates": (KNOWN, "Fechas falsas", "antes", [], {}),
    "future_received": (KNOWN, "Reloj adelantado", "mal", [], {"date_received": NOW}),
    "ancient_received": (KNOWN, "Reloj atrasado", "mal", [], {"date_received": NOW}),
    "injection": (KNOWN, "{{7*7}} txt Bcc: x@y.example", "{{7*7}}", [], {}),
    "stranger": (
        STRANGER, "Ruido", "¡URGENTE!", [],
        {"email_from": "pedro.paz@residente.example.net", "partner_name": "Pedro Paz", "priority": "0"},
    ),
    "disowned": (STRANGER, "Cambien mi correo", "otro correo", [], {"partner": False}),
    "employee_forward": (STRANGER, "Portero grosero", "me trató mal", [], {"email_from": "ana.ruiz@roble.example.org"}),
    "employee_attached": (
        STRANGER, "Correo de un residente", "Va el correo", ["Ruido.eml"],
        {"email_from": "pedro.paz@residente.example.net", "partner": False},
    ),
    "helpdesk_forward": (
        STRANGER, "[Ticket 881]", "sótano", [], {"email_from": "pedro.paz@residente.example.net", "partner_name": "Pedro Paz"},
    ),
    "contact_form": (
        STRANGER, "Formulario de contacto", "quejarme del portero", [], {"email_from": "pedro.paz@residente.example.net"},
    ),
    "auto_reply_bare": (STRANGER, "Fuera de la oficina", "Vuelvo el lunes", [], {"email_from": "ana.ruiz@roble.example.org"}),
    "number_of_another": (STRANGER, "Radicado", "ese caso", [], {"email_from": "pedro.paz@residente.example.net"}),
}
IGNORED = {
    "auto_reply": "automatic", "vacation_null_sender": "automatic", "calendar_accepted": "automatic",
    "mailing_list": "automatic", "mailing_list_discussion": "list", "own_copy": "own", "own_copy_renamed": "own",
    "dsn_delayed": "report", "dsn_delivered": "report", "read_receipt": "report", "dsn_failed": "report",
}
ANSWERS = {"reply": "other", "reply_by_number": "other", "reply_other_address": "stranger", "auto_reply_to_case": None}


class TestMailChannel(MailCommon):

    def test_what_is_filed(self):
        self.company.sig_trusted_relays = "mx.example.com"
        number = self.make_case(partner_id=self.ana.id).name
        for name, (state, subject, text, annexes, values) in FILED.items():
            with self.subTest(name), self.undone():
                case = self.receive(self.read_mail(name, number=number))
                self.assertEqual((len(case), case.state, case.channel, case.type_id.code), (1, state, "email", "peticion"))
                self.assertIn(subject, case.subject)
                self.assertIn(text, case.description)
                self.assertEqual(sorted(case.attachment_ids.mapped("name")), annexes)
                self.assertEqual(str(case.date_received), values.get("date_received", RECEIVED))
                self.assertEqual((str(case.date_recorded), case.acknowledgement_pending, case.priority), (NOW, state == KNOWN, "0"))
                if state == KNOWN:
                    self.assertEqual((case.partner_id, case.client_id), (self.ana, self.roble))
                    self.assertEqual(case.email_from, "ana.ruiz@roble.example.org")
                for field in ("email_from", "partner_name"):
                    self.assertEqual(case[field], values.get(field, case[field]))
                if "partner" in values:
                    self.assertFalse(case.partner_id)
                self.assertFalse(case.message_partner_ids & self.ana)
                mail = self.get_mail()
                self.assertEqual((mail.pqrs_id, mail.state, mail.failure), (case, "filed", False))
                self.assertEqual(mail._get_raw(), self.read_mail(name, number=number), "the raw mail is kept")
                self.assertFalse(case.activity_ids, "its own petition is no news about it")
                self.assertChain(case)

    def test_what_is_not(self):
        case, message_id = self.close()
        mark = case.sudo().delivery_id.mail_id._sig_get_mark()
        kinds = self.kinds(case)
        for name, reason in IGNORED.items():
            with self.subTest(name), self.undone():
                raw = self.read_mail(name, message_id=message_id, mark=mark)
                self.assertFalse(self.receive(raw))
                mail = self.get_mail()
                self.assertEqual((mail.state, mail.reason, mail._get_raw()), ("ignored", reason, raw))
                if name != "dsn_failed":
                    self.assertEqual((self.kinds(case), case.state, case.sudo()._get_waiting("late").ids), (kinds, "closed", []))
                else:
                    self.assertEqual((case.state, self.kinds(case)[-1]), ("approved", "delivery_failed"))
                    self.assertEqual((case.delivery_state, case.outcome, case.date_answered), ("failed", False, False))
                    self.assertEqual((case.deadline_state, case.rating_state), ("on_track", "none"))
                    self.assertChain(case)

    def test_what_reaches_a_case(self):
        case = self.make_case(partner_id=self.ana.id)
        self.run_cron("sig_pqrs.cron_notices")
        mail = self.env["mail.mail"].search([("res_id", "=", case.id), ("sig_purpose", "=", "acknowledgement")])
        kinds = self.kinds(case)
        for name, kind in ANSWERS.items():
            with self.subTest(name), self.undone():
                raw = self.read_mail(name, message_id=mail.message_id, number=case.name)
                self.assertFalse(self.receive(raw))
                kept = self.get_mail()
                self.assertEqual((kept.state, kept.pqrs_id, kept._get_raw()), ("answer", case, raw))
                message = kept.communication_id
                self.assertEqual((message.pqrs_id, message.direction, message.medium), (case, "in", "email"))
                self.assertEqual((str(kept.date), message._get_message_kind()), (RECEIVED, kind or "automatic"))
                self.assertEqual(case.activity_ids.mapped("summary"), [message._get_summary()] if kind else [])
                self.assertEqual(self.kinds(case), [*kinds, "message_received"])

    def test_disowned_answer(self):
        """Its domain says that it did not send it: it is not the petitioner's, however it reaches the case."""
        disowned = b"Authentication-Results: mx.example.com; dmarc=fail header.from=roble.example.org\r\n"
        for reserved in (False, True):
            case = self.make_case(partner_id=self.ana.id, identity_reserved=reserved)
            case.with_user(self.director).action_request_information("Envíe el acta")
            record = case.sudo()._get_private_record()
            message = self.env["mail.message"].search([("model", "=", record._name), ("res_id", "=", record.id)], limit=1)
            raw = disowned + self.read_mail("reply", message_id=message.message_id)
            for crash in (False, True):
                with self.subTest(reserved=reserved, crash=crash), self.undone():
                    self.receive(unreadable(raw) if crash else raw)
                    self.assertEqual((self.get_mail().state, self.get_mail().pqrs_id), ("answer", case))
                    self.assertNotIn("information_delivered", self.kinds(case))
                    self.assertIn("disowns it", str(case.activity_ids.mapped("summary")))
                    self.assertEqual(self.get_mail().communication_id.author, "disowned")
            with self.undone():
                self.receive(raw.replace(b"dmarc=fail", b"dmarc=pass"))
                self.assertIn("information_delivered", self.kinds(case))

    def test_report_about_an_answer_that_is_known(self):
        """Who got the answer can write that it did not arrive: what was rated, or is old, is not taken back."""
        case, message_id = self.close()
        report = self.read_mail("dsn_failed", message_id=message_id)
        public = self.env["sig.pqrs"].with_user(self.env.ref("base.public_user")).sudo().browse(case.id)
        old = report.replace(b"Tue, 24 Nov 2026 09:10:05", b"Tue, 1 Dec 2026 09:10:05")
        for raw, said, step in (
            (report, "the client knows it", lambda: self.client_step(public, "rate", "5", "Excelente")),
            (report, "the client knows it", lambda: self.client_step(public, "write", "Gracias")),
            (old, "days later", lambda: None),
        ):
            with self.subTest(said), self.undone(), freeze_time(NOW if raw == report else "2026-12-01 15:00:00"):
                step()
                kinds = self.kinds(case)
                self.receive(raw)
                self.assertEqual((case.state, case.delivery_state, case.deadline_state), ("closed", "sent", "answered_on_time"))
                self.assertTrue(case.date_answered)
                self.assertEqual(self.kinds(case), kinds)
                self.assertIn(said, str(case.activity_ids.mapped("summary")))
        with freeze_time("2026-12-05 15:00:00"):  # it came in time
            self.receive(report)
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))

    def test_delivered_twice(self):
        raw = self.read_mail("gmail")
        self.assertEqual(len(self.receive(raw)), 1)
        self.assertFalse(self.receive(raw))
        again = raw.replace(b"id 7f3a2c; Tue, 24 Nov 2026 09:10:05", b"id 88; Tue, 24 Nov 2026 09:15:00")
        self.assertFalse(self.receive(again), "by another route")
        no_id = self.read_mail("no_message_id")
        self.assertEqual(len(self.receive(no_id)), 1)
        self.assertFalse(self.receive(no_id))
        other = self.receive(raw.replace(b"monitoreo", b"vigilancia"))
        self.assertEqual(len(other), 1, "another mail with its Message-Id is another petition")
        self.assertEqual(self.get_mail().pqrs_id, other)

    def test_receipt_date(self):
        raw = self.read_mail("gmail").replace(
            b"Received: from mail-relay.example.org (",
            b"Received: from mx.example.com by fetcher.example.com; Tue, 24 Nov 2026 09:55:00 -0500\n"
            b"Received: from mail-relay.example.org (",
        )
        forged = raw.replace(b"From: Ana", b"Received: from x by mx.example.com; Mon, 2 Nov 2026 08:00:00 -0500\nFrom: Ana")
        for relays, expected in ((False, "2026-11-24 14:55:00"), ("mx.example.com", RECEIVED), ("nobody.test", "2026-11-24 14:55:00")):
            for mail in (raw, forged):
                with self.subTest(relays), self.undone():
                    self.company.sig_trusted_relays = relays
                    self.assertEqual(str(self.receive(mail).date_received), expected)

    def test_a_long_name_keeps_its_extension(self):
        name = f'Content-Disposition: attachment; filename="{"a" * 250}.pdf"\r\n'
        case = self.receive(write_mail(headers=f"Content-Type: application/pdf\r\n{name}", body="%PDF-1.4"))
        self.assertRegex(case.attachment_ids.name, r"^a{100,}\.pdf$")
        dated = f"Content-Type: application/pdf\r\n{name.replace('a' * 250, 'Acta 10/11')}"
        case = self.receive(write_mail(headers=dated, body="%PDF-1.4", ident="2@x"))
        self.assertEqual(case.attachment_ids.name, "Acta 10-11.pdf")

    def test_annexes_that_are_not_what_they_say(self):
        annex = "--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename={}\r\n\r\n{}\r\n"
        body = f"{annex.format('foto.jpg', 'GIF89a')}{annex.format('vacia.jpg', '')}--b--"
        mixed = "Content-Type: multipart/mixed; boundary=b\r\n"
        case = self.receive(write_mail(headers=mixed, body=body))
        self.assertEqual((case.attachment_ids.name, case.attachment_ids.mimetype), ("foto.jpg", "image/gif"))
        self.receive(write_mail(subject=f"Re: {case.name}", headers=mixed, body=body, ident="2@x"))
        self.assertEqual(str(case.message_ids.mapped("body")).count("came empty: vacia.jpg"), 2)

    def test_huge(self):
        lines = self.read_mail("outlook").split(b"------=_NextPart_000\n")
        video = b"QUJD" * 9_000_000
        huge = (
            b'Content-Type: video/mp4; name="video.mp4"\nContent-Transfer-Encoding: base64\n'
            b'Content-Disposition: attachment; filename="video.mp4"\n\n' + video + b"\n\n"
        )
        case = self.receive(b"------=_NextPart_000\n".join([*lines[:-1], huge, lines[-1]]))
        self.assertEqual(case.attachment_ids.mapped("name"), ["video.mp4", "Minuta portería.pdf"])
        self.assertFalse(case.message_ids.attachment_ids)
        self.assertIn(video[:1000], self.get_mail()._get_raw())

    def test_stranger_is_filed_with_the_date_of_arrival(self):
        case = self.receive(self.read_mail("stranger"))
        self.assertIn("Nobody of the contacts", str(case.message_ids.mapped("body")))
        case._ask_triage()
        with freeze_time("2026-11-27 15:00:00"):
            case.with_user(self.director).action_file()
        self.assertEqual((case.state, str(case.date_received)), ("received", RECEIVED))
        self.assertTrue(case.acknowledgement_pending)
        self.assertFalse(self.activities(case, "sig_pqrs.activity_sig"), "it asked to file it")

    def test_employee_is_noted(self):
        case = self.receive(self.read_mail("employee_attached"))
        self.assertIn("sig_employee@example.com", str(case.message_ids.mapped("body")))
        self.assertFalse(case.partner_id)
        self.assertEqual(case.act_ids.user_id, self.env.ref("base.user_root"), "nobody acts because a mail says so")

    def test_contact_of_several_clients_and_of_another_company(self):
        other_client = self.env["res.partner"].create({"name": "Otro P.H.", "is_company": True})
        self.ana.copy({"parent_id": other_client.id, "email": "ana.ruiz@roble.example.org"})
        case = self.receive(self.read_mail("gmail"))
        self.assertEqual((case.state, case.partner_id), ("to_file", self.ana))
        self.assertHolds(str(case.message_ids.mapped("body")), "Several contacts", "Arrived from a stranger: file it")
        (self.ana | other_client.child_ids).company_id = self.env["res.company"].create({"name": "Otra"})
        self.assertEqual(self.receive(self.read_mail("android")).state, "to_file")
        self.roble.company_id, self.ana.company_id = self.ana.company_id, False  # in this order: the first reaches the second
        case = self.receive(self.read_mail("iphone"))
        self.assertEqual((len(case), case.client_id), (1, self.env["res.partner"]), "a client of another company keeps none out")
        other = self.make_case(partner_id=other_client.id)
        other.sudo().partner_id = self.ana
        self.assertFalse(other.client_id, "nor is it of the client of who was the petitioner before")
        reserved = self.make_case(partner_id=self.ana.id, identity_reserved=True)
        self.assertFalse(reserved.client_id | reserved.sudo().identity_ids.client_id)

    def test_address_that_another_client_wrote(self):
        """Who has a user changes the own email, and that of addresses of the company, to that of anybody."""
        other = self.env["res.partner"].create({"name": "Otro P.H.", "is_company": True})
        thief = new_test_user(self.env, "ladron@otro.example.org", "base.group_portal", email="ladron@otro.example.org")
        thief.partner_id.parent_id = other
        thief.partner_id.with_user(thief).sudo().email = "ana.ruiz@roble.example.org"
        with self.undone():
            self.assertEqual(self.receive(self.read_mail("gmail")).partner_id, self.ana)
        self.ana.email = False
        case = self.receive(self.read_mail("gmail"))
        self.assertEqual((case.state, case.partner_id.id, case.email_from), ("to_file", False, "ana.ruiz@roble.example.org"))
        self.assertIn("The address of no HERA user", str(case.message_ids.mapped("body")))
        self.assertFalse(case.message_ids.author_id & thief.partner_id)
        thief.partner_id.email = "ladron@otro.example.org"
        for kind, author in (("delivery", self.env.user), ("contact", thief)):
            with self.subTest(kind), self.undone():
                self.env["res.partner"].with_user(author).sudo().create(
                    {"name": "Dirección", "type": kind, "parent_id": other.id, "email": "ana.ruiz@roble.example.org"}
                )
                case = self.receive(self.read_mail("android"))
                self.assertEqual((case.state, case.partner_id.id), ("to_file", False))

    def test_address_that_is_the_name_of_the_user(self):
        user = new_test_user(
            self.env, "ana.ruiz@roble.example.org", "base.group_portal", email="ana.ruiz@roble.example.org", partner_id=self.ana.id
        )
        with self.undone():
            case = self.receive(self.read_mail("gmail"))
            self.assertEqual((case.state, case.partner_id), ("received", self.ana))
        self.env.cr.execute("UPDATE res_users SET create_uid = %s WHERE id = %s", [self.env.ref("base.public_user").id, user.id])
        self.env.invalidate_all()
        self.assertEqual(self.receive(self.read_mail("gmail")).state, "to_file", "whoever signs up chooses any name")

    def test_alias(self):
        alias = self.company.sig_alias_id
        self.assertEqual(alias.alias_full_name, "servicioalcliente@example.com")
        settings = self.env["res.config.settings"].create({})
        settings.sig_alias_name = "pqrs"
        settings.execute()
        self.assertEqual(alias.alias_full_name, "pqrs@example.com")
        self.company.sig_service_email = False
        raw = self.read_mail("gmail")
        with self.assertRaises(ValueError), mute_logger(GATEWAY):
            self.env["mail.thread"].message_process(None, raw)
        self.assertEqual(len(self.receive(raw.replace(b"servicioalcliente@", b"pqrs@"))), 1)

    def test_mail_of_others_is_not_touched(self):
        model = self.env["ir.model"]._get_id("res.partner")
        self.env["mail.alias"].create({"alias_name": "ventas", "alias_model_id": model, "alias_domain_id": self.company.alias_domain_id.id})
        kept = self.env["sig.pqrs.mail"].search_count([])
        self.assertFalse(self.receive(self.read_mail("auto_reply", mark="x").replace(b"servicioalcliente@", b"ventas@")))
        self.assertTrue(self.env["res.partner"].search([("name", "ilike", "Recibimos su solicitud")]))
        self.assertEqual(self.env["sig.pqrs.mail"].search_count([]), kept)
        both = self.read_mail("gmail").replace(b"To: Servicio", b"Cc: ventas@example.com\nTo: Servicio")
        self.assertEqual(len(self.receive(both)), 1)
        self.assertTrue(self.env["res.partner"].search([("name", "ilike", "Cobro doble")]))

    def test_a_mailbox_that_only_core_finds(self):
        for name, to in (("encoded", "=?utf-8?q?servicioalcliente=40example.com?="), ("last", "x@example.net\r\nTo: " * 300 + "servicioalcliente@example.com")):
            with self.subTest(name), self.undone():
                raw = write_mail().replace(b"servicioalcliente@example.com", to.encode())
                self.assertEqual((self.receive(raw).partner_id, self.get_mail()._get_raw()), (self.ana, raw))

    def test_our_logs_name_nobody(self):
        mails = self.env.registry["sig.pqrs.mail"]
        with (
            patch.object(mails, "_concerns_others", lambda *_arguments: True),
            patch("odoo.addons.mail.models.mail_thread.MailThread.message_route", side_effect=ValueError("ana.ruiz@roble.example.org")),
            self.assertLogs("odoo.addons.sig_pqrs", "DEBUG") as logs,
            mute_logger(GATEWAY),
        ):
            self.env["mail.thread"].message_process(None, self.read_mail("gmail"))
        self.assertEqual(self.get_mail().state, "filed")
        self.assertIn("Core could not read", str(logs.output))
        self.assertHoldsNone(str(logs.output), "ana.ruiz", "Ana Ruiz", "Cobro", "monitoreo")

    def test_keys_of_the_case_are_hidden_in_what_is_quoted(self):
        """In an answer about it, and in a new petition."""
        case, message_id = self.close()
        code, token = case.sudo()._get_tracking_code(), case.sudo()._rating_get_access_token()
        answer, safe = f"In-Reply-To: {message_id}\r\n", "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx%2Fpqrs"
        for index, (headers, key, text) in enumerate((
            (answer, code, case.sudo()._get_tracking_url()),
            (answer, code, f"código {code}."),
            (answer, token, case.sudo()._get_rating_url()),
            (answer, token, f"{safe}%2Frate%2F{token}&data=05"),
            (answer, token, f"https://urldefense.example.net/v2/url?u=https-3A__x_pqrs_rate_{token}&d=1"),
            ("", code, case.sudo()._get_tracking_url()),
            ("", code, f"{safe}%2Ftrack%23{case.name}%2F{code}&data=05"),
            ("", code, f"{safe}%2Ftrack%3Fnumber%3D{case.name}%26code%3D{code}&data=05"),
            ("", code, f"https://antes.example.com/pqrs/track?number=XYZ-9&code={code}"),
            ("", code, f"Radicado {case.name}, código de seguimiento {code}"),
            ("", code, f"https://antes.example.com/pqrs/track#XYZ-9/{code}"),
            ("", token, f"{safe}%2Frate%2F{token}&data=05"),
        )):
            for kind, body in (("", f"Gracias\r\n> {text}"), (HTML, f"<p>Gracias</p><a href='{text}'>{text}</a>")):
                with self.subTest(text=text, headers=headers + kind), self.undone():
                    new = self.receive(write_mail(headers=headers + kind, body=body, ident=f"{index}@q"))
                    self.assertEqual(bool(new), not headers)
                    said = new.mapped("description") or case.with_user(self.collaborator).communication_ids.filtered("body").mapped("body")
                    self.assertHolds("".join(said), "Gracias", "····")
                    self.assertNotIn(key, "".join(said))

    def test_what_looks_like_a_key_stays(self):
        case = self.receive(write_mail(body="Tarjeta 4111-1111-1111-1111, contrato PQRS-1999-00001, valor 5% & rate"))
        self.assertIn("4111-1111-1111-1111, contrato PQRS-1999-00001, valor 5% & rate", case.description)
