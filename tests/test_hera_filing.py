from unittest.mock import patch

from odoo.exceptions import UserError

from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_hera import HeraCase
from .test_intake import FORM


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
        """Not that of the website, if the client is of another: they would not find it again; also when their session ended."""
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.director.company_ids += other
        other.write({"sig_director_id": self.director.id, "sig_active": True})
        self.website.company_id = other
        self.login(self.portal)
        hidden = self.get_form(self.url)
        self.send()
        self.assertEqual(self.get_new().company_id, self.company)
        self.authenticate(None, None)
        for change in ({}, {"company_id": self.company.id, "sig_pqrs_active": False}):
            self.website.write(change)
            response = self.send(page=hidden, subject="Luminaria de la torre 3")
            self.assertEqual(response.status_code, 400)
            self.assertHolds(response.text, "Luminaria de la torre 3", "Está fundida", "/web/login?redirect=/my/pqrs/new", 'data-owner=""')


class TestNoTrace(HeraCase, FilingCommon):
    """Who asks without a name, or under reserve, while logged in: no row of the database says who it was."""

    FILES = [("attachments", (PDF.name, PDF.content, "application/pdf"))]

    def setUp(self):
        super().setUp()
        self.portal.partner_id.phone = "3001234567"
        self.env.flush_all()
        self.login(self.portal)

    def get_trace(self, user=None):
        """``{table.column: ids}`` of what a user, that of the client by default, made or changed."""
        self.env.cr.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = current_schema AND table_type = 'BASE TABLE' AND column_name IN ('create_uid', 'write_uid')"
        )
        trace = {}
        for table, column in self.env.cr.fetchall():
            if table in ("res_users_log", "res_device_log", "bus_bus", "ir_cron_trigger"):  # say nothing of a case
                continue
            self.env.cr.execute(f'SELECT id FROM "{table}" WHERE "{column}" = %s', [(user or self.portal).id])
            if ids := [row[0] for row in self.env.cr.fetchall()]:
                trace[f"{table}.{column}"] = ids
        return trace

    def take(self, case, step, files=None, **data):
        url = f"/my/pqrs/{case.id}"
        return self.post(f"{url}/{step}", url, files=files, allow_redirects=False, **data)

    def test_anonymous(self):
        """Of a client, and of one of our own people who files on the website."""
        for user, url in ((self.portal, "/my/pqrs/new"), (self.employee, "/pqrs/new")):
            known = self.env["sig.pqrs"].search([])
            self.login(user)
            self.url_open(url, data={**FORM, **self.get_form(url), "anonymous": "1"}, files=self.FILES)
            self.env.invalidate_all()
            case = self.env["sig.pqrs"].search([]) - known
            self.assertEqual((case.anonymous, case.attachment_ids.mapped("name")), (True, [PDF.name]))
            self.assertEqual((self.get_trace(user), case.sudo().act_ids.user_id & user), ({}, self.env["res.users"]))

    def test_steps_under_reserve(self):
        for step, data in (
            ("write", {"text": "dato", "token": "w", "files": self.FILES}), ("deliver", {"text": "acta", "token": "d", "files": self.FILES}),
            ("withdraw", {"text": "ya"}), ("surveys", {"allows": "1"}),
        ):
            with self.subTest(step):
                case = self.make_reserved()
                self.builder.assign(case, self.operations)
                if step == "deliver":
                    self.require(case)
                self.assertEqual((self.take(case, step, **data).status_code, self.get_trace()), (303, {}))

    def test_rating_under_reserve(self):
        for page in (True, False):
            with self.subTest(page=page):
                case = self.builder.send(self.make_approved(self.make_reserved()))
                if page:
                    answers = [self.take(case, "rate", rate="2", text="malo").status_code for _time in range(2)]
                    self.assertEqual(answers, [303, 303], "sent again, it is the same")
                else:
                    url = f"/pqrs/rate/{case.sudo()._rating_get_access_token()}"
                    self.post(url, url, rate="2", feedback="malo")
                self.assertEqual((case.rating_state, self.get_trace()), ("rated", {}))

    def test_reserved_since(self):
        """What the client did before remains with the identity alone, which the SIG reads."""
        case = self.make_own()
        self.builder.assign(case, self.operations)
        self.take(case, "write", text="dato", token="w", files=self.FILES)
        self.take(self.require(case), "deliver", text="acta", token="d")
        self.take(case, "withdraw", text="ya")
        self.assertTrue(self.get_trace())
        case.with_user(self.director).action_reserve_identity("Teme por su empleo")
        self.env.flush_all()
        messages = case.sudo().identity_ids.message_ids
        trace = self.get_trace()
        for table, kept in (("mail_message", messages), ("ir_attachment", messages.attachment_ids)):
            found = {*trace.pop(f"{table}.create_uid", []), *trace.pop(f"{table}.write_uid", [])}
            self.assertLessEqual(found, set(kept.ids))
        self.assertEqual(trace, {})
