import logging
import re
from unittest.mock import patch

from lxml import etree

from odoo.addons.sig_pqrs.tools import clean_text
from odoo.tests import HttpCase

from .common import freeze_time
from .test_client_steps import PDF, ClientCommon


class ClientPagesCase(ClientCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["sig.rate.limit"], "_take", lambda *_arguments: True)

    def get(self, url, **kwargs):
        self.env.flush_all()
        return self.url_open(url, **kwargs)

    def post(self, url, page=None, files=None, allow_redirects=True, **data):
        """Post a form with the token of its page."""
        if page:
            data = {"csrf_token": self.get_token(self.get(page)), **data}
        self.env.flush_all()
        response = self.url_open(url, data=data, files=files, allow_redirects=allow_redirects)
        self.env.invalidate_all()
        return response


@freeze_time("2026-11-24 15:00:00")
class TestTracking(ClientPagesCase):
    """The tracking page: number and code become a session, and nothing else opens a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(partner_id=cls.portal.partner_id.id, subject="Ronda sin hacer")
        cls.code = cls.case.sudo()._get_tracking_code()

    def open(self, case=None, **kwargs):
        case = case or self.case
        return self.post(
            "/pqrs/track", "/pqrs/track", number=case.name, code=case.sudo()._get_tracking_code(), **kwargs
        )

    def test_number_and_code(self):
        response = self.open()
        self.assertURLEqual(response.url, "/pqrs/track/case")
        self.assertIn("Ronda sin hacer", response.text)
        self.assertNotIn(self.code, response.text)
        title = re.search("<title>(.*?)</title>", response.text, re.S).group(1)
        self.assertNotIn(self.case.name, title)
        self.assertIn("Ronda sin hacer", self.get("/pqrs/track/case").text)

    def test_link_becomes_a_session(self):
        url = self.case._get_tracking_url().removeprefix(self.case.get_base_url())
        self.assertEqual(url, f"/pqrs/track?number={self.case.name}&code={self.code}")
        response = self.get(url, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertURLEqual(response.headers["Location"], "/pqrs/track/case")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("Ronda sin hacer", self.get("/pqrs/track/case").text)

    def test_code_is_in_no_log(self):
        for code in (self.code, self.code.replace("-", "%20")):
            line = f"GET /pqrs/track?number={self.case.name}&code={code}&x=1 HTTP/1.1"
            record = logging.makeLogRecord({"msg": '"%s" %s %s', "args": (line, "303", "-")})
            self.assertTrue(logging.getLogger("werkzeug").filter(record))
            self.assertNotIn(code, record.getMessage())
            self.assertIn(f"number={self.case.name}&code=…&x=1", record.getMessage())

    def test_wrong_and_unknown_look_the_same(self):
        other = self.make_own()
        self.make_case().sudo().state = "to_file"
        hidden = self.make_case()
        hidden.sudo().state = "to_file"
        texts = set()
        for number, code in (
            (self.case.name, "0000-0000-0000-0000"),
            ("PQRS-2026-99999", self.code),
            (self.case.name, other.sudo()._get_tracking_code()),
            (hidden.name, hidden.sudo()._get_tracking_code()),
            ("x" * 500, "y" * 500),
            ("", ""),
            ("%", "%"),
            ("PQRS\x00", "\x00"),
        ):
            response = self.post("/pqrs/track", "/pqrs/track", number=number, code=code)
            self.assertEqual(response.status_code, 200)
            self.assertURLEqual(response.url, "/pqrs/track?wrong=1")
            typed = etree.HTML(response.content).find(".//input[@name='number']").attrib.pop("value", "")
            self.assertEqual(typed, clean_text.line(number)[:40], "it is not to be typed again")
            texts.add(re.sub(r"csrf_token\W+(value=)?\W*\w+|id=.track_number.[^>]*", "", response.text))
        self.assertEqual(len(texts), 1)
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")

    def test_last_digits(self):
        """The code tells which case is meant where several end alike, of other years or companies."""
        number = self.case.name.rpartition("-")[2]
        for typed in (number, str(int(number)), f" {number} "):
            response = self.post("/pqrs/track", "/pqrs/track", number=typed, code=self.code)
            self.assertURLEqual(response.url, "/pqrs/track/case")
            self.post("/pqrs/track/case", "/pqrs/track/leave")
        older = self.env["sig.pqrs"].search([("name", "!=", self.case.name)], limit=1) or self.make_own(subject="Otra")
        older.sudo().name = f"PQRS-2019-{number}"
        self.env.flush_all()
        for case in (self.case, older):
            self.post("/pqrs/track", "/pqrs/track", number=number, code=case.sudo()._get_tracking_code())
            self.assertIn(case.name, self.get("/pqrs/track/case").text)
        for typed in ("%", "9", "²", "0" * 60):
            self.assertURLEqual(self.post("/pqrs/track", "/pqrs/track", number=typed, code=self.code).url, "/pqrs/track?wrong=1")

    def test_headers(self):
        self.open()
        for url in ("/pqrs/track", "/pqrs/track/case"):
            response = self.get(url)
            self.assertIn("noindex", response.headers["X-Robots-Tag"])
            self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(response.headers["Cache-Control"], "no-store")
            self.assertIn('<meta name="robots" content="noindex', response.text)

    def test_a_case_that_waits_to_be_filed_is_not_followed(self):
        self.open()
        self.case.sudo().state = "to_file"
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")

    def test_session_ends(self):
        self.open()
        with freeze_time("2026-11-24 16:59:00"):
            self.assertIn("Ronda sin hacer", self.get("/pqrs/track/case").text)
        with freeze_time("2026-11-24 18:58:00"):
            self.assertIn("Ronda sin hacer", self.get("/pqrs/track/case").text, "what is looked at stays open")
        with freeze_time("2026-11-24 20:59:00"):
            self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")

    def test_session_of_before_is_worth_nothing(self):
        self.get("/pqrs/track")
        before = self.opener.cookies["session_id"]
        self.open()
        self.assertNotEqual(self.opener.cookies["session_id"], before)
        self.opener.cookies["session_id"] = before
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")

    def test_revoked_code(self):
        self.open()
        self.case.with_user(self.director).action_revoke_tracking("Lo publicaron en un grupo")
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track", "pages that it opened close")
        response = self.post("/pqrs/track", "/pqrs/track", number=self.case.name, code=self.code)
        self.assertURLEqual(response.url, "/pqrs/track?wrong=1")
        self.assertIn("Ronda sin hacer", self.open().text, "the new code works")
        act = self.case.sudo().act_ids.sorted("number")[-1]
        self.assertEqual((act.kind, act.note), ("tracking_revoked", "Lo publicaron en un grupo"))
        self.assertChain(self.case)

    # -- Steps ------------------------------------------------------------------------------------------------------

    def test_write_with_a_file(self):
        self.open()
        page = self.get("/pqrs/track/case")
        data = {"csrf_token": self.get_token(page), "text": "Olvidé la hora", "token": "t"}
        for _time in range(2):  # a double click
            response = self.post("/pqrs/track/case/write", files=[("attachments", ("acta.pdf", PDF.content))], **data)
            self.assertURLEqual(response.url, "/pqrs/track/case?done=write")
        [message] = self.see(self.case)["messages"]
        self.assertEqual((message["text"], message["files"][0]["name"]), ("Olvidé la hora", "acta.pdf"))
        file = self.get(f"/pqrs/track/case/file/{message['files'][0]['id']}")
        self.assertEqual(file.content, PDF.content)
        self.assertIn("attachment", file.headers["Content-Disposition"])
        self.assertEqual(file.headers["X-Content-Type-Options"], "nosniff")

    def test_whole_life(self):
        self.require(self.case)
        self.builder.tell(self.case)
        self.open()
        self.assertIn("Envíe el acta", self.get("/pqrs/track/case").text)
        for _time in range(2):  # a double click
            response = self.post("/pqrs/track/case/extend", "/pqrs/track/case")
            self.assertURLEqual(response.url, "/pqrs/track/case?done=extend")
        self.assertEqual(self.kinds(self.case).count("completion_extension"), 1)
        self.assertNotIn("form_extend", response.text, "once")
        self.post("/pqrs/track/case/deliver", "/pqrs/track/case", text="Va", token="a")
        self.assertIn("information_delivered", self.kinds(self.case))
        self.case.with_user(self.director).action_register_completion()
        self.builder.send(self.builder.answer(self.case, self.operations))
        page = self.get("/pqrs/track/case")
        letter = self.case.sudo().letter_id
        self.assertIn(f"/pqrs/track/case/file/{letter.id}", page.text)
        self.assertEqual(self.get(f"/pqrs/track/case/file/{letter.id}").content, letter.raw)
        response = self.post("/pqrs/track/case/rate", "/pqrs/track/case", rate="5", text="Bien")
        self.assertURLEqual(response.url, "/pqrs/track/case?done=rate")
        self.assertEqual(self.case.rating_value, 5)
        other = self.make_own()
        self.open(other)
        self.post("/pqrs/track/case/withdraw", "/pqrs/track/case", text="Ya no")
        self.assertEqual(other.outcome, "withdrawn")

    def test_errors_keep_what_was_typed(self):
        self.open()
        response = self.post(
            "/pqrs/track/case/write", "/pqrs/track/case", text="Mi texto largo",
            files=[("attachments", ("x.html", b"<script>alert(1)</script>"))],
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("Mi texto largo", response.text)
        self.assertIn("alert-danger", response.text)
        self.assertFalse(self.see(self.case)["messages"])

    def get_draft(self, page):
        """What the page gives back: the fields of its forms, as a browser sends them again."""
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return {**fields, **dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]+)</textarea>', page.text))}

    def test_a_page_that_was_open_too_long(self):
        """What is refused for its token, as by every page (`test_attacks`), is given back and may be sent."""
        self.require(self.case)
        self.open()
        files = [("attachments", ("acta.pdf", PDF.content))]
        response = self.post("/pqrs/track/case/deliver", files=files, text="Aquí va el acta", token="t", csrf_token="0o0")
        self.assertEqual(response.status_code, 400)
        self.assertIn("adjunte de nuevo los archivos", response.text)
        self.assertNotIn("information_delivered", self.kinds(self.case))
        self.post("/pqrs/track/case/deliver", files=files, **self.get_draft(response))
        self.assertIn("information_delivered", self.kinds(self.case))

    def test_session_that_ended_takes_nothing_away(self):
        self.require(self.case)
        self.open()
        token = self.get_token(self.get("/pqrs/track/case"))
        with freeze_time("2026-11-24 17:00:01"):
            page = self.post("/pqrs/track/case/deliver", csrf_token=token, text="Aquí <va> el acta", token="t")
            self.assertIn("no se envió nada", page.text)
            self.assertNotIn("Envíe el acta", page.text)
            draft = {**self.get_draft(page), "text": "Aquí <va> el acta"}
            self.assertIn("Aquí &lt;va&gt; el acta", page.text)
            page = self.post("/pqrs/track", **draft, number=self.case.name, code="0000")
            self.assertIn("alert-danger", page.text)
            self.assertIn("Aquí &lt;va&gt; el acta", page.text)
            self.assertIn(f'value="{self.case.name}"', page.text)
            page = self.post("/pqrs/track", **{**draft, "csrf_token": "x"}, number=self.case.name, code=self.code)
            self.assertEqual(page.status_code, 400)
            self.assertIn("Aquí &lt;va&gt; el acta", page.text)
            self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")
            draft["csrf_token"] = self.get_token(page)
            page = self.post("/pqrs/track", **draft, number=self.case.name, code=self.code)
            self.assertURLEqual(page.url, "/pqrs/track/case")
            self.assertRegex(page.text, r'id="text_deliver"[^>]*>Aquí &lt;va&gt; el acta<')
            self.assertNotIn("information_delivered", self.kinds(self.case), "nobody sent it yet")
            self.assertNotIn("Aquí &lt;va&gt;", self.get("/pqrs/track/case").text, "given back once")
            self.post("/pqrs/track/case/deliver", csrf_token=self.get_token(page), text=draft["text"], token="t")
        self.assertIn("information_delivered", self.kinds(self.case))

    def test_a_step_that_is_over_loses_no_text(self):
        self.require(self.case)
        self.open()
        token = self.get_token(self.get("/pqrs/track/case"))
        self.case.with_user(self.director).action_register_completion()
        response = self.post("/pqrs/track/case/deliver", csrf_token=token, text="Aquí va el acta", token="t")
        self.assertIn("alert-danger", response.text)
        self.assertRegex(response.text, r'id="text_write"[^>]*>Aquí va el acta<')

    def test_markup_is_text(self):
        self.open()
        for text in ("<script>alert(1)</script>", "{{7*7}}", '<t t-out="1+1"/>', "'; DROP TABLE sig_pqrs; --"):
            self.post("/pqrs/track/case/write", "/pqrs/track/case", text=text)
        page = self.get("/pqrs/track/case").text
        self.assertNotIn("<script>alert(1)", page)
        self.assertIn("{{7*7}}", page)
        self.assertEqual(len(self.see(self.case)["messages"]), 4)

    def test_nobody_without_a_session(self):
        page = self.get("/pqrs/track")
        for step in ("write", "deliver", "withdraw", "rate"):
            response = self.post(f"/pqrs/track/case/{step}", csrf_token=self.get_token(page), text="x", rate="5")
            self.assertEqual(response.status_code, 400)
            self.assertIn("sig_track_form", response.text)
            self.assertNotIn("Ronda sin hacer", response.text)
        annex = self.env["ir.attachment"].create({"name": "a.pdf", "raw": PDF.content})
        self.case.sudo().attachment_ids = annex
        self.assertEqual(self.get(f"/pqrs/track/case/file/{annex.id}").status_code, 404)
        self.assertEqual(self.case.state, "received")

    def test_files_of_others(self):
        annex = self.env["ir.attachment"].create({"name": "a.pdf", "raw": PDF.content})
        self.make_own().sudo().attachment_ids = annex
        self.open()
        for attachment_id in (annex.id, annex.id + 1000, 1, 0):
            self.assertEqual(self.get(f"/pqrs/track/case/file/{attachment_id}").status_code, 404)


@freeze_time("2026-11-24 15:00:00")
class TestTrackingLimit(ClientCommon, HttpCase):
    """Codes are not guessed: tries are counted by address, also by several workers."""

    def try_code(self, number="PQRS-2026-00001", code="0"):
        page = self.url_open("/pqrs/track")
        token = self.get_token(page)
        return self.url_open("/pqrs/track", data={"csrf_token": token, "number": number, "code": code})

    def test_limit(self):
        case = self.make_own(subject="Ronda sin hacer")
        self.company.phone = "601 555 0000"
        self.env.flush_all()
        code = case.sudo()._get_tracking_code()
        with patch("odoo.addons.sig_pqrs.controllers.tracking.MAX_WRONG", 2):
            for _time in range(4):
                self.assertIn("Ronda sin hacer", self.try_code(case.name, code).text, "who has the code is not counted")
            self.assertEqual([self.try_code().status_code for _time in range(2)], [200, 200])
            response = self.try_code(case.name, code)
            self.assertEqual(response.status_code, 429)
            self.assertIn("601 555 0000", response.text)
            self.assertNotIn("Ronda sin hacer", response.text)
            link = self.url_open(f"/pqrs/track?number={case.name}&code={case.sudo()._get_tracking_code()}")
            self.assertEqual(link.status_code, 429, "a link is a try too")
            with freeze_time("2026-11-24 16:00:00"):
                self.assertIn("Ronda sin hacer", self.try_code(case.name, case.sudo()._get_tracking_code()).text)


@freeze_time("2026-11-24 15:00:00")
class TestStepLimit(ClientCommon, HttpCase):
    """What comes in on one case, and from one address, has an end; what was written is given back."""

    def setUp(self):
        super().setUp()
        self.company.write({"phone": "601 555 0000", "sig_service_email": "servicio@example.com"})
        self.open(self.make_own())

    def open(self, case):
        self.case = case
        self.env.flush_all()
        token = self.get_token(self.url_open("/pqrs/track"))
        data = {"csrf_token": token, "number": case.name, "code": case.sudo()._get_tracking_code()}
        page = self.url_open("/pqrs/track", data=data)
        self.token = self.get_token(page)

    def send(self, text, content=b""):
        data = {"csrf_token": self.token, "text": text, "token": text}
        files = [("attachments", ("a.pdf", content))] if content else None
        response = self.url_open("/pqrs/track/case/write", data=data, files=files)
        self.env.invalidate_all()
        return response

    def count(self):
        return len([message for message in self.see(self.case)["messages"] if message["mine"]])

    def test_of_a_case(self):
        with patch("odoo.addons.sig_pqrs.controllers.client_pages.MAX_STEPS", 2):
            self.assertEqual([self.send(f"m{number}").status_code for number in range(3)], [200, 200, 429])
            response = self.send("Lo que quiero decir")
            for text in ("601 555 0000", "servicio@example.com", "Lo que quiero decir"):
                self.assertIn(text, response.text)
            self.assertEqual(self.count(), 2)
            with freeze_time("2026-11-24 16:00:00"):
                self.assertEqual(self.send("m4").status_code, 200)
            self.open(self.make_own())
            self.assertEqual(self.send("m5").status_code, 200, "another case is not affected")

    def test_of_an_address(self):
        with patch("odoo.addons.sig_pqrs.controllers.client_pages.MAX_STEPS_OF_ADDRESS", 2):
            self.assertEqual([self.send(f"m{number}").status_code for number in range(2)], [200, 200])
            self.open(self.make_own())
            self.assertEqual(self.send("m2").status_code, 429)
            self.assertEqual(self.count(), 0)

    def test_of_files(self):
        with patch("odoo.addons.sig_pqrs.controllers.client_pages.MAX_STEPS_MB", 3):
            content = PDF.content + b"\n" * 2**20
            self.assertEqual(self.send("m0", content).status_code, 200, "of more than one MB, two are counted")
            self.assertEqual(self.send("m1", content).status_code, 429)
            self.assertEqual(self.send("m2").status_code, 200, "a text goes on")
            self.assertEqual(self.count(), 2)
