from unittest.mock import patch

from odoo.exceptions import UserError

from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_hera import HeraCase


class TestHeraFiling(FilingCommon, HeraCase):
    def setUp(self):
        super().setUp()
        self.url = "/my/pqrs/new"

    def send(self, files=(), page=None, **form):
        hidden = self.get_form(self.url) if page is None else page
        data = {"type": "queja", "subject": "Luminaria", "description": "Está fundida", "notice": "1", **hidden, **form}
        files = [("attachments", file) for file in files]
        self.env.flush_all()
        response = self.url_open(self.url, data={name: value for name, value in data.items() if value is not None}, files=files or None)
        self.env.invalidate_all()
        return response

    def test_files_a_case(self):
        self.login(self.portal)
        page = self.get(self.url)
        self.assertIn("Cliente HERA", page.text)
        for name in ("name", "email", "phone", "document_number"):
            self.assertNotIn(f'name="{name}"', page.text)
        self.assertIn("o_sig_light o_hera", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        response = self.send(files=[("a.pdf", PDF.content)])
        case = self.get_new()
        self.assertEqual((case.channel, case.state, case.partner_id), ("portal", "received", self.portal.partner_id))
        self.assertEqual(case.attachment_ids.raw, PDF.content)
        for text in (case.name, case._get_tracking_code(), f'href="/my/pqrs/{case.id}"', "December 16, 2026"):
            self.assertIn(text, response.text)
        self.assertIn(case.name, self.numbers())
        self.assertChain(case)

    def test_the_notice_is_confirmed_once(self):
        """Each version, and by the person themself; what was not ticked is not recorded as ticked."""
        def describe(case):
            return case.consent_ids.sorted("id").mapped(lambda consent: (consent.subject, consent.how))

        Notice = self.env["sig.privacy.notice"]
        self.login(self.portal)
        self.assertEqual(self.send(notice=None).status_code, 422)
        self.send()
        first = self.get_new()
        self.assertEqual(describe(first), [("notice", "form")])
        self.assertNotIn('name="notice"', self.get(self.url).text)
        self.send(subject="Otra", notice=None)
        second = self.get_new() - first
        self.assertEqual(len(second), 1)
        self.assertNotIn(("notice", "form"), describe(second))
        Notice._get_current(self.company).copy({"body": "<p>Otra versión</p>"}).action_publish()
        self.assertIn('name="notice"', self.get(self.url).text)
        self.assertEqual(self.send(subject="Una más", notice=None).status_code, 422)

    def test_what_somebody_else_confirmed_in_their_name_is_not_theirs(self):
        """Anybody ticks on the website, and the SIG may find the client in the case afterwards."""
        Intake = self.env["sig.pqrs.intake"].with_user(self.env.ref("base.public_user"))
        form = {"type": "queja", "subject": "x", "description": "y", "name": "Ana", "email": "x@evil.example.net", "notice": "1"}
        case = Intake._file_petition(Intake._read_petition(form, [], self.company), "web")
        case.with_user(self.director).partner_id = self.portal.partner_id
        self.login(self.portal)
        self.assertIn('name="notice"', self.get(self.url).text)
        self.assertEqual(self.send(notice=None).status_code, 422)

    def test_session_that_ended_takes_nothing_away(self):
        self.login(self.portal)
        hidden = self.get_form(self.url)
        self.authenticate(None, None)
        response = self.send(page=hidden, subject="Luminaria de la torre 3")
        self.assertEqual(response.status_code, 400)
        self.assertHolds(response.text, "Luminaria de la torre 3", 'action="/pqrs/new"', 'name="email"')
        self.assertFalse(self.get_new())

    def test_who_has_a_user_needs_no_captcha(self):
        self.login(self.portal)
        with patch.object(self.registry["ir.http"], "_verify_request_recaptcha_token", side_effect=UserError("No")):
            self.send(reference_code="x")
        self.assertEqual(self.get_new().state, "received")

    def test_company_of_the_client(self):
        """Not that of the website, if the client is of another: they would not find it again."""
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.website.company_id = other
        self.login(self.portal)
        self.send()
        self.assertEqual(self.get_new().company_id, self.company)
