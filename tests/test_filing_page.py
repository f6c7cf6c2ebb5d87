import re
from unittest.mock import patch

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import HttpCase
from odoo.tools import config, mute_logger

from .common import SigCommon, freeze_time
from .test_intake import FORM, JPEG, PDF, PNG

URL = "/pqrs/new"


class FilingCommon(SigCommon, HttpCase):
    is_counted = True  # needs a cursor that writes, which tests have not beside one that only reads

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], order="id", limit=1)
        english = cls.env["res.lang"]._activate_lang("en_US")
        cls.website.language_ids |= english
        cls.website.write({"company_id": cls.company.id, "default_lang_id": english.id, "language_ids": [(6, 0, english.ids)]})
        cls.company.phone = "601 555 0000"

    def setUp(self):
        super().setUp()
        self.known = self.env["sig.pqrs"].search([])
        if self._registry_readonly_enabled and not self.is_counted:
            self.patch(self.env.registry["sig.rate.limit"], "_take", lambda *_arguments: True)

    def get_form(self, url=URL):
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', self.url_open(url).text))

    def post(self, files=(), hidden=None, headers=None, **form):
        """Send the complete form with changes; None takes a field out."""
        hidden = self.get_form() if hidden is None else hidden
        data = {name: value for name, value in {**FORM, **hidden, **form}.items() if value is not None}
        files = [("attachments", file) for file in files]
        response = self.url_open(URL, data=data, files=files or None, headers=headers)
        self.env.invalidate_all()
        return response

    def get_new(self):
        return self.env["sig.pqrs"].search([]) - self.known

    def get_number(self, response):
        return re.search(r"PQRS-\d{4}-\d{5}", response.text)[0]


class TestFilingPage(FilingCommon):
    def test_types_offered_are_a_setting(self):
        self.env.ref("sig_pqrs.type_felicitacion").on_website = False
        (self.env.ref("sig_pqrs.type_informacion") | self.env.ref("sig_pqrs.type_autoridad")).on_website = True
        page = self.url_open("/pqrs").text
        self.assertHoldsNone(page, "type=felicitacion", "type=autoridad")
        self.assertIn("type=informacion", page)

    def test_term_that_is_promised(self):
        """That of the law, or fewer days of the company's policy."""
        for policy, days in ((8, {"8"}), (20, {"15"})):
            self.company.sig_policy_days = policy
            self.assertEqual(set(re.findall(r"<strong>(\d+) business days", self.url_open("/pqrs").text)), days)

    def test_button_on_every_page(self):
        for url in ("/", "/contactus"):
            self.assertIn("sig_pqrs_button btn", self.url_open(url).text)
        for url in ("/pqrs", URL, "/pqrs/track", "/my/pqrs/install", "/web/login"):  # HERA has its own form
            self.assertNotIn("sig_pqrs_button btn", self.url_open(url).text)
        self.website.sig_pqrs_button = False
        self.assertNotIn("sig_pqrs_button btn", self.url_open("/").text)

    def test_files_a_case(self):
        response = self.post(files=[("a.pdf", PDF), ("foto.jpg", PNG)], urgent="1", consent_surveys="1")
        self.assertEqual(response.status_code, 200)
        case = self.get_new()
        self.assertEqual((case.channel, case.state, case.company_id), ("web", "received", self.company))
        self.assertEqual((case.partner_name, case.email_from, case.phone), ("Ana Ruiz", "ana@example.com", "310 555 1234"))
        self.assertEqual((case.priority, case.document_type, case.document_number), ("2", "cc", "52.123.456"))
        self.assertEqual({(file.raw, file.mimetype) for file in case.attachment_ids}, {(PDF, "application/pdf"), (PNG, "image/png")})
        self.assertFalse(any(case.attachment_ids.mapped("public")))
        for text in (case.name, case._get_tracking_code(), "December 16, 2026", "10:00", "ana@example.com"):
            self.assertIn(text, response.text)
        self.assertNotIn(case._get_tracking_code(), re.search("<title>.*?</title>", response.text, re.S)[0] + response.url)
        for header, value in (("X-Robots-Tag", "noindex"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store")):
            self.assertIn(value, response.headers[header])
        self.assertChain(case)

    def test_sent_twice_in_every_way(self):
        hidden = self.get_form()
        number = self.get_number(self.post(hidden=hidden, files=[("a.pdf", PDF)]))
        for again in (hidden, hidden, self.get_form(), {**self.get_form(), "submission_token": None}):
            self.assertEqual(self.get_number(self.post(hidden=again, files=[("a.pdf", PDF)])), number)
        for form in ({}, {"subject": "Otra cosa", "files": [("a.pdf", PDF)]}):
            self.assertNotEqual(self.get_number(self.post(hidden=hidden, **form)), number)
        self.assertEqual(len(self.get_new()), 3)

    def test_errors_keep_what_was_typed(self):
        typed = {**FORM, "subject": "x" * 250, "remedy": "<b>Arreglo</b>", "urgent": "1", "consent_surveys": "1"}
        response = self.post(**typed, files=[("a.pdf", PNG)])
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.get_new())
        page = response.text
        for name in ("name", "email", "phone", "city", "site", "document_number", "incident_date", "subject"):
            self.assertRegex(page, rf'name="{name}"[^>]*value="{typed[name]}"')
        self.assertHolds(page, "&lt;b&gt;Arreglo&lt;/b&gt;", FORM["description"])
        for name in ("urgent", "consent_surveys", "notice", "type_queja"):
            self.assertRegex(page, rf'id="pqrs_{name}"[^>]*checked')
        for value in ("natural", "cc", "client", "email"):
            self.assertRegex(page, rf'<option value="{value}"[^>]*selected')
        for name in ("subject", "attachments"):
            self.assertHolds(page, f'id="pqrs_{name}_error"', f'href="#pqrs_{name}"')
        self.assertIn("not what its name says", page)
        self.assertNotIn("maxlength", page, "browsers would cut what is pasted, and say nothing")

    def test_a_bot_is_looked_at_by_a_person(self):
        response = self.post(anonymous="1", reference_code="https://spam.example.com", name=None, email=None)
        case = self.get_new()
        number, code = self.get_number(response), re.search(r'sig_pqrs_code[^>]*>([^<]+)<', response.text)[1]
        self.assertEqual((case.state, number), ("to_file", case.name))
        self.assertHolds(response.text, "will look at it", "we cannot write to you")
        self.assertHoldsNone(response.text, "We sent the same to", 'action="/pqrs/track"')  # it opens nothing yet
        self.assertFalse(self.env["sig.tracking"]._find(number, code), "nobody looked at it yet")
        case.with_user(self.director).action_file()
        self.assertEqual(self.env["sig.tracking"]._find(number, code), case)

    def test_flood_from_one_address(self):
        self.website.sig_pqrs_hourly_limit = 2
        hidden = self.get_form()

        def post(address, number):
            headers = {"X-Forwarded-For": address, "X-Forwarded-Host": self.base_url().split("//")[1]}
            return self.post(hidden=hidden, headers=headers, subject=f"Asunto {number}")

        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual([post("203.0.113.5", number).status_code for number in range(4)], [200, 200, 429, 429])
            page = post("203.0.113.5", 9).text
            self.assertHolds(page, "601 555 0000", "servicioalcliente@example.com", "Asunto 9", FORM["description"])
            self.assertEqual(post("203.0.113.5", 0).status_code, 200, "what was filed is not filed again, nor counted")
            self.assertEqual(post("198.51.100.7", 4).status_code, 200, "others are not affected")
        self.assertEqual(len(self.get_new()), 3)

    def test_every_file_survives_a_second_try(self):
        """The server tries a request again when it cannot serialize, and rewinds one file of a field alone. It is counted
        once; what has an error is not.
        """
        Intake, tries = self.registry["sig.pqrs.intake"], []
        file_petition = Intake._file_petition

        def fail_once(*args, **kwargs):
            case = file_petition(*args, **kwargs)
            tries.append(case.name)
            if len(tries) == 1:
                raise ConcurrencyError("could not serialize access")
            return case

        self.website.sig_pqrs_hourly_limit = 1
        for _time in range(3):
            self.assertEqual(self.post(subject=None).status_code, 422)
        hidden = self.get_form()
        with patch.object(Intake, "_file_petition", fail_once), patch("odoo.service.model.time.sleep"):
            response = self.post(hidden=hidden, files=[("a.pdf", PDF), ("b.jpg", JPEG), ("c.png", PNG)])
        self.assertEqual((response.status_code, len(tries)), (200, 2))
        self.assertEqual(sorted(self.get_new().attachment_ids.mapped("raw")), sorted([PDF, JPEG, PNG]))

    def test_user_of_hera(self):
        """Files in their own name; our own people file for nobody."""
        self.authenticate("sig_portal", "sig_portal")
        page = self.url_open(URL).text
        self.assertIn("Cliente HERA", page)
        self.assertNotIn('name="email"', page)
        self.post(name="Otra persona", email="otra@example.com")
        case = self.get_new()
        self.assertEqual((case.partner_id, case.partner_name), (self.portal.partner_id, "Cliente HERA"))
        self.authenticate("sig_collaborator", "sig_collaborator")
        self.post(subject="Otra")
        self.assertFalse((self.get_new() - case).partner_id)

    def test_the_receipt_has_an_address(self):
        """A reload asks for the receipt and files nothing; others, and later ones, do not see it."""
        receipt = self.post()
        case = self.get_new()
        self.assertEqual((receipt.history[0].status_code, receipt.url), (303, f"{self.base_url()}/pqrs/filed"))
        self.assertIn(case._get_tracking_code(), self.url_open("/pqrs/filed").text)
        self.assertEqual(self.get_new(), case)
        case.tracking_revision += 1
        self.env.flush_all()
        self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs", "its code was revoked")
        self.post(subject="Otra")
        self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs/filed")
        with freeze_time("2026-11-24 15:31:00"):
            self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs")

    def test_the_receipt_is_of_who_filed(self):
        """A session that somebody planted, and the next person at the same computer, read none; of an anonymous
        case no session knows."""
        self.post()
        (own,) = (cookie for cookie in self.opener.cookies if cookie.name == "sig_pqrs_filed")
        self.opener.cookies.clear(own.domain, own.path, own.name)
        self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs", "the session alone does not do")
        self.post(subject="Otra")
        self.url_open("/pqrs/track/leave", data={"csrf_token": self.get_token(self.url_open("/pqrs/track"))})
        self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs")
        known = self.get_new()
        receipt = self.post(subject="Nadie sabe", anonymous="1")
        self.assertIn((self.get_new() - known)._get_tracking_code(), receipt.text)
        self.assertURLEqual(self.url_open("/pqrs/filed").url, "/pqrs")

    def test_the_receipt_in_another_language_of_the_website(self):
        spanish = self.env["res.lang"]._activate_lang("es_CO")
        self.website.write({"default_lang_id": spanish.id, "language_ids": [(4, spanish.id)]})
        for user, url in ((None, "/en/pqrs/new"), ("sig_portal", "/en/my/pqrs/new")):
            self.authenticate(user, user)
            known = self.env["sig.pqrs"].search([])
            receipt = self.url_open(url, data={**FORM, **self.get_form(url)})
            self.assertURLEqual(receipt.url, url.replace("new", "filed"))
            self.assertIn((self.env["sig.pqrs"].search([]) - known).name, receipt.text)

    @mute_logger("odoo.addons.sig_pqrs.controllers.client_pages")
    def test_what_cannot_be_stored_is_told(self):
        for owner, method, fault, status, told in (
            (self.registry["sig.pqrs.intake"], "_on_filed", UserError("No se pudo."), 422, "No se pudo."),
            (IrAttachment, "_file_write", OSError(28, "No space left on device"), 503, "A fault of ours"),
        ):
            with patch.object(owner, method, side_effect=fault):
                response = self.post([("acta.pdf", PDF + b"7" * 5000)])
            self.assertEqual(response.status_code, status)
            self.assertHolds(response.text, told, FORM["description"])
            self.assertNotRegex(response.text, r"PQRS-\d{4}")
            self.assertFalse(self.get_new())

    @mute_logger("odoo.http", "odoo.addons.website.models.ir_http")
    def test_more_than_the_server_takes(self):
        data = {**FORM, **self.get_form()}
        response = self.url_open(URL, data=data, files=[("attachments", ("a.pdf", bytes(61 * 1024 * 1024)))])
        self.assertEqual(response.status_code, 413)
        self.assertFalse(self.get_new())
