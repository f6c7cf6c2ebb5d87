import logging
import re
from unittest.mock import patch

from lxml import etree

from odoo.addons.sig_pqrs.controllers.client_pages import ClientPages
from odoo.addons.sig_pqrs.tools import clean_text
from odoo.http import request
from odoo.tests import HttpCase

from .common import freeze_time
from .test_client_steps import PDF, ClientCommon
from .test_intake import PNG

READ = ClientPages._get_page_values


class ClientPagesCase(ClientCommon, HttpCase):
    #: whether tries and steps are counted
    counted = False

    def setUp(self):
        super().setUp()
        if not self.counted:
            self.patch(self.env.registry["sig.rate.limit"], "_take", lambda *_arguments: True)

    def get(self, url, **kwargs):
        self.env.flush_all()
        return self.url_open(url, **kwargs)

    def post(self, url, page=None, files=None, allow_redirects=True, **data):
        if page:
            data = {"csrf_token": self.get_token(self.get(page)), **data}
        self.env.flush_all()
        response = self.url_open(url, data=data, files=files, allow_redirects=allow_redirects)
        self.env.invalidate_all()
        return response

    def open(self, case=None, number=None, code=None):
        case = case or self.case
        number, code = number or case.name, code or case.sudo()._get_tracking_code()
        return self.post("/pqrs/track", "/pqrs/track", number=number, code=code)


class TestTracking(ClientPagesCase):
    """The tracking page: number and code become a session, and nothing else opens a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(partner_id=cls.portal.partner_id.id, subject="Ronda sin hacer")
        cls.code = cls.case.sudo()._get_tracking_code()

    def test_number_and_code(self):
        response = self.open()
        self.assertURLEqual(response.url, "/pqrs/track/case")
        self.assertIn("Ronda sin hacer", response.text)
        self.assertNotIn(self.code, response.text)
        self.assertNotIn(self.case.name, re.search("<title>(.*?)</title>", response.text, re.S)[1])

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
        hidden = self.make_case()
        hidden.sudo().state = "to_file"
        texts = set()
        for number, code in (
            (self.case.name, "0000-0000-0000-0000"), ("PQRS-2026-99999", self.code), (self.case.name, other.sudo()._get_tracking_code()),
            (hidden.name, hidden.sudo()._get_tracking_code()), ("x" * 500, "y" * 500), ("", ""), ("%", "%"), ("PQRS\x00", "\x00"),
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
        older = self.make_own(subject="Otra")
        older.sudo().name = f"PQRS-2019-{number}"
        for case in (self.case, older):
            for typed in (number, str(int(number)), f" {number} "):
                self.open(case, typed)
                self.assertIn(case.name, self.get("/pqrs/track/case").text)
                self.post("/pqrs/track/leave", "/pqrs/track/case")
        for imported in ("125", "Ant-001"):
            older.sudo().name = imported
            self.open(older, imported)
            self.assertIn(imported, self.get("/pqrs/track/case").text)
            self.post("/pqrs/track/leave", "/pqrs/track/case")
        for typed in ("%", "9", "²", "0" * 60):
            self.assertURLEqual(self.open(number=typed).url, "/pqrs/track?wrong=1")

    def test_headers(self):
        self.open()
        for url in ("/pqrs/track", "/pqrs/track/case"):
            response = self.get(url)
            self.assertIn("noindex", response.headers["X-Robots-Tag"])
            self.assertEqual((response.headers["Referrer-Policy"], response.headers["Cache-Control"]), ("no-referrer", "no-store"))
            self.assertIn('<meta name="robots" content="noindex', response.text)

    def test_a_case_that_waits_to_be_filed_is_not_followed(self):
        self.open()
        self.case.sudo().state = "to_file"
        self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")

    def test_session_ends(self):
        self.open()
        for when, url in (("16:59", "/pqrs/track/case"), ("18:58", "/pqrs/track/case"), ("20:59", "/pqrs/track")):
            with self.subTest(when), freeze_time(f"2026-11-24 {when}:00"):  # what is looked at stays open
                self.assertURLEqual(self.get("/pqrs/track/case").url, url)

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
        self.assertURLEqual(self.open(code=self.code).url, "/pqrs/track?wrong=1")
        self.assertIn("Ronda sin hacer", self.open().text, "the new code works")
        act = self.case.sudo().act_ids.sorted("number")[-1]
        self.assertEqual((act.kind, act.note), ("tracking_revoked", "Lo publicaron en un grupo"))
        self.assertChain(self.case)

    def test_code_that_went_to_a_wrong_address(self):
        """It opens nothing once the address is corrected; whoever asks gets the new one, also under reserve."""
        wrong = {"partner_id": False, "partner_name": "Ana", "email_from": "x@example.com"}
        plain, reserved, emptied, unsent, known = cases = [self.make_case(**wrong) for _one in range(5)]
        self.run_cron("sig_pqrs.cron_notices")
        told = [case.sudo().communication_ids for case in cases if case != unsent]
        self.env["sig.pqrs.communication"].union(*told).write({"state": "sent"})
        reserved.with_user(self.director).action_reserve_identity("Teme represalias")
        codes = [case.sudo()._get_tracking_code() for case in cases]
        for case in (plain, unsent):
            case.with_user(self.director).action_write_to_client("¿En qué torre?")
        reserved.with_user(self.director).action_correct_contact(email_from="ana@example.com")
        known.with_user(self.director).partner_id = self.contact
        for case, addresses in ((plain, ["ana@example.com"]), (unsent, ["ana@example.com"]), (emptied, [False, "ana@example.com"])):
            for address in addresses:
                case.with_user(self.director).write({"email_from": address, "city": "Tunja"})
        self.assertEqual([case.sudo()._get_tracking_code() == code for case, code in zip(cases, codes, strict=True)], [False] * 3 + [True] * 2)
        self.assertURLEqual(self.open(plain, code=codes[0]).url, "/pqrs/track?wrong=1")
        self.run_cron("sig_pqrs.cron_notices")
        for case, leaves in ((plain, 2), (reserved, 1), (emptied, 1), (unsent, 2), (known, 0)):
            mails = case.sudo().communication_ids.mail_id.filtered(lambda mail: mail.state == "outgoing" and mail.email_to == "ana@example.com")
            self.assertEqual(len(mails), leaves)
            self.assertEqual([case.sudo()._get_tracking_code() in mail.body_html for mail in mails], [True] * leaves)
            self.assertEqual(self.kinds(case).count("tracking_revoked"), case in (plain, reserved, emptied))
            self.assertChain(case)
        waiting = self.env["mail.mail"].search([("email_to", "=", "x@example.com"), ("state", "=", "outgoing"), ("sig_purpose", "=", "message")])
        self.assertFalse(waiting, "nothing that had not left goes there")

    def test_write_with_a_file(self):
        self.open()
        data = {"csrf_token": self.get_token(self.get("/pqrs/track/case")), "text": "Olvidé la hora", "token": "t"}
        for _time in range(2):  # a double click
            response = self.post("/pqrs/track/case/write", files=[("attachments", ("acta.jpg", PNG))], **data)
            self.assertURLEqual(response.url, "/pqrs/track/case?done=write")
        [message] = self.see(self.case)["messages"]
        self.assertEqual((message["text"], message["files"][0]["name"]), ("Olvidé la hora", "acta.jpg"))
        file = self.get(f"/pqrs/track/case/file/{message['files'][0]['id']}")
        headers = [file.headers[name] for name in ("X-Content-Type-Options", "Content-Type")]
        self.assertEqual((file.content, headers), (PNG, ["nosniff", "image/png"]))
        self.assertIn("attachment", file.headers["Content-Disposition"])

    def test_more_time_answer_and_rating(self):
        self.require(self.case)
        self.builder.tell(self.case)
        self.open()
        self.assertIn("Envíe el acta", self.get("/pqrs/track/case").text)
        self.post("/pqrs/track/case/write", "/pqrs/track/case", text="No la encuentro", token="m")
        for _time in range(2):  # a double click
            response = self.post("/pqrs/track/case/extend", "/pqrs/track/case")
            self.assertURLEqual(response.url, "/pqrs/track/case?done=extend")
        self.assertEqual(self.kinds(self.case).count("completion_extension"), 1)
        self.assertEqual(self.case.sudo().communication_ids.filtered(lambda each: each.direction == "in").state, "received", "nobody read it")
        self.assertNotIn("form_extend", response.text, "once")
        self.case.with_user(self.director).action_register_completion()
        self.builder.send(self.builder.answer(self.case, self.operations))
        letter = f"/pqrs/track/case/file/{self.case.sudo().letter_id.id}?case={self.case.name}"
        self.assertIn(letter, self.get("/pqrs/track/case").text)
        self.assertEqual(self.get(letter).content, self.case.sudo().letter_id.raw)
        response = self.post("/pqrs/track/case/rate", "/pqrs/track/case", rate="5", text="Bien")
        self.assertURLEqual(response.url, "/pqrs/track/case?done=rate")
        self.assertEqual(self.case.rating_value, 5)

    def test_errors_keep_what_was_typed(self):
        self.open()
        files = [("attachments", ("x.html", b"<script>alert(1)</script>"))]
        response = self.post("/pqrs/track/case/write", "/pqrs/track/case", text="Mi texto largo", files=files)
        self.assertEqual(response.status_code, 200)
        self.assertHolds(response.text, "Mi texto largo", "alert-danger")
        response = self.post("/pqrs/track/case/write", "/pqrs/track/case", text=f"{'x' * 25000} y el final")
        self.assertHolds(response.text, "y el final<", "alert-danger")
        self.assertNotIn("maxlength", response.text)
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
            self.assertIn("Aquí &lt;va&gt; el acta", page.text)
            self.assertURLEqual(self.get("/pqrs/track/case").url, "/pqrs/track")
            token = self.get_token(page)
            page = self.post("/pqrs/track", csrf_token=token, number=self.case.name, code=self.code)
            self.assertURLEqual(page.url, "/pqrs/track/case")
            self.assertNotIn("information_delivered", self.kinds(self.case), "nobody sent it yet")
            self.assertNotIn("Aquí &lt;va&gt;", page.text, "the server keeps nothing of it")

    def test_two_pages_of_two_cases(self):
        self.open()
        fields = self.get_draft(self.get("/pqrs/track/case"))
        self.open(other := self.make_case(partner_id=self.portal.partner_id.id))
        page = self.post("/pqrs/track/case/write", **{**fields, "text": "Aquí va el acta"})
        self.assertIn("Abrió otra solicitud", page.text)
        self.assertIn("Aquí va el acta", page.text)
        self.assertFalse((self.case | other).communication_ids.filtered(lambda item: item.text == "Aquí va el acta"))
        for link in ("receipt", "file/1"):
            page = self.get(f"/pqrs/track/case/{link}?case={self.case.name}")
            self.assertEqual((page.status_code, self.case.name in page.text), (400, True), "it asks for the code of that case")

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
        """Nor the files of others with one."""
        page = self.get("/pqrs/track")
        for step in ("write", "deliver", "withdraw", "rate"):
            response = self.post(f"/pqrs/track/case/{step}", csrf_token=self.get_token(page), text="x", rate="5")
            self.assertEqual(response.status_code, 400)
            self.assertIn("sig_track_form", response.text)
            self.assertNotIn("Ronda sin hacer", response.text)
        self.assertEqual(self.case.state, "received")
        own, foreign = self.env["ir.attachment"].create([{"name": "a.pdf", "raw": PDF.content}] * 2)
        self.case.sudo().attachment_ids, self.make_own().sudo().attachment_ids = own, foreign
        self.assertURLEqual(self.get(f"/pqrs/track/case/file/{own.id}").url, "/pqrs/track", "as every page that was open too long")
        self.open()
        for attachment_id in (foreign.id, foreign.id + 1000, 1, 0):
            self.assertEqual(self.get(f"/pqrs/track/case/file/{attachment_id}").status_code, 404)


class TestTrackingLimit(ClientPagesCase):
    """Codes are not guessed, and what comes in of a case or an address has an end; what was written is given back."""

    counted = True

    def setUp(self):
        super().setUp()
        self.company.write({"phone": "601 555 0000", "sig_service_email": "servicio@example.com"})
        self.case = self.make_own(subject="Ronda sin hacer")

    def limit(self, name, value):
        return patch(f"odoo.addons.sig_pqrs.controllers.{name}", value)

    def test_wrong_codes(self):
        code = self.case.sudo()._get_tracking_code()
        with self.limit("tracking.MAX_WRONG", 2):
            for _time in range(4):
                self.assertIn("Ronda sin hacer", self.open().text, "who has the code is not counted")
            self.assertEqual([self.open(code="0").status_code for _time in range(3)], [200, 200, 429])
            self.assertIn("601 555 0000", self.open(code="0").text)
            self.assertEqual(self.get(f"/pqrs/track?number={self.case.name}&code=0").status_code, 429, "a link is a try too")
            link = self.get(f"/pqrs/track?number={self.case.name}&code={code}")
            self.assertIn("Ronda sin hacer", link.text, "what others try from an address stops nobody who has the code")
            with freeze_time("2026-11-24 16:00:00"):
                self.assertEqual(self.open(code="0").status_code, 200)

    def send(self, *texts, content=b""):
        """Write texts, each with a file of that content; the statuses of the answers."""
        files = [("attachments", ("a.pdf", content))] if content else None
        url = "/pqrs/track/case"
        return [self.post(f"{url}/write", url, files=files, text=text, token=text).status_code for text in texts]

    def count(self):
        return len([message for message in self.see(self.case)["messages"] if message["mine"]])

    def test_steps_of_a_case(self):
        self.open()
        with self.limit("client_pages.MAX_STEPS", 2):
            self.assertEqual(self.send("m0", "m1", "m2"), [200, 200, 429])
            page = self.post("/pqrs/track/case/write", "/pqrs/track/case", text="Lo que quiero decir").text
            self.assertHolds(page, "601 555 0000", "servicio@example.com", "Lo que quiero decir")
            self.assertEqual(self.count(), 2)
            with freeze_time("2026-11-24 16:00:00"):
                self.assertEqual(self.send("m4"), [200])
            self.open(self.make_own())
            self.assertEqual(self.send("m5"), [200], "another case is not affected")

    def test_steps_of_an_address(self):
        self.open()
        with self.limit("client_pages.MAX_STEPS_OF_ADDRESS", 2):
            self.assertEqual(self.send("m0", "m1"), [200, 200])
            self.open(self.make_own())
            self.assertEqual(self.send("m2"), [429])
            self.assertIn("desde su conexión", self.post("/pqrs/track/case/write", "/pqrs/track/case", text="m3").text)
            self.authenticate(self.portal.login, self.portal.login)
            url = f"/my/pqrs/{self.case.id}"
            self.assertEqual(self.post(f"{url}/write", url, text="m4").status_code, 200, "a user is known")

    def test_files(self):
        self.open()
        with self.limit("client_pages.MAX_STEPS_MB", 3):
            content = PDF.content + b"\n" * 2**20
            self.assertEqual(self.send("m0", "m1", content=content), [200, 429], "of more than one MB, two are counted")
            self.assertEqual((self.send("m2"), self.count()), ([200], 2), "a text goes on")


class TestReplica(ClientPagesCase):
    """On an installation with a replica of the database, which may lag behind."""

    def setUp(self):
        super().setUp()
        self.case = self.make_own(subject="Ronda sin hacer")
        self.url = f"/my/pqrs/{self.case.id}"
        self.replica = []
        self.startPatcher(patch.object(ClientPages, "_get_page_values", self.note))

    def note(self, case, base, own=True):
        """Where a page of a case is read."""
        self.replica.append(request.env.cr.readonly)
        return READ(self, case, base, own)

    def assertRead(self, url, *replica):
        """Each time that the page is read, whether it is from the replica."""
        self.replica.clear()
        self.assertEqual((self.get(url).status_code, self.replica), (200, list(replica)))

    def test_who_wrote_reads_it_where_it_was_written(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.assertRead(self.url, True)
        self.replica.clear()
        self.assertIn("Sigue igual", self.post(f"{self.url}/write", self.url, text="Sigue igual", token="1").text)
        self.assertEqual(self.replica, [True, False], "the page of the form, and the one that it leads to")
        self.assertRead(self.url, False)
        with freeze_time("2026-11-24 15:00:59"):
            self.assertRead(self.url, False)
        with freeze_time("2026-11-24 15:01:02"):
            self.assertRead(self.url, True)

    def test_what_was_refused_wrote_nothing(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.post(f"{self.url}/write", self.url, text="", token="1")
        self.assertRead(self.url, True)

    def test_a_case_that_was_just_filed_opens(self):
        self.assertIn("Ronda sin hacer", self.open().text)
        self.assertEqual(self.replica, [False])
        with freeze_time("2026-11-24 15:02:00"):
            self.assertRead("/pqrs/track/case", True)

    def test_receipts_write_nothing(self):
        self.authenticate(self.portal.login, self.portal.login)
        with patch.object(self.registry["sig.receipt"], "_render", lambda _receipt, case: (str(case.env.cr.readonly).encode(), "pdf")):
            self.assertEqual(self.get(f"{self.url}/receipt").text, "True")
