"""What is held on one person: found, made into a file, handed over to whom it belongs, and on record."""
import io
import json
import zipfile
from base64 import b64encode

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase

from .common import SigCommon, date, freeze_time, moment, real_clock
from .mail import MailCommon, write_mail


class PersonCommon(SigCommon):
    languages = ("en_US",)

    def make_full(self, **vals):
        case = self.make_closed(**{
            "document_type": "cc", "document_number": "79555444", "description": "La ronda no se hizo",
            "attachment_ids": [Command.create({"name": "../foto.txt", "raw": b"foto de Ana"})], **vals,
        })
        self.builder.rate(case, 4, "Bien")
        return case

    def look_up(self, user=None, **vals):
        return self.env["sig.person.wizard"].with_user(user or self.director).create({"reason": "Vino con su cédula", **vals})

    def export(self, wizard=None, **vals):
        (wizard or self.look_up(**vals)).action_export()
        return self.env["sig.person.export"].search([], limit=1, order="id desc")

    def open(self, export):
        archive = zipfile.ZipFile(io.BytesIO(export.sudo().attachment_id.raw))
        return archive, json.loads(archive.read("datos.json"))


class TestPersonData(PersonCommon):
    def test_all_of_a_contact(self):
        """But no drafts, nor what our own people say to each other."""
        case = self.make_full()
        case.with_context(lang="en_US").action_write_to_client("Gracias por esperar")
        case.message_post(body="Nota interna de la directora")
        case.sudo().assignment_ids.message_post(body="Charla del borrador")
        self.make_case(partner_id=self.client.id, subject="De otro")
        self.portal.partner_id.write({"parent_id": self.client.id})
        as_client = self.make_case(partner_id=self.client.id, client_id=self.contact.id)
        self.assertEqual(self.look_up(partner_id=self.contact.id).client_case_ids, as_client, "the SIG judges it")
        export = self.export(partner_id=self.contact.id)
        archive, data = self.open(export)
        self.assertEqual([row["Filing number"] for row in data["data"]["cases"]], [case.name])
        row = data["data"]["cases"][0]
        self.assertEqual((row["What happened"], row["Name"], row["Document Number"]), ("La ronda no se hizo", "Ana Ruiz", "79555444"))
        self.assertIn("Revisamos los hechos", json.dumps(data["data"]["answers"]))
        self.assertIn("Gracias por esperar", json.dumps(data["data"]["communications"]))
        self.assertHoldsNone(json.dumps(data), "Nota interna", "Charla del borrador")
        self.assertEqual([row["Name"] for row in data["data"]["contact"]], ["Ana Ruiz"])
        names = archive.namelist()
        self.assertFalse([name for name in names if ".." in name or name.startswith("/")])
        self.assertIn(b"foto de Ana", [archive.read(name) for name in names])
        self.assertLessEqual({file["In the ZIP"] for file in data["data"]["files"]}, set(names))
        sheet = load_workbook(io.BytesIO(archive.read("datos.xlsx")))["PQRS"]
        self.assertRegex(sheet["A1"].value, r" on \d\d/\d\d/\d{4} \d\d:\d\d$")
        self.assertIn("La ronda no se hizo", [cell.value for row in sheet.iter_rows() for cell in row])
        self.assertIn("Ley 1581", sheet["A2"].value)
        self.assertEqual((export.user_id, export.case_count, export.partner_id), (self.director, 1, self.contact))
        self.assertNotRegex(export.person, "Ana Ruiz|ana@example.com")
        self.assertIn("personal-data", export.with_user(self.director).action_download()["url"])

    def test_messages_of_each_case(self):
        cases = self.make_full() | self.make_full(identity_reserved=True)
        self.make_anonymous(description="Soy ana@example.com")
        self.assertEqual(set(self.look_up(email="ana@example.com").case_ids), set(cases), "none that is anonymous")
        for case in cases:
            case.with_context(lang="en_US").action_write_to_client(f"Gracias por {case.name}")
        _archive, data = self.open(self.export(partner_id=self.contact.id))
        found = {row["Filing number"]: (row["Name"], row["Reason of the rating"]) for row in data["data"]["cases"]}
        self.assertEqual(found, dict.fromkeys(cases.mapped("name"), ("Ana Ruiz", "Bien")), "as it was written, also under reserve")
        self.assertEqual([row["Reason of the rating"] for row in data["data"]["answers"]], ["Bien"] * 2)
        rows = [(row["PQRS"], row["Text"]) for row in data["data"]["communications"]]
        for case in cases:
            self.assertEqual([name for name, text in rows if f"Gracias por {case.name}" in text], [case.name])

    def test_an_answer_that_was_not_given_is_a_draft(self):
        case = self.make_approved()
        case.sudo().assignment_ids.attachment_ids = self.env["ir.attachment"].create({"name": "borrador.txt", "raw": b"x"})
        archive, data = self.open(self.export(partner_id=self.contact.id))
        [told] = data["data"]["cases"]
        self.assertEqual((told["Filing number"], told["Stars"]), (case.name, ""), "nobody rated it")
        self.assertHoldsNone(json.dumps(data) + str(archive.namelist()), "Revisamos los hechos", "borrador.txt")

    def test_without_contact(self):
        by_mail = self.make_full(partner_id=False, partner_name="Luis", email_from="Luis <LUIS@example.com>", document_number="111222")
        other = self.make_full(partner_id=False, partner_name="Luis", email_from="otro@example.com", document_number="333444")
        self.assertEqual(self.look_up(email="luis@example.com").case_ids, by_mail)
        self.assertEqual(self.look_up(document_number="333.444").case_ids, other)
        self.assertEachRaises(UserError, self.look_up(email="luis@example.org").action_export, said="Nothing is held")
        nobody, no_address = self.look_up(), self.look_up(email="no es un correo")
        self.assertFalse(nobody.is_known)
        self.assertEachRaises(UserError, nobody.action_export, no_address.action_export, said="Say who it is")
        export = self.export(email="luis@example.com")
        self.assertEqual((export.case_count, "luis@" in export.person), (1, False))

    def test_mails_that_were_not_filed(self):
        when = dict.fromkeys(("date", "date_kept"), "2026-11-20 15:00:00")
        mail, other = self.env["sig.pqrs.mail"].sudo().create([
            {"company_id": self.company.id, "sender": sender, "subject": "Ruido", "state": "failed", "raw": b"U295IEFuYQ==", **when}
            for sender in ("ana@example.com", "otra@example.com")
        ])
        wizard = self.look_up(self.administrator, email="Ana@Example.com")
        self.assertEqual((wizard.mail_ids, wizard.case_ids.ids), (mail, []))
        archive, data = self.open(self.export(wizard))
        self.assertEqual([(row["Sender"], row["PQRS"]) for row in data["data"]["mails"]], [("ana@example.com", "")])
        self.assertIn(b"Soy Ana", [archive.read(name) for name in archive.namelist()])
        run = self.env["sig.anonymization"].with_user(self.administrator).browse(wizard.action_simulate_erasing()["res_id"])
        run.action_refresh()
        self.assertEqual((run.line_ids.mail_ids, run.line_ids.display_name, run.pending_count), (mail, "Mails not filed", 1))
        run.line_ids.action_exclude("Es de otra")
        self.assertIn("by mail and was not filed: it is kept. Es de otra", run.answer)
        run.line_ids.action_include()
        run.action_confirm()
        self.assertEqual((run.state, (mail | other).exists()), ("done", other))
        self.assertIn("by mail and was not filed: its personal data were erased.", run.answer)

    def test_shared_mailbox(self):
        mine = self.make_full()
        theirs = self.make_full(partner_id=False, partner_name="Vecina", email_from="ana@example.com", document_number="5")
        form = Form(self.env["sig.person.wizard"].with_user(self.director))
        form.partner_id, form.reason = self.contact, "Vino con su cédula"
        form.case_ids.remove(id=theirs.id)
        form.document_number = "52123457"
        wizard = form.save()
        self.assertEqual(wizard.case_ids, mine, "what was taken out stays out")
        _archive, data = self.open(self.export(wizard))
        self.assertEqual([row["Filing number"] for row in data["data"]["cases"]], [mine.name])
        form = Form(wizard)
        form.document_number = "5"
        self.assertEqual(set(form.case_ids.ids), {*mine.ids, *theirs.ids}, "whose document it is not is another person")
        form.partner_id = self.env["res.partner"].create({"name": "Luz"})
        self.assertEqual((form.email, form.case_ids.ids), (False, theirs.ids), "her mail went with the contact")
        wizard.case_ids = self.make_case(partner_id=self.client.id)
        self.assertEachRaises(UserError, wizard.action_export, said="among what is held")

    #: what is stored, and how somebody may type it when they ask
    EMAILS = ("luis.toro@example.com", "Luis.Toro@Example.COM", "  luis.toro@example.com ", "Luis Toro <LUIS.TORO@example.com>")
    DOCUMENTS = ("1020333", "1.020.333", " 1 020 333 ", "1020333\u00a0", "１０２０３３３")

    def test_however_it_was_typed(self):
        """By open fields and under reserve, each way of typing finds what was stored in each other way."""
        stranger = self.make_full(partner_id=False, partner_name="Otro", email_from="toro@example.com", document_number="102033")
        for reserved in (False, True):
            by_mail = self.env["sig.pqrs"].union(*(
                self.make_case(partner_id=False, partner_name="Luis", email_from=email, identity_reserved=reserved) for email in self.EMAILS
            ))
            by_document = self.env["sig.pqrs"].union(*(
                self.make_case(partner_id=False, partner_name="Luis", document_type="cc", document_number=number, identity_reserved=reserved)
                for number in self.DOCUMENTS
            ))
            with self.subTest(reserved=reserved):
                for email in self.EMAILS:
                    self.assertEqual(self.look_up(email=email).case_ids & by_mail, by_mail, email)
                    self.assertFalse(self.look_up(email=email).case_ids & (stranger | by_document))
                for number in self.DOCUMENTS:
                    self.assertEqual(self.look_up(document_number=number).case_ids & by_document, by_document, number)
                    self.assertFalse(self.look_up(document_number=number).case_ids & (stranger | by_mail))
        letters = self.make_case(partner_id=False, partner_name="Eva", document_type="passport", document_number="av-123 456", identity_reserved=True)
        self.assertEqual(self.look_up(document_number="AV123456").case_ids, letters)

    def make_sheet(self, email, **vals):
        question = Command.create({"title": "¿Qué opina?", "question_type": "text_box"})
        survey = self.env["survey.survey"].create({"title": "Encuesta", "question_and_page_ids": [question]})
        wave = self.env["sig.survey.wave"].create({
            "name": "Encuesta junio", "year": 2026, "semester": "1", "survey_id": survey.id, "date_start": "2026-06-01", "date_end": "2026-06-30",
        })
        recipient = self.env["sig.survey.recipient"].sudo().create({"wave_id": wave.id, "partner_id": self.client.id, "email": email, **vals})
        sheet = self.env["survey.user_input"].create({"survey_id": survey.id, "sig_recipient_id": recipient.id, "partner_id": vals.get("contact_id")})
        sheet._save_lines(survey.question_ids, "Buen servicio " * 9)
        return wave

    def test_answers_to_surveys_however_typed(self):
        self.make_sheet("Luis_T@Example.com").sudo().recipient_ids.contact_id = self.contact
        self.assertEqual(len(self.look_up(partner_id=self.contact.id).recipient_ids), 1, "whatever address it was sent to")
        for email, found in (("luis_t@example.com", 1), ("luisxt@example.com", 0), ("s_t@example.com", 0)):
            self.assertEqual(len(self.look_up(email=email).recipient_ids), found, email)

    def test_consents_and_surveys(self):
        self.contact.with_user(self.director).action_sig_allow_surveys()
        more = {"phone": "3001112233", "reason": "Ya no trabajo ahí", "scan": b64encode(b"%PDF"), "scan_name": "hoja.pdf"}
        wave = self.make_sheet("ana@example.com", contact_id=self.contact.id, **more)
        theirs = self.make_sheet("ana@example.com", partner_id=self.contact.copy({"name": "Vecina"}).id).sudo().recipient_ids
        with Form(self.look_up(partner_id=self.contact.id)) as form:
            form.recipient_ids.remove(id=theirs.id)
            form.document_number = "52123457"
        archive, data = self.open(self.export(form.record))
        self.assertHolds(str(data["data"]["recipients"]), "ana@example.com", "3001112233", "Ya no trabajo ahí", "hoja.pdf")
        self.assertEqual(archive.read("archivos/encuestas/hoja.pdf"), b"%PDF")
        [row] = data["data"]["surveys"]
        self.assertEqual((row["Survey"], row["Question"], row["Answer"]), (wave.name, "¿Qué opina?", "Buen servicio " * 9))
        self.assertEqual([row["Decision"] for row in data["data"]["consents"]], ["Allowed"])
        form.record.recipient_ids = self.make_sheet("otra@example.com").sudo().recipient_ids
        self.assertEachRaises(UserError, form.record.action_export, said="among what is held")

    def test_answer_to_a_query(self):
        kind = self.env.ref("sig_pqrs.type_datos_consulta")
        request = self.make_case(type_id=kind.id, document_number="79555444", document_type="cc")
        form = Form(self.env["sig.person.wizard"].with_user(self.director))
        form.request_id = request
        self.assertEqual((form.partner_id, form.email, form.document_number), (self.contact, "ana@example.com", "79555444"))
        wizard = form.save()
        self.assertEachRaises(UserError, wizard.action_export, said="Check the identity")
        self.builder.check_identity(request)
        export = self.export(wizard)
        act = request.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data), ("data_exported", {"export": export.id, "sha256": export.digest}))
        self.assertChain(request)
        other = self.look_up(partner_id=self.contact.id, request_id=self.make_case().id)
        self.assertEachRaises(UserError, other.action_export, said="no query about personal data")

    def make_query(self, **vals):
        case = self.make_case(**{
            "type_id": self.env.ref("sig_pqrs.type_datos_consulta").id, "document_number": "79.555.444", "document_type": "cc", **vals,
        })
        self.builder.check_identity(case)
        return case

    def test_query_of_somebody_else(self):
        """The data of a person do not answer the query of another, unless it is written why; then it is in the act.

        Who types the address of another, and proves who they are, gets nothing of the other by it.
        """
        self.make_full()
        stranger = self.env["res.partner"].create({"name": "Pedro", "email": "pedro@example.com"})
        disguised = self.make_query(partner_id=False, partner_name="Pedro", email_from="ana@example.com", document_number="1")
        query = self.make_query(partner_id=stranger.id, document_number="1")
        for asked, of_ana in (
            (disguised, {"email": "ana@example.com", "document_number": False, "partner_id": False}),
            (query, {"partner_id": self.contact.id}), (query, {"email": "ana@example.com", "partner_id": False}),
            (query, {"email": False, "document_number": "79555444"}), (query, {"document_number": "79.555.444"}),
            (query, {"partner_id": stranger.id, "document_number": "79555444"}),
        ):
            with self.subTest(of_ana):
                wizard = self.look_up(request_id=asked.id, reason=False, **of_ana)
                self.assertEqual((wizard.is_of_another, bool(wizard.case_ids)), (asked == query, True))
                self.assertEachRaises(UserError, wizard.action_export, said="not only data of who asks")
        self.assertFalse(self.env["sig.person.export"].search([]))
        wizard.reason = "Es su apoderado: poder autenticado en la notaría 5"
        export = self.export(wizard)
        act = query.sudo().act_ids[-1]
        self.assertTrue(export.is_of_another)
        self.assertEqual((act.kind, act.note, act.data["of_another"]), ("data_exported", wizard.reason, True))
        self.assertChain(query)

    def test_only_the_sig_of_its_company_for_some_days(self):
        self.make_full()
        export = self.export(partner_id=self.contact.id)
        others = self.leader | self.collaborator | self.management | self.interviewer | self.employee | self.portal
        wizard = self.env["sig.person.wizard"]
        self.assertDenied(wizard, others, lambda own: own.create({"reason": "x", "partner_id": self.contact.id}))
        self.assertDenied(export, others, lambda own: own.read(["person"]), lambda own: own.action_download())
        self.assertDenied(export.sudo().attachment_id.sudo(False), others, lambda own: own.read(["raw"]))
        own, new = export.with_user(self.director), {"person": "x"}
        self.assertEachRaises(UserError, lambda: own.write(new), own.unlink, own.sudo().unlink, lambda: own.create(new))

        stranger = self.make_stranger()
        self.assertEachRaises(UserError, self.look_up(stranger, document_number="79555444").action_export, said="Nothing is held")
        self.assertDenied(export, stranger, lambda own: own.action_download())
        with freeze_time("2026-12-02 15:00:00"):
            self.env["sig.person.export"]._gc_files()
        self.assertEqual((export.is_kept, bool(export.digest)), (False, True), "the file goes, and the record stays")
        self.assertEachRaises(UserError, export.with_user(self.director).action_download, said="not kept any more")


class TestWhatOthersWrote(MailCommon, PersonCommon):
    def test_mails_and_files(self):
        """Neither mails of somebody else about the case, nor notes of our own people, whether reserved or not."""
        self.company.sig_trusted_relays = "mx.example.com"
        proved = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\n"
        for reserved in (False, True):
            case = self.make_case(partner_id=self.ana.id, identity_reserved=reserved)
            note = case._get_private_record().message_post(body="x", attachments=[("nota.pdf", b"%PDF nota")])
            for name, who, more in (
                ("ana", "Ana <ana.ruiz@roble.example.org>", ""), ("vecino", "Vecino <vecino@otro.example>", ""),
                ("interna", self.director.email_formatted, proved),
            ):
                headers = f"{more}In-Reply-To: {note.message_id}\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                file = f'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}.pdf"\r\n\r\n%PDF {name}'
                self.receive(write_mail("Va", who, headers, f"--b\r\n\r\nDe {name}\r\n--b\r\n{file}\r\n--b--", f"{name}{reserved}"))
            self.assertEqual(len(self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id)])), 3)
            archive, data = self.open(self.export(partner_id=self.ana.id, case_ids=case.ids))
            whole = json.dumps(data) + str([archive.read(name) for name in archive.namelist() if name != "datos.xlsx"])
            self.assertHolds(whole, "De ana", "ana.pdf")
            self.assertHoldsNone(whole, "De vecino", "vecino", "De interna", "interna.pdf", "nota.pdf")


@real_clock
class TestPersonDownload(HttpCase, PersonCommon):
    def test_download(self):
        with freeze_time(moment(self.company, date(2026, 11, 24))):
            self.make_full()
            export = self.export(partner_id=self.contact.id)
        url, attachment = f"/pqrs/personal-data/{export.id}", export.sudo().attachment_id
        self.assertDenied(export, self.director, lambda own: own.read(["attachment_id"]))
        self.assertFalse(export.sudo()._get_mail_thread_data_attachments(), "the chatter does not show it")
        for attribute in ("administrator", "director", "leader", "management", "portal", None):
            login = attribute and f"sig_{attribute}"
            self.authenticate(login, login)
            for other in (
                f"/web/content/{attachment.id}", f"/web/content/sig.person.export/{export.id}/attachment_id",
                f"/web/image/{attachment.id}", f"/web/content/{attachment.id}?download=1&access_token=",
            ):
                self.assertNotIn(attachment.raw[:40], self.url_open(other).content, (login, other))
            response = self.url_open(url, allow_redirects=False)
            if attribute in ("administrator", "director"):
                self.assertEqual((response.status_code, response.content), (200, attachment.raw))
                self.assertIn("attachment", response.headers["Content-Disposition"])
                self.assertEqual(response.headers["Cache-Control"], "no-store")
                self.env.invalidate_all()
                self.assertIn(f"Downloaded by {self.PEOPLE[attribute][0]}", export.sudo().message_ids.mapped("preview"), "each download is on record")
            else:
                self.assertNotEqual(response.status_code, 200, login)
        self.env.invalidate_all()
        self.assertEqual(len(export.sudo().message_ids.filtered(lambda message: "Downloaded" in (message.preview or ""))), 2)
        export.sudo().attachment_id = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        self.env.flush_all()
        self.authenticate("sig_director", "sig_director")
        self.assertEqual(self.url_open(url).status_code, 404, "a file that is not its own")
