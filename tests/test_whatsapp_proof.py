"""A case that came from a chat of WhatsApp: what is handed over of it, by the real doors, and what is left once it is erased."""

import json
import re
import zipfile
from io import BytesIO

from odoo.tests import HttpCase

from ..tools import evidence_check
from .common import freeze_time
from .test_evidence_pack import remake, replace
from .test_intake import PNG
from .test_person_data import PersonCommon
from .test_retention import RetentionCommon
from .test_whatsapp import CHAT, FILES, MORE, ChatCommon

WRITTEN = "Ya va el técnico"
THEIRS = ("La portería norte no abre", "Sigue igual", WRITTEN)


class ChatProofCommon(ChatCommon):
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

    def download(self, url):
        self.env.flush_all()
        self.authenticate(self.director.login, self.director.login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response.content


class TestChatHandedOver(HttpCase, PersonCommon, ChatProofCommon):
    def test_in_an_evidence_pack(self):
        case = self.make_chat_case()
        url = case.action_make_evidence()["url"]
        pack = self.env["sig.evidence.pack"].browse(int(url.rpartition("/")[2]))
        content = self.download(pack.with_user(self.director).action_download()["url"])
        verdict = evidence_check.verify(BytesIO(content), digest=pack.digest)
        self.assertTrue(verdict.holds, verdict.faults)
        archive = zipfile.ZipFile(BytesIO(content))
        listed = {entry["path"] for entry in json.loads(archive.read("manifest.json"))["members"]}
        chat, later = "anexos/WhatsApp Chat - Ana Ruiz.txt", "mensajes/WhatsApp Chat - Ana Ruiz.txt"
        for path, expected in {
            chat: CHAT.split("\n", 1)[1].encode(), "anexos/foto.png": PNG, later: MORE.encode(), "mensajes/nueva.png": FILES["nueva.png"],
            "notificacion/pantalla.png": PNG + b"3",
        }.items():
            self.assertIn(f"{case.name}/{path}", listed)
            self.assertEqual(archive.read(f"{case.name}/{path}"), expected, path)
        self.assertHolds(archive.read(f"{case.name}/comunicaciones.json").decode(), *THEIRS[1:])
        printed = re.sub("<[^>]+>", " ", archive.read(f"{case.name}/expediente.html").decode())
        self.assertHolds(" ".join(printed.split()), *THEIRS, "WhatsApp")
        for path in (chat, later, "comunicaciones.json"):
            forged = remake(content, replace(f"{case.name}/{path}", lambda old: old.replace(b"igual", b"mejor") + b" "))
            faults = evidence_check.verify(BytesIO(forged)).faults
            self.assertIn(f"{case.name}/{path}", {fault.where for fault in faults}, path)

    def test_in_what_a_person_asks_for(self):
        case = self.make_chat_case()
        export = self.export(email="ana@example.com")
        archive = zipfile.ZipFile(BytesIO(self.download(export.with_user(self.director).action_download()["url"])))
        data = json.loads(archive.read("datos.json"))["data"]
        self.assertEqual([(row["Filing number"], row["Name"]) for row in data["cases"]], [(case.name, "Ana Ruiz")])
        self.assertIn(THEIRS[0], data["cases"][0]["What happened"])
        told = [(row["Means"], row["Text"]) for row in data["communications"] if row["Means"] == "WhatsApp"]
        self.assertEqual(len(told), 2, "what they wrote, and what was written to them")
        self.assertHolds(str(told), *THEIRS[1:])
        files = {file["Name of the file"]: archive.read(file["In the ZIP"]) for file in data["files"] if file["In the ZIP"]}
        self.assertLessEqual({"WhatsApp Chat - Ana Ruiz.txt", "foto.png", "nueva.png", "pantalla.png"}, files.keys())
        self.assertEqual(files["foto.png"], PNG)


class TestChatErasing(RetentionCommon, PersonCommon, ChatProofCommon):
    def test_what_is_left_of_it(self):
        case = self.make_chat_case()
        export = self.export(email="ana@example.com")
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
