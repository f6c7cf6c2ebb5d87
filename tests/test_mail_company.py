"""Every mail leaves as the company of its record, in the language of who reads it."""

from odoo import SUPERUSER_ID
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

from .mail import MailCommon, SmtpStub, write_mail


class TestMailCompany(MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls.env["mail.alias.domain"].create({"name": "otra.example.net", "default_from": "avisos"})
        cls.other = cls.env["res.company"].create(
            {"name": "Otra", "email": "info@otra.example.net", "alias_domain_id": cls.theirs.id, "country_id": cls.env.ref("base.co").id}
        )
        cls.their_director = CaseBuilder.make_user(cls.env, "sig_otra", "Directora", "director", company=cls.other, lang="en_US")
        cls.other.sig_director_id = cls.their_director
        cls.case = cls.env["sig.pqrs"].with_user(SUPERUSER_ID).with_company(cls.other).create({
            "company_id": cls.other.id, "partner_id": cls.ana.id, "subject": "Ronda", "description": "Nadie pasó",
            "type_id": cls.env["sig.pqrs.type"]._get_fallback(cls.other, "queja").id, "channel": "phone", "state": "received",
        }).sudo().with_company(cls.company)  # fmt: skip

    def send(self, mails):
        with SmtpStub().serves() as server:
            mails.send()
        self.assertTrue(server.taken)
        return server.taken

    def tell_director(self):
        self.env["sig.staff.notice"]._mail([(self.their_director, self.other, "Resumen", "Hola", "https://x")])
        return self.env["mail.mail"].search([("subject", "=", "Resumen")])

    def assertTheirs(self, mails):
        """Neither From, nor where answers and returned mails go, is of the first company."""
        for sender, _recipients, message in self.send(mails):
            for text in (sender, message["From"], message["Reply-To"], message["Return-Path"]):
                self.assertIn("otra.example.net", text)
                self.assertNotIn("@example.com", text)

    def test_notices(self):
        for purpose in ("acknowledgement", "requirement", "response", "transfer", "withdrawal", "cancellation", "rating", "thanks"):
            with self.subTest(purpose), self.undone():
                self.assertTheirs(self.env["sig.client.notice"]._queue(self.case, purpose, "Texto")[self.case.id])

    def test_under_reserve(self):
        self.case.with_user(self.their_director).with_context(allowed_company_ids=self.other.ids).action_reserve_identity("Lo pidió")
        self.assertTheirs(self.env["sig.client.notice"]._queue(self.case, "thanks", "Texto")[self.case.id])

    def test_internal_mails(self):
        self.assertTheirs(self.tell_director())
        self.other.write({"email": False, "sig_service_email": False})
        self.assertIn("otra.example.net", self.tell_director()[:1].email_from, "without a mailbox of its own too")

    def test_surveys(self):
        wave = self.env["sig.survey.wave"].with_user(SUPERUSER_ID).with_company(self.other).create(
            {"year": 2026, "semester": "2", "date_start": "2026-11-01", "company_id": self.other.id}
        )
        recipient = self.env["sig.survey.recipient"].with_user(SUPERUSER_ID).with_company(self.company)
        mail = self.env["mail.mail"].create(
            {"model": "sig.survey.wave", "res_id": wave.id, "email_from": "info@otra.example.net", "email_to": "a@b.co", "body_html": "x"}
        )
        self.assertEqual((mail.record_company_id, mail.record_alias_domain_id), (self.other, self.theirs))
        self.assertEqual(recipient._mail_get_company_field(), "company_id")

    def test_invitations(self):
        self.ana.company_id = self.other
        self.ana.with_user(self.their_director).with_company(self.other).sudo()._sig_hera_invite()
        self.assertTheirs(self.env["mail.mail"].search([("email_to", "ilike", "ana.ruiz@roble")], limit=1) or self.env["mail.mail"].search(
            [("recipient_ids", "in", self.ana.ids)], limit=1
        ))


class TestPetitionerLanguage(MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("en_US", "es_CO"):
            cls.env["res.lang"]._activate_lang(code)
        cls.company.partner_id.lang = "en_US"
        cls.director.lang = "es_CO"
        cls.form = {
            "type": "queja", "subject": "Ronda", "description": "Nadie pasó", "name": "Ana", "email": "ana@casa.example.org", "notice": "1",
        }  # fmt: skip

    def file(self, channel="web", lang="es_CO", form=()):
        Intake = self.env["sig.pqrs.intake"].with_context(lang=lang).sudo()
        petition = Intake._read_petition({**self.form, **dict(form)}, [], self.company)
        return Intake._file_petition(petition, channel, f"{channel}{lang}{form}")

    def assertWritten(self, case, lang):
        """What is written to who asks is in a language, whatever that of who or what writes."""
        self.assertEqual((case.lang, case._get_lang()), (lang, lang))
        mail = self.env["sig.client.notice"]._queue(case.with_context(lang=False), "acknowledgement")[case.id]
        self.assertIn("Recibimos" if lang == "es_CO" else "We received", mail.body_html)

    def test_each_channel(self):
        for channel, lang, form, expected in (
            ("web", "es_CO", {}, "es_CO"),
            ("web", "en_US", {}, "en_US"),
            ("portal", "en_US", {}, "en_US"),
            ("api", "en_US", {}, "es_CO"),
            ("api", "es_CO", {"lang": "en_US"}, "en_US"),
            ("api", "en_US", {"lang": "xx_XX"}, "es_CO"),
            ("api", "en_US", {"lang": ["en_US"]}, "es_CO"),
        ):
            with self.subTest(channel=channel, lang=lang, form=form), self.undone():
                self.assertWritten(self.file(channel, lang, form), expected)

    def test_mail_and_what_the_sig_files(self):
        self.assertEqual(self.receive(write_mail(author="Pedro <pedro@otro.example.org>")).lang, "es_CO")
        self.ana.lang = "en_US"
        self.assertEqual(self.make_case(partner_id=self.ana.id).lang, "en_US", "the contact says it")

    def test_it_stays(self):
        case = self.file()
        self.ana.lang = "en_US"
        case.partner_id = self.ana
        self.assertWritten(case, "es_CO")
        case.with_user(self.director).action_reserve_identity("Lo pidió")
        self.assertWritten(case, "es_CO")

    def test_links_open_pages_in_it(self):
        website = self.company.website_id
        website.language_ids = self.env["res.lang"].search([("code", "in", ("en_US", "es_CO"))])
        for default, lang in (("en_US", "es_CO"), ("es_CO", "en_US")):
            website.default_lang_id = self.env["res.lang"]._get_data(code=default).id
            code = self.env["res.lang"]._get_data(code=lang).url_code
            with self.subTest(lang), self.undone():
                self.assertIn(f"/{code}/pqrs/track?", self.file(lang=lang)._get_tracking_url())
                self.assertNotIn(f"/{code}/", self.file(lang=default)._get_tracking_url())
