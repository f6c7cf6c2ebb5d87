import re

from .common import freeze_time
from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_hera import HeraCase
from .test_intake import FORM


@freeze_time("2026-11-24 15:00:00")
class TestNoTrace(HeraCase, FilingCommon):
    """Who asks without a name, or under reserve, while logged in: no row of the database says who it was."""

    def setUp(self):
        super().setUp()
        self.portal.partner_id.phone = "3001234567"
        self.env.flush_all()
        self.login(self.portal)

    def get_trace(self):
        """``{table.column: ids}`` of what the user of the client made or changed."""
        self.env.cr.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = current_schema AND table_type = 'BASE TABLE' AND column_name IN ('create_uid', 'write_uid')"
        )
        trace = {}
        for table, column in self.env.cr.fetchall():
            if table in ("res_users_log", "res_device_log", "bus_bus", "ir_cron_trigger"):  # say nothing of a case
                continue
            self.env.cr.execute(f'SELECT id FROM "{table}" WHERE "{column}" = %s', [self.portal.id])
            if ids := [row[0] for row in self.env.cr.fetchall()]:
                trace[f"{table}.{column}"] = ids
        return trace

    def take(self, case, step, files=None, **data):
        url = f"/my/pqrs/{case.id}"
        return self.post(f"{url}/{step}", url, files=files, allow_redirects=False, **data)

    def test_anonymous(self):
        page = self.get("/my/pqrs/new").text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
        files = [("attachments", (PDF.name, PDF.content, "application/pdf"))]
        self.url_open("/my/pqrs/new", data={**FORM, **hidden, "anonymous": "1"}, files=files)
        self.env.invalidate_all()
        case = self.get_new() - self.case
        self.assertEqual((case.anonymous, case.attachment_ids.mapped("name")), (True, [PDF.name]))
        self.assertEqual(self.get_trace(), {})

    def test_steps_under_reserve(self):
        files = [("attachments", (PDF.name, PDF.content, "application/pdf"))]
        for step, data in (
            ("write", {"text": "dato", "token": "w", "files": files}),
            ("deliver", {"text": "acta", "token": "d", "files": files}),
            ("withdraw", {"text": "ya"}),
            ("surveys", {"allows": "1"}),
        ):
            with self.subTest(step):
                case = self.make_reserved()
                self.builder.assign(case, self.operations)
                if step == "deliver":
                    self.require(case)
                self.assertEqual(self.take(case, step, **data).status_code, 303)
                self.assertEqual(self.get_trace(), {})

    def test_rating_under_reserve(self):
        for page in (True, False):
            with self.subTest(page=page):
                case = self.builder.send(self.make_approved(self.make_reserved()))
                if page:
                    self.take(case, "rate", rate="2", text="malo")
                else:
                    url = f"/pqrs/rate/{case.sudo()._rating_get_access_token()}"
                    self.post(url, url, rate="2", feedback="malo")
                self.assertEqual(case.rating_state, "rated")
                self.assertEqual(self.get_trace(), {})

    def test_reserved_since(self):
        """What the client did before remains with the identity alone, which the SIG reads."""
        case = self.make_own()
        self.builder.assign(case, self.operations)
        self.take(case, "write", text="dato", token="w", files=[("attachments", (PDF.name, PDF.content, "application/pdf"))])
        self.take(self.require(case), "deliver", text="acta", token="d")
        self.take(case, "withdraw", text="ya")
        self.assertTrue(self.get_trace())
        case.with_user(self.director).action_reserve_identity("Teme por su empleo")
        self.env.flush_all()
        identity = case.sudo().identity_ids
        trace = self.get_trace()
        messages = set(trace.pop("mail_message.create_uid", [])) | set(trace.pop("mail_message.write_uid", []))
        files = set(trace.pop("ir_attachment.create_uid", [])) | set(trace.pop("ir_attachment.write_uid", []))
        self.assertLessEqual(messages, set(identity.message_ids.ids))
        self.assertLessEqual(files, set(identity.message_ids.attachment_ids.ids))
        self.assertEqual(trace, {})
