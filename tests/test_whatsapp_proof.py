"""A case that came from a chat of WhatsApp: what is handed over of it to whom it is of, and what is left once it is erased."""

from .common import freeze_time
from .test_intake import PNG
from .test_person_data import PersonCommon
from .test_retention import RetentionCommon
from .test_whatsapp import CHAT, FILES, MORE, ChatCommon

WRITTEN = "Ya va el técnico"
THEIRS = ("La portería norte no abre", "Sigue igual", WRITTEN)


class TestChatErasing(RetentionCommon, PersonCommon, ChatCommon):
    def make_chat_case(self):
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
        return case

    def test_what_is_left_of_it(self):
        case = self.make_chat_case()
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
        self.assertFalse(any(parts.mapped("digest")))
        self.assertFalse(export.sudo().attachment_id or case in export.sudo().case_ids)
        self.assertChain(case)
