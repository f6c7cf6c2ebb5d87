"""What is tried against the doors of clients: by robots, by the curious, and by bad luck."""
import re
from unittest.mock import Mock, patch

import psycopg2.errors
import requests

from odoo import http
from odoo.addons.sig_pqrs.controllers.client_pages import STEPS, reads_replica
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .browser import open_browser
from .common import real_clock
from .rpc import RpcCommon
from .test_client_steps import PDF
from .test_filing_page import URL, FilingCommon
from .test_intake import FORM
from .test_tracking import ClientPagesCase

#: pages that read and write: what they count is no change of a case
COUNTING = {"/pqrs/track", "/pqrs/evidence/<int:pack_id>", "/pqrs/personal-data/<int:export_id>", "/pqrs/answers/<int:answer_id>"}
STEP, HERA_STEP = (f"{base}/<any({','.join(STEPS)}):step>" for base in ("/pqrs/track/case", "/my/pqrs/<int:case_id>"))
#: pages that check the token against CSRF themselves, to lose nothing of what was written: see `test_wrong_tokens`
OWN_CHECK = {
    "/pqrs/new", "/my/pqrs/new", "/pqrs/track", "/pqrs/track/leave", "/pqrs/rate/<string:token>",
    "/pqrs/rate/<string:token>/review", "/pqrs/faq", "/my/pqrs/faq",
    STEP, HERA_STEP,
}


@real_clock
class TestEveryPage(FilingCommon):
    """What holds of every page of the addon, of those to come too."""

    def get_rules(self):
        """``[(path, routing)]``; some of our controllers go on from those of the portal."""
        rules = http._generate_routing_rules(["portal", "sig_pqrs"], nodb_only=False)
        return [(path, endpoint.routing) for path, endpoint in rules if "pqrs" in path]

    def test_reading_changes_nothing(self):
        """A page that is read has a cursor that refuses to write, or counts tries in a transaction of its own."""
        rules = self.get_rules()
        self.assertGreater(len(rules), 20)
        for path, routing in rules:
            with self.subTest(path):
                self.assertIn(routing["methods"], (["GET"], ["POST"]), "a page either reads or writes")
                if routing["methods"] == ["GET"]:
                    # By who has just written a page is read where it was written, with a replica or without one.
                    self.assertTrue(routing["readonly"] in (True, reads_replica) or path in COUNTING)
                else:
                    self.assertTrue(routing.get("csrf", True) or path in OWN_CHECK)

    def test_search_engines_get_the_pages_for_everybody(self):
        shown = {path for path, routing in self.get_rules() if routing.get("sitemap") is not False}
        self.assertEqual(shown, {"/pqrs", "/pqrs/new", "/pqrs/privacy"})


class TestMishaps(FilingCommon, ClientPagesCase):
    def test_wrong_tokens(self):
        spanish = self.env.ref("base.lang_es_CO")
        self.website.language_ids |= spanish
        self.website.write({"default_lang_id": spanish.id, "language_ids": [(6, 0, spanish.ids)]})
        self.portal.lang = "es_CO"
        case, rated, poor = self.make_own(), self.make_closed(), self.make_closed()
        self.builder.rate(poor, 1)
        self.authenticate(self.portal.login, self.portal.login)
        token, code = self.get_token(self.get("/pqrs/track")), case.sudo()._get_tracking_code()
        self.url_open("/pqrs/track", data={"csrf_token": token, "number": case.name, "code": code})
        asked = {
            "/pqrs/new": [(URL, {**FORM, "subject": "Lo que escribí"})],
            "/my/pqrs/new": [("/my/pqrs/new", {**FORM, "subject": "Lo que escribí"})],
            "/pqrs/track": [("/pqrs/track", {"number": "Lo que escribí", "code": code})],
            "/pqrs/track/leave": [("/pqrs/track/leave", {"lang": "es"})],
            "/pqrs/rate/<string:token>": [
                (f"/pqrs/rate/{rated.sudo()._rating_get_access_token()}", {"rate": "1", "feedback": "Lo que escribí"})
            ],
            "/pqrs/rate/<string:token>/review": [
                (f"/pqrs/rate/{poor.sudo().rating_ids.access_token}/review", {"text": "Lo que escribí"})
            ],
        }
        for path in ("/pqrs/faq", "/my/pqrs/faq"):
            asked[path] = [(path, {"text": "Lo que escribí"})]
        for path, base in ((STEP, "/pqrs/track/case"), (HERA_STEP, f"/my/pqrs/{case.id}")):
            asked[path] = [(f"{base}/{step}", {"text": "Lo que escribí", "allows": "1", "rate": "1"}) for step in STEPS]
        self.assertEqual(set(asked), OWN_CHECK)
        cases, kinds, consents = self.env["sig.pqrs"].search([]), self.kinds(case), self.env["sig.privacy.consent"].search([])
        for url, form in [one for several in asked.values() for one in several]:
            for token in ({}, {"csrf_token": "ñ"}):
                with self.subTest(url, token=token):
                    response = self.url_open(url, data={**form, **token})
                    self.assertEqual(response.status_code, 400)
                    self.assertIn("demasiado tiempo", response.text)
                    if not url.endswith(("/surveys", "/leave", "/faq")):
                        self.assertIn("Lo que escribí", response.text)
                    if url.endswith("/new"):  # who refuses cookies reads it again and again
                        self.assertIn("mailto:servicioalcliente@example.com", response.text)
            with self.subTest(url):
                files = {"csrf_token": ("a.pdf", PDF.content)}
                self.assertEqual(self.url_open(url, data=form, files=files).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.env["sig.pqrs"].search([]), cases)
        self.assertEqual((self.env["sig.privacy.consent"].search([]), self.kinds(case)), (consents, kinds))
        self.assertFalse(self.see(case)["messages"])
        self.assertEqual(rated.rating_state, "asked")
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track/case", "it was not left")


class TestHostileContent(FilingCommon):
    """Headers are not injected, and a limit or a captcha that fails stops nobody."""

    def test_headers_are_not_injected(self):
        for email in ("ana@example.com\r\nBcc: victima@example.com", "ana@example.com, victima@example.com", "ana@example.com%0aBcc:x@y.co"):
            self.assertEqual(self.post(email=email).status_code, 422, email)
        self.post(name="Ana\r\nBcc: victima@example.com", subject="Hola\r\nBcc: victima@example.com")
        case = self.get_new()
        self.run_cron("sig_pqrs.cron_notices")
        sent = self.catch_mails()
        self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)]).send()
        self.assertTrue(sent)
        for message in sent:
            self.assertFalse(message["Bcc"])
            self.assertNotIn("victima", f"{message['To']}{message['Cc']}{message['Subject']}")

    @mute_logger("odoo.addons.sig_pqrs.models.channel.rate_limit")
    def test_limit_that_cannot_be_counted(self):
        limits = self.env["sig.rate.limit"]
        with (
            patch.object(self.registry, "cursor", side_effect=psycopg2.errors.SerializationFailure),
            patch("odoo.addons.sig_pqrs.models.channel.rate_limit.time.sleep"),
        ):
            self.assertTrue(limits._take("filing", "203.0.113.5", 1))

    @mute_logger("odoo.addons.google_recaptcha.models.ir_http")
    def test_captcha(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("recaptcha_private_key", "secret")
        parameters.set_param("recaptcha_min_score", "0.7")
        for state, answer, error in (
            ("received", {"success": True, "action": "sig_pqrs", "score": 0.9}, None),
            ("to_file", {"success": True, "action": "sig_pqrs", "score": 0.1}, None),
            ("to_file", {"success": True, "action": "login", "score": 0.9}, None),
            ("to_file", {"success": False, "error-codes": ["missing-input-response"]}, None),
            ("to_file", None, requests.exceptions.Timeout()),
        ):
            asked = Mock(return_value=Mock(json=lambda answer=answer: answer), side_effect=error)
            with self.subTest(answer=answer), patch("odoo.addons.google_recaptcha.models.ir_http.requests.post", asked):
                self.assertEqual(self.post(subject=None, recaptcha_token_response="token").status_code, 422)
                self.assertFalse(asked.called, "an error in a field does not use it up")
                response = self.post(recaptcha_token_response="token", subject=str(answer))
                case = self.get_new()
                self.known |= case
                self.assertIn(case.name, response.text)
                self.assertEqual((case.state, asked.call_args.args[1]["response"]), (state, "token"))

    @mute_logger("odoo.addons.sig_pqrs.controllers.filing")
    def test_captcha_that_breaks(self):
        """Turnstile refuses by the same method."""
        for error in (ZeroDivisionError(), ValidationError("No"), UserError("No")):
            with patch.object(self.registry["ir.http"], "_verify_request_recaptcha_token", side_effect=error):
                self.post(subject=repr(error))
            self.assertEqual(self.get_new().state, "to_file")
            self.known |= self.get_new()

    def test_captcha_out_of_reach_lets_the_form_go(self):
        """Turnstile holds the form until its server answers; what the page does after that long is done at once."""
        with open_browser(self) as browser:
            browser.ask("Page.addScriptToEvaluateOnNewDocument", source="""
                const later = window.setTimeout;
                window.held = [];
                window.setTimeout = (what, time, ...given) => time < 5000 ? later(what, time, ...given) : window.held.push(what);
            """)
            browser.go(URL)
            browser.wait("!!odoo.loader && [...document.querySelectorAll('.sig_pqrs_form')].length === 1")
            browser.run("""(() => {
                const form = document.querySelector(".sig_pqrs_form");
                form.querySelector("button[type=submit]").classList.add("disabled", "cf_form_disabled");
                form.insertAdjacentHTML("beforeend", '<input class="turnstile_captcha_valid" required style="display: none">');
            })()""")
            self.assertFalse(browser.run("document.querySelector('.turnstile_captcha_valid').checkValidity()"))
            browser.run("window.held.forEach((what) => what())")
            self.assertTrue(browser.run("document.querySelector('.turnstile_captcha_valid').checkValidity()"))
            self.assertFalse(browser.run("!!document.querySelector('.sig_pqrs_form .disabled')"))


class TestTraces(FilingCommon, ClientPagesCase):
    def find(self, *texts):
        """The tables in which any of the texts stands."""
        self.env.flush_all()
        pattern = "|".join(map(re.escape, texts))
        self.env.cr.execute(
            """SELECT table_name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"""
        )
        found = set()
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT 1 FROM "{table}" AS t WHERE t::text ~* %s LIMIT 1', [pattern])
            if self.env.cr.rowcount:
                found.add(table)
        return found

    def test_nothing_of_the_anonymous(self):
        typed = {"name": "Zoraida Quiñónez", "email": "zoraida@zq.example.org", "phone": "399 777 1188", "document_number": "98.765.432-1"}
        self.authenticate(self.portal.login, self.portal.login)
        users = self.find(self.portal.login)
        self.post(anonymous="1", files=[("a.pdf", PDF.content)], **typed)
        case = self.get_new()
        self.run_cron("sig_pqrs.cron_notices")
        self.assertTrue(case.anonymous)
        self.assertFalse(self.find(*typed.values(), "Zoraida"))
        self.assertEqual(self.find(self.portal.login), users)  # as their user: `test_hera_filing::TestNoTrace`

    def test_the_code_is_kept_nowhere(self):
        self.post()
        case = self.get_new()
        code = case._get_tracking_code()
        self.assertFalse(self.find(code, code.replace("-", "")), "before the acknowledgement, which tells it")
        self.assertTrue(self.find(case.name))

    def test_logs_of_what_clients_do(self):
        case = self.make_own(subject="Ronda sin hacer")
        # Odoo's loggers have a level of their own, that of the run.
        with self.assertLogs(level="DEBUG") as logs, self.assertLogs("odoo", "DEBUG") as own:
            data = {"csrf_token": self.get_token(self.get("/pqrs/track"))}
            self.url_open("/pqrs/track", data={**data, "number": case.name, "code": case.sudo()._get_tracking_code()})
            page = self.get("/pqrs/track/case")
            data = {"csrf_token": self.get_token(page), "text": "Soy Zoraida Quiñónez", "token": "t"}
            self.url_open("/pqrs/track/case/write", data=data, files=[("attachments", ("Cédula.pdf", PDF.content))])
            self.authenticate(self.portal.login, self.portal.login)
            self.get(f"/my/pqrs/{case.id}")
            self.authenticate(None, None)
            self.post(subject=None)
            self.post(files=[("Cédula.pdf", PDF.content)])
            self.env.flush_all()
        self.env.invalidate_all()
        filed = self.get_new() - case
        self.assertEqual((len(self.see(case)["messages"]), len(filed.attachment_ids)), (1, 1))
        lines = [line for line in logs.output + own.output if ":odoo.sql_db:" not in line]  # Odoo's own, when it is asked to
        codes = (case | filed).sudo().mapped(lambda each: each._get_tracking_code())
        people = ("Zoraida", "Cédula", "Cliente HERA", "portal@example.com", "Ana Ruiz", "ana@example.com", "310 555", "52.123", "guarda")
        for text in (*people, *codes):
            self.assertFalse([line for line in lines if text in line], text)

    def test_wrong_and_unknown_cost_the_same(self):
        case = self.make_own()
        find = self.env["sig.tracking"]._find
        self.assertFalse(find(case.name, "x"))
        wrong, unknown = (self.count_queries(find, number, "0000-0000-0000-0000") for number in (case.name, "PQRS-1999-00001"))
        self.assertEqual(wrong, unknown)


class TestEnumeration(RpcCommon, ClientPagesCase):
    """Numbers are guessed: of cases, of files, of messages. None opens what is of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Otra", "country_id": cls.env.ref("base.co").id})
        cls.foreigner = cls.stranger.copy({
            "login": "hera_foreigner", "email": "foreigner@example.com", "password": "hera_foreigner",
            "company_id": cls.other_company.id, "company_ids": [(6, 0, cls.other_company.ids)],
        })

    def setUp(self):
        super().setUp()
        self.case = self.builder.send(self.make_approved(self.make_own(subject="SECRETO")))
        self.annex = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"%PDF-1.4 SECRETO"})
        self.case.sudo().attachment_ids = self.annex
        self.letter = self.case.sudo().letter_id
        self.case.with_user(self.director).message_post(body="SECRETO")
        self.message = self.case.message_ids[:1]
        self.env.flush_all()

    def visitors(self):
        for user in (None, self.stranger, self.foreigner, self.portal):
            self.authenticate(user and user.login, user and user.login)
            yield user

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.mail.controllers.thread")
    def test_addresses_of_core(self):
        case, annex, letter = self.case.id, self.annex.id, self.letter.id
        addresses = [
            f"/web/content/{annex}", f"/web/content/{letter}", f"/web/content/{annex}?access_token=x", f"/web/image/{annex}",
            f"/web/image/{annex}/10x10", f"/web/content?model=sig.pqrs&id={case}&field=response", f"/web/image/sig.pqrs/{case}/description",
            f"/web/content/ir.attachment/{annex}/raw", f"/web/content/ir.attachment/{letter}/datas?download=true",
            f"/report/html/sig_pqrs.report_response_letter/{case}", f"/report/pdf/sig_pqrs.report_response_letter/{case}",
            f"/mail/view?model=sig.pqrs&res_id={case}", f"/mail/message/{self.message.id}", f"/odoo/pqrs/{case}", f"/odoo/sig.pqrs/{case}",
            f"/mail/avatar/mail.message/{self.message.id}/author_avatar/50x50", f"/discuss/channel/{case}/attachment/{annex}",
        ]
        addresses += [f"/report/pdf/{report.report_name}/{case}" for report in self.env["ir.actions.report"].search([("model", "=", "sig.pqrs")])]
        for user in self.visitors():
            for url in addresses:
                response = self.get(url)
                self.assertNotIn(b"SECRETO", response.content, f"{user and user.login}: {url}")
                self.assertNotIn(self.letter.raw, response.content, f"{user and user.login}: {url}")

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_calls_of_the_chatter(self):
        """What of the web client is a call of a model, `test_rpc` tries."""
        calls = [
            ("/mail/thread/messages", {"thread_model": "sig.pqrs", "thread_id": self.case.id}),
            ("/mail/chatter_fetch", {"thread_model": "sig.pqrs", "thread_id": self.case.id}),
            ("/mail/thread/data", {"thread_model": "sig.pqrs", "thread_id": self.case.id, "request_list": ["attachments"]}),
            ("/mail/attachment/delete", {"attachment_id": self.annex.id}),
        ]  # what is written: `test_forged_messages`
        for user in self.visitors():
            for url, params in calls:
                self.env.flush_all()
                response = self.url_open(url, json={"jsonrpc": "2.0", "method": "call", "params": params})
                self.assertNotIn("SECRETO", response.text, f"{user and user.login}: {url}")
        self.env.invalidate_all()
        self.assertTrue(self.annex.exists())
