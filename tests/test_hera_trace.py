from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_hera import HeraCase
from .test_intake import FORM


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
                self.assertEqual(self.take(case, step, **data).status_code, 303)
                self.assertEqual(self.get_trace(), {})

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
                self.assertEqual(case.rating_state, "rated")
                self.assertEqual(self.get_trace(), {})

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
