"""WhatsApp without an account of anybody: written from a person's own application, and read from exported chats."""

import base64
from unittest.mock import patch
from urllib.parse import unquote

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..models.communication import whatsapp_chat
from .common import date, freeze_time
from .test_communication import NoticeCommon
from .test_intake import PNG
from .test_person_data import PersonCommon
from .test_retention import RetentionCommon
from .test_whatsapp_chat import make_zip

CHAT = """20/11/26, 9:00 - Seguridad: Buenos días
20/11/26, 9:05 - Ana Ruiz: La portería norte no abre
20/11/26, 9:06 - Ana Ruiz: foto.png (archivo adjunto)
Así está
20/11/26, 9:07 - Seguridad: Ya vamos
"""
MORE = """23/11/26, 7:30 - Ana Ruiz: Sigue igual
23/11/26, 7:31 - Ana Ruiz: nueva.png (archivo adjunto)
"""
FILES = {"foto.png": PNG, "nueva.png": PNG + b"2"}
WRITTEN = "Ya va el técnico"
THEIRS = ("La portería norte no abre", "Sigue igual", WRITTEN)


class TestWriting(NoticeCommon):
    def make_phoned(self, **vals):
        return self.make_case(partner_id=False, partner_name="Ana Ruiz", **{"phone": "300 111 2233", **vals})

    def begin(self, case, text="¿Le queda bien el jueves & viernes?"):
        form = self.open_step(case, "write_to_client")
        form.by_whatsapp = True
        form.reason = text
        return form

    def test_it_is_written_and_then_proved(self):
        case = self.make_phoned()
        form = self.begin(case)
        self.assertEqual(form.whatsapp_text, f"¿Le queda bien el jueves & viernes?\n\n{self.company.name}. Case {case.name}")
        self.assertFalse(form.mail_to)
        action = form.save().action_confirm()
        self.assertEqual((action["type"], action["target"]), ("ir.actions.act_url", "new"))
        address, _query, text = action["url"].partition("?text=")
        self.assertEqual((address, unquote(text)), ("https://wa.me/573001112233", form.whatsapp_text))
        self.assertNotIn("&", text)
        message = self.told(case, "message")
        self.assertEqual((message.medium, message.state, message.body), ("whatsapp", "draft", form.whatsapp_text))
        self.assertEqual((case.to_notify, self.kinds(case)[-1], self.activities(case).user_id), ("Message", "message_sent", self.director))
        self.assertFalse(self.env["mail.mail"].search([("res_id", "=", case.id), ("model", "=", "sig.pqrs")]))

        dialog = Form(self.env["sig.pqrs.notify.wizard"].with_user(self.director).with_context(default_pqrs_id=case.id))
        self.assertEqual((dialog.medium, dialog.communication_ids[:]), ("whatsapp", self.as_director(message)))
        own = self.as_director(message)
        self.assertEachRaises(UserError, lambda: own.action_register_delivery("whatsapp", proof="Lo leyó"), said="screenshot")
        with self.undone():
            self.as_director(case).action_withdraw("Desistió")
            self.assertEqual((message.state, case.to_notify), ("void", "Filing away"))
        self.as_director(self.make_approved(case)).action_send_response("hand", received_by="Ana Ruiz")
        self.assertEqual((message.state, case.to_notify), ("void", ""), "perhaps it never left; its proof may follow")
        screenshot = self.attach(name="pantalla.png", raw=PNG)
        own.action_register_delivery("whatsapp", proof=screenshot.ids)
        self.assertEqual((message.state, case.to_notify), ("delivered", ""))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data["medium"], act.data["proof"]), ("notified", "whatsapp", [screenshot.checksum]))
        self.assertFalse(self.activities(case))
        self.assertChain(case)

    def test_it_takes_the_place_of_no_legal_notice(self):
        notice = self.as_director(self.extend(self.make_phoned()))
        ready = self.as_director(self.make_approved(self.make_phoned()))
        self.assertEachRaises(
            UserError, lambda: notice.action_register_delivery("whatsapp", proof=self.attach().ids), said="messages alone"
        )
        self.assertEachRaises(UserError, lambda: ready.action_send_response("whatsapp"), said="An answer goes by")
        ready.action_send_response("letter")
        self.assertEachRaises(UserError, lambda: ready.delivery_id.action_register_delivery("whatsapp", proof=self.attach().ids))
        offered = self.env["sig.pqrs.send.wizard"].fields_get(["delivery"])["delivery"]["selection"]
        self.assertFalse({"whatsapp", "web"} & dict(offered).keys())

    def test_what_is_owed_otherwise_is_recorded_apart(self):
        case = self.make_phoned()
        self.extend(case)
        self.begin(case).save().action_confirm()
        dialog = Form(self.env["sig.pqrs.notify.wizard"].with_user(self.director).with_context(default_pqrs_id=case.id))
        self.assertEqual((dialog.medium, dialog.communication_ids[:].mapped("purpose")), ("phone", ["extension"]))

    @staticmethod
    def lack(_model):
        raise AttributeError("phone_validation is not installed")

    def test_telephones(self):
        WhatsApp_ = self.env["sig.whatsapp"].with_user(self.director)
        for phone, number in (
            ("300 111 2233", "573001112233"), ("+57 300-111-2233", "573001112233"), ("(300) 1112233", "573001112233"),
            ("573001112233", "573001112233"), ("no tiene", ""), ("12", ""), (False, ""),
            ("601 555 0000", ""), ("+57 (604) 444 1122", ""),
        ):
            case = self.as_director(self.make_phoned(phone=phone))
            self.assertEqual(WhatsApp_._get_number(case), number, phone)
            with patch.object(self.registry["sig.whatsapp"], "_phone_format", property(self.lack)):
                self.assertFalse(WhatsApp_._get_number(case), f"{phone}, without phone_validation")
        abroad = self.as_director(self.make_phoned(phone="+1 212 555 0123"))
        self.assertIn(WhatsApp_._get_number(abroad), ("12125550123", ""))

    def test_what_cannot_be_written(self):
        case, silent = self.as_director(self.make_phoned()), self.as_director(self.make_phoned(phone=False, email_from="a@example.com"))
        anonymous = self.as_director(self.make_anonymous())
        self.assertEachRaises(
            UserError, *(lambda one=one: one.action_write_to_client("Hola", by_whatsapp=True) for one in (silent, anonymous)),
            lambda: case.action_write_to_client("x" * 1501, by_whatsapp=True),
            lambda: case.action_write_to_client("Hola", self.attach().ids, by_whatsapp=True),
        )
        self.assertFalse(self.open_step(silent, "write_to_client").whatsapp_number)
        self.assertFalse(case.communication_ids.filtered(lambda each: each.purpose == "message"))

    def test_who_may(self):
        """Who may not know the telephone opens nothing with it."""
        case = self.make_phoned(identity_reserved=True)
        self.make_assignment(case)
        people = (self.leader, self.collaborator, self.management, self.employee, self.portal)
        self.assertDenied(case, people, lambda own: own.action_write_to_client("Hola", by_whatsapp=True))
        for user in people:
            own = case.with_user(user)
            self.assertEqual(own.env["sig.whatsapp"]._get_number(own), "", user.name)
        self.assertEqual(self.env["sig.whatsapp"].with_user(self.director)._get_number(self.as_director(case)), "573001112233")
        form = Form(self.env["sig.pqrs.step.wizard"].with_user(self.leader).with_context(
            default_pqrs_id=case.id, default_step="write_to_client",
        ))
        self.assertFalse(form.whatsapp_number)


class ChatCommon(NoticeCommon):
    def open_chat(self, chat=CHAT, files=None, case=None, user=None, name="WhatsApp Chat - Ana Ruiz.zip", **vals):
        content = chat.encode() if files is None else make_zip({"_chat.txt": chat, **files})
        name = name if files is not None else "Chat de WhatsApp con Ana Ruiz.txt"
        return self.env["sig.whatsapp.wizard"].with_user(user or self.director).create({
            "file": base64.b64encode(content), "filename": name, "pqrs_id": case.id if case else False, "subject": "Portería",
            "date_from": "2026-11-20" if case else False, **vals,
        })

    def register(self, *args, **kwargs):
        return self.env["sig.pqrs"].browse(self.open_chat(*args, **kwargs).action_confirm()["res_id"])


class TestChat(ChatCommon):
    def test_it_becomes_a_case(self):
        wizard = self.open_chat(CHAT, FILES, email_from="ana@example.com")
        case = self.as_director(self.env["sig.pqrs"].browse(wizard.action_confirm()["res_id"]))
        self.assertEqual((case.channel, case.partner_name, case.type_id.code), ("whatsapp", "Ana Ruiz", "peticion"))
        self.assertEqual(str(case.date_received), "2026-11-20 14:05:00")
        self.assertEqual(case.date_deadline, self.make_case(type="peticion", date_received="2026-11-20 14:05:00").date_deadline)
        self.assertEqual(case.description, (
            "20/11/2026 09:05 · Petitioner: La portería norte no abre\n20/11/2026 09:06 · Petitioner: Así está\n📎 foto.png\n"
            "20/11/2026 09:07 · Seguridad: Ya vamos"
        ))  # fmt: skip
        text, picture = case.attachment_ids.sorted("id")
        self.assertEqual((text.name, picture.name), ("WhatsApp Chat - Ana Ruiz.txt", "foto.png"))
        self.assertEqual((text.raw.decode(), picture.raw), (CHAT.split("\n", 1)[1], PNG))
        bound = {id_ for act in case.sudo().act_ids for id_, _commitment in (act.data or {}).get("files", ())}
        self.assertEqual(bound, set(case.attachment_ids.ids))
        self.assertFalse(wizard.file, "nothing of the chat stays in the dialog")
        self.assertChain(case)

    def test_it_comes_once(self):
        case = self.register(CHAT, FILES)
        for files in (FILES, None, {}):
            self.assertEachRaises(UserError, lambda files=files: self.register(CHAT, files), said="in a case already")
        self.register(CHAT + MORE, FILES, case)
        message = case.communication_ids.filtered(lambda each: each.direction == "in")
        self.assertEqual(message.body, "23/11/2026 07:30 · Petitioner: Sigue igual\n23/11/2026 07:31 · Petitioner:\n📎 nueva.png")
        self.assertEqual((message.medium, message.author, message.state), ("whatsapp", "petitioner", "received"))
        self.assertEqual(str(message.date), "2026-11-23 12:30:00")
        self.assertEqual(message.attachment_ids.sorted("id").mapped("name"), ["WhatsApp Chat - Ana Ruiz.txt", "nueva.png"])
        self.assertEqual(self.kinds(case)[-1], "message_received")
        self.assertEqual(self.activities(case, "sig_pqrs.activity_message").user_id, self.director)
        self.assertEachRaises(UserError, lambda: self.register(CHAT + MORE, FILES, case), said="in a case already")
        self.assertEqual(self.env["sig.pqrs"].search_count([("channel", "=", "whatsapp")]), 1)
        self.assertChain(case)

    def test_the_sig_says_where_it_begins(self):
        case = self.register(CHAT + MORE, date_from="2026-11-21")
        self.assertEqual((str(case.date_received), case.date_deadline), ("2026-11-23 12:30:00", date(2026, 12, 15)))
        self.assertNotIn("norte", case.description)
        self.assertNotIn("norte", case.attachment_ids.raw.decode(), "what was talked before stays on the telephone")
        for known in (CHAT, CHAT + MORE):
            again = self.open_chat(known, case=case, date_from=False).action_confirm
            self.assertEachRaises(UserError, again, said="in a case already")
        self.assertEqual(str(self.register(CHAT + MORE).date_received), "2026-11-20 14:05:00", "what came before is not known")

    def test_who_asks(self):
        """Where the name of the file does not say it, the SIG does; a number is a telephone."""
        chat = CHAT.replace("Ana Ruiz", "+57 300 1112233")
        self.assertEachRaises(UserError, lambda: self.register(chat), said="Seguridad, ")
        self.assertEachRaises(UserError, lambda: self.register(author="Ana"), said="as the chat names them")
        case = self.as_director(self.register(chat, author="+57 300 1112233", partner_name="Ana"))
        self.assertEqual((case.partner_name, case.phone), ("Ana", "+57 300 1112233"))

    def test_files_that_do_not_come(self):
        chat = CHAT + "20/11/26, 9:08 - Ana Ruiz: virus.exe (archivo adjunto)\n20/11/26, 9:09 - Ana Ruiz: <Multimedia omitido>\n"
        case = self.register(chat, {"virus.exe": b"MZ" + bytes(90)})
        self.assertEqual(case.attachment_ids.mapped("name"), ["WhatsApp Chat - Ana Ruiz.txt"])
        self.assertIn("foto.png (it did not come, or is not accepted)", case.description)
        self.assertIn("virus.exe (it did not come, or is not accepted)", case.description)
        self.assertTrue(case.description.endswith("(file that was not exported)"))
        self.register(CHAT, FILES, case)
        message = case.communication_ids.filtered(lambda each: each.direction == "in")
        self.assertEqual(message.body, "20/11/2026 09:06 · Petitioner: Así está\n📎 foto.png", "its picture had not come")

    def test_a_long_one_goes_on_in_its_file(self):
        case = self.register("".join(f"20/11/26, 9:05 - Ana Ruiz: {number} {'x' * 3000}\n" for number in range(9)))
        self.open_chat("".join(f"21/11/26, 9:05 - Ana Ruiz: {number} {'y' * 3000}\n" for number in range(9)), case=case).action_confirm()
        message = case.communication_ids.filtered(lambda each: each.direction == "in")
        for text, file, last in ((case.description, case.attachment_ids, b"8 x"), (message.body, message.attachment_ids, b"8 y")):
            self.assertTrue(text.endswith("(it goes on in the exported chat)"))
            self.assertIn(last, file.raw)

    def test_what_unpacks_without_end(self):
        """Files that are not accepted are not unpacked for ever, either."""
        chat = CHAT + "".join(f"20/11/26, 9:08 - Ana Ruiz: {number}.exe (archivo adjunto)\n" for number in range(5))
        with patch.object(whatsapp_chat, "MAX_READ_MB", 1):
            self.assertEachRaises(
                UserError, lambda: self.register(chat, {f"{number}.exe": bytes(300_000) for number in range(5)}), said="too large"
            )

    def test_too_many_and_too_large(self):
        size = sum(map(len, FILES.values())) / 2**20
        for name, limit in (("MAX_FILES", 2), ("MAX_TOTAL_MB", size)):
            with patch.object(whatsapp_chat, name, limit), self.undone():
                self.assertEqual(len(self.register(CHAT + MORE, FILES).attachment_ids), 3)
            with patch.object(whatsapp_chat, name, limit * 0.9):
                self.assertEachRaises(UserError, lambda: self.register(CHAT + MORE, FILES), said="too large")

    def test_it_is_read_by_who_opened_it(self):
        wizard = self.open_chat(CHAT, FILES)
        director = self.open_company(self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id}))
        self.reload()
        self.assertDenied(wizard, (director,), lambda own: own.read(["file"]), lambda own: own.action_confirm())

    def test_the_text_goes_with_the_identity(self):
        """Each line of it names who writes."""
        case = self.register(CHAT, FILES)
        self.make_assignment(case)
        self.as_director(case).action_reserve_identity("Lo pidió")
        self.reload()
        self.assertEqual(case.with_user(self.leader).attachment_ids.mapped("name"), ["foto.png"])
        self.assertEqual(case.sudo().identity_ids.attachment_ids.mapped("name"), ["WhatsApp Chat - Ana Ruiz.txt"])
        self.assertChain(case)

    def test_what_is_no_chat(self):
        of_no_day = (f"{day} - Ana Ruiz: Hola\n" for day in ("31/12/9999, 23:59", "1/1/0001, 3:00"))
        for chat, said in (*((chat, "no exported chat") for chat in ("Hola\n", "", *of_no_day)), ("PK\x03\x04x", "cannot be read")):
            self.assertEachRaises(UserError, lambda chat=chat: self.register(chat), said=said)
        self.assertEachRaises(UserError, lambda: self.register(subject=False), said="what it is about")

    def test_while_information_is_required(self):
        case = self.make_case(date_received="2026-11-18 15:00:00")
        with freeze_time("2026-11-19 15:00:00"):
            self.as_director(case).action_request_information("La foto")
        self.open_chat(CHAT, FILES, case).action_confirm()
        message = case.communication_ids.filtered(lambda each: each.direction == "in")
        self.assertEqual((message.purpose, self.kinds(case)[-1]), ("information", "information_delivered"))

    def test_after_the_end(self):
        closed = self.as_director(self.make_closed())
        self.open_chat(CHAT, FILES, closed).action_confirm()
        new = self.env["sig.pqrs"].browse(closed.action_new_case_from_message()["res_id"])
        self.assertEqual((new.channel, self.as_director(new).origin_id), ("whatsapp", closed))
        self.assertIn("norte", new.description)
        self.as_director(closed | new).action_reserve_identity("Lo pidió")
        self.assertFalse(self.reload(new.sudo())[0].attachment_ids.filtered(lambda file: file.name.endswith(".txt")))

    def test_who_may(self):
        case = self.make_case()
        self.make_assignment(case)
        for user in (self.leader, self.collaborator, self.management, self.interviewer, self.employee, self.portal):
            self.assertEachRaises(AccessError, lambda user=user: self.open_chat(user=user), lambda user=user: self.open_chat(user=user, case=case))
        self.assertDenied(self.open_chat(case=case), (self.leader, self.management), lambda own: own.action_confirm())
        stranger = self.make_stranger()
        self.assertEachRaises(AccessError, lambda: self.open_chat(user=stranger, case=case).action_confirm())
        self.assertEachRaises(AccessError, lambda: self.env["sig.whatsapp.part"].with_user(self.director).search([]))

    def test_companies_do_not_learn_of_each_other(self):
        self.register()
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.assertEqual(self.register(user=self.open_company(other)).company_id, other)

    def test_cases_without_or_with_a_reserved_petitioner(self):
        anonymous = self.make_anonymous()
        self.assertEachRaises(UserError, lambda: self.open_chat(case=anonymous).action_confirm(), said="no petitioner")
        reserved = self.make_case(identity_reserved=True)
        self.open_chat(CHAT, FILES, reserved).action_confirm()
        message = reserved.sudo().communication_ids.filtered(lambda each: each.direction == "in")
        self.assertEqual(set(message.attachment_ids.mapped("res_model")), {"sig.pqrs.identity"})
        self.make_assignment(reserved)
        self.assertDenied(message, (self.leader, self.management), lambda own: own.read(["body"]))


class TestChatErasing(RetentionCommon, PersonCommon, ChatCommon):
    """What is handed over of a case from a chat to whom it is of, and what is left once it is erased."""

    def test_what_is_left_of_it(self):
        """Filed from a chat, which went on, with what was written by WhatsApp and its screenshot; answered."""
        wizard = self.open_chat(CHAT, FILES)
        complaint = self.env.ref("sig_pqrs.type_queja").id
        wizard.write({"email_from": "ana@example.com", "phone": "3001112233", "type_id": complaint})
        case = self.as_director(self.env["sig.pqrs"].browse(wizard.action_confirm()["res_id"]))
        self.open_chat(CHAT + MORE, FILES, case).action_confirm()
        case.communication_ids.filtered(lambda each: each.state == "received").action_attend()
        case.action_write_to_client(WRITTEN, by_whatsapp=True)
        written = self.as_director(self.told(case, "message").filtered(lambda each: each.direction == "out"))
        written.action_register_delivery("whatsapp", proof=self.attach(name="pantalla.png", raw=PNG + b"3").ids)
        self.builder.send(self.builder.answer(case, self.operations))
        export = self.export(email="ana@example.com")
        _archive, data = self.open(export)
        self.assertHolds(str(data), *THEIRS)
        parts = self.env["sig.whatsapp.part"].search([("pqrs_id", "=", case.id)])
        self.assertTrue(parts and all(parts.mapped("digest")))
        self.assertHolds(self.read_database(case), *THEIRS, "3001112233", "foto.png", "pantalla.png")
        self.catch_mails()
        self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        with freeze_time("2028-01-24 15:00:00"):
            run = self.erase()
        self.assertEqual(self.states(run)[case], "done")
        left = self.read_database(case)
        self.assertHoldsNone(left, *THEIRS, "Ana Ruiz", "3001112233", "foto.png", "nueva.png", "pantalla.png", "PNG")
        self.assertFalse(any(parts.mapped("digest")) or export.sudo().attachment_id or case in export.sudo().case_ids)
        self.assertChain(case)
