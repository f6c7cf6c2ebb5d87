"""The API as `docs/api.md` shows it: each request there is sent, and its answer is what is written there."""
import base64
import json
import re
from pathlib import Path
from xmlrpc.client import Fault

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import AccessError
from odoo.tools import convert_file, mute_logger

from .common import SigCommon, freeze_time
from .rpc import RpcCommon

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
EXAMPLE = re.compile(r"```bash\n(?P<request>curl .*?)```\s+```json ?(?P<status>\d*)\n(?P<answer>.*?)```", re.S)
REQUEST = re.compile(r'^curl -s "\$URL(?P<path>[^"]+)" (?P<headers>.*) -d @- <<JSON\n(?P<body>.*)\nJSON\n$', re.S)
HEADER = re.compile(r'-H "([^:"]+): ([^"]+)"')

PETITION = {"type": "queja", "subject": "Ruido", "description": "Mucho", "name": "Ana Ruiz", "email": "ana@example.com", "notice": True}


class ApiCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.integration = CaseBuilder.make_user(cls.env, "sig_integration", "Integración", None, lang="en_US")
        cls.integration.group_ids = cls.env.ref("sig_pqrs.group_integration")

    def file(self, user=None, token="t-1", files=(), **changes):
        petition = {name: value for name, value in {**PETITION, **changes}.items() if value is not None}
        return self.json2(user or self.integration, "sig.pqrs", "file_petition", petition=petition, token=token, files=list(files))

    def count(self):
        return self.env["sig.pqrs"].search_count([])


class TestExamples(ApiCommon):
    def send(self, example):
        request = REQUEST.match(example["request"])
        self.assertTrue(request, example["request"])
        texts = {"body": request["body"], "headers": request["headers"]}
        for name, text in texts.items():
            texts[name] = re.sub(r"\$(\w+)", lambda found: str(self.known[found[1]]), text)
        self.env.flush_all()
        with mute_logger("odoo.http"):
            response = self.url_open(request["path"], data=texts["body"].encode(), headers=dict(HEADER.findall(texts["headers"])))
        self.env.invalidate_all()
        return response.status_code, response.json()

    def assertSameShape(self, documented, answered, where):
        """The same keys and kinds of values all the way down; of a list, as far as the page says."""
        if isinstance(documented, dict):
            self.assertEqual(set(documented), set(answered), where)
            for key, value in documented.items():
                self.assertSameShape(value, answered[key], f"{where}.{key}")
        elif isinstance(documented, list):
            self.assertIsInstance(answered, list, where)
            self.assertGreaterEqual(len(answered), len(documented), where)
            for value, other in zip(documented, answered, strict=False):
                self.assertSameShape(value, other, f"{where}[]")
        else:
            self.assertIs(type(documented), type(answered), where)

    def test_every_example(self):
        page = PAGE.read_text()
        examples = [match.groupdict() for match in EXAMPLE.finditer(page)]
        self.assertEqual(len(examples), page.count("```bash"), "each request has its answer")
        self.assertGreater(len(examples), 8)
        self.known = {
            "KEY": self.get_key(self.integration), "SIG_KEY": self.get_key(self.director),
            "TYPE": self.env.ref("sig_pqrs.type_reclamo").id, "PROCESS": self.operations.id,
            "WAVE": self.env["sig.survey.wave"].with_user(self.director).create({}).id,
        }
        for example in examples:
            with self.subTest(example["request"].split('"')[1]):
                status, answer = self.send(example)
                documented = json.loads(example["answer"])
                self.assertEqual(status, int(example["status"] or 200), answer)
                self.assertSameShape(documented, answer, example["request"].split('"')[1])
                if "file_petition" in example["request"] and status == 200:
                    self.known |= {"NUMBER": answer["number"], "CODE": answer["tracking_code"]}
                    same = ("date_received", "date_deadline", "state")
                    self.assertEqual([answer[key] for key in same], [documented[key] for key in same])
                elif "/create" in example["request"]:
                    self.known["CASE"] = answer[0]
                elif "sig.calendar" in example["request"]:
                    self.assertEqual(answer, documented)
                elif status == 422:
                    self.assertEqual(answer["message"], documented["message"])
                elif "sig.pqrs/read" in example["request"]:
                    same = ("state", "date_received", "date_deadline", "deadline_state", "next_duty", "next_duty_date")
                    self.assertEqual([answer[0][key] for key in same], [documented[0][key] for key in same])
        case = self.env["sig.pqrs"].browse(self.known["CASE"])
        self.assertEqual((case.channel, case.state, case.survey_answer), ("api", "assigned", "no"))

    def test_states_of_the_page_are_all(self):
        text = PAGE.read_text().split("`status` is one of")[1].split("\n\n")[0]
        self.assertEqual(set(re.findall(r"`(\w+)`", text)), set(self.env["sig.client.view"]._get_status_labels()))


class TestIntegration(ApiCommon):
    def test_files_with_its_annexes_and_consent(self):
        content = base64.b64encode(b"%PDF-1.7 acta").decode()
        status, answer = self.file(files=[{"name": "../acta.pdf", "content": content}], consent_surveys=True)
        self.assertEqual(status, 200, answer)
        case = self.env["sig.pqrs"].browse(answer["id"])
        self.assertEqual((case.channel, case.partner_name, case.state), ("api", "Ana Ruiz", "received"))
        self.assertEqual((case.attachment_ids.name, case.attachment_ids.raw), ("acta.pdf", b"%PDF-1.7 acta"))
        self.assertEqual(case.sudo().consent_ids.sorted("id").mapped("decision"), ["told", "given"])
        self.assertEqual(case.sudo().consent_ids.user_id, self.integration)
        self.assertEqual(case.sudo()._get_tracking_code(), answer["tracking_code"])
        self.assertTrue(case.sudo().acknowledgement_pending)

    def test_sent_again_is_the_same_case(self):
        first, before = self.file()[1], self.count()
        self.assertEqual((self.file()[1], self.count()), (first, before))
        self.assertNotEqual(self.file(token="t-2")[1]["number"], first["number"])
        self.assertNotEqual(self.file(subject="Otra cosa")[1]["number"], first["number"])
        self.assertNotEqual(self.file(self.director)[1]["number"], first["number"], "tokens are of each caller")

    def test_what_is_wrong_files_nothing(self):
        before = self.count()
        big = base64.b64encode(bytes(11 * 1024 * 1024)).decode()
        for expected, arguments in (
            *(("token", {"token": token}) for token in ("", "x" * 101, 7, "a\ud800", "a\x00")),
            ("names of the form", {"petition": "x"}),
            ("base64", {"files": [{"name": "a.pdf", "content": "%%%"}]}),
            ("a list of objects", {"files": "a.pdf"}),
            ("an object with its name", {"files": ["a.pdf"]}),
            ("an object with its name", {"files": [{"name": 1, "content": ""}]}),
            ("too large", {"files": [{"name": "a.pdf", "content": big}]}),
            ("attachments", {"files": [{"name": "a.exe", "content": "TVo="}]}),
            ("type: ", {"petition": {**PETITION, "type": "autoridad"}}),
            ("email", {"petition": {**PETITION, "email": "x"}}),
            *(("company", {"company_id": company_id}) for company_id in (10**6, True, "1", {"id": 1})),
        ):
            status, answer = self.json2(self.integration, "sig.pqrs", "file_petition", **{"petition": PETITION, "token": "t", **arguments})
            self.assertIn(status, (403, 422), arguments.keys())
            self.assertIn(expected, answer["message"])
        self.assertEqual(self.count(), before)

    def test_follows_what_its_petitioner_sees(self):
        _status, filed = self.file()
        case = self.env["sig.pqrs"].browse(filed["id"]).with_user(self.director)
        self.make_assignment(case, instruction="INTERNO")
        key = {"number": filed["number"], "code": filed["tracking_code"]}
        view = self.json2_ok(self.integration, "sig.pqrs", "follow_petition", **key)
        self.assertEqual((view["status"], view["number"]), ("in_progress", case.name))
        self.assertNotIn("INTERNO", json.dumps(view))
        for wrong in ({"code": "AAAA-AAAA-AAAA-AAAA"}, {"number": "PQRS-2026-99999"}, {"code": False}, {"number": []}):
            status, answer = self.json2(self.integration, "sig.pqrs", "follow_petition", **{**key, **wrong})
            self.assertEqual((status, answer["message"]), (422, "The number and the code open no case."))

    def test_speaks_the_language_of_the_key(self):
        self.env["res.lang"]._activate_lang("es_CO")
        self.integration.lang = "es_CO"
        self.env.flush_all()
        status, answer = self.json2(self.integration, "sig.pqrs", "follow_petition", number="PQRS-2026-00001", code="0")
        told = self.env(context={"lang": "es_CO"})._("The number and the code open no case.")
        self.assertEqual((status, answer["message"]), (422, told))
        with self.assertRaisesRegex(Fault, told):
            self.xmlrpc(self.integration, "sig.pqrs", "follow_petition", "PQRS-2026-00001", "0")
        self.assertNotEqual(answer["message"], "The number and the code open no case.")
        self.assertIn("Diga en pocas palabras", self.file(subject=None)[1]["message"])
        self.director.lang = "es_CO"
        case = self.make_case()
        for context in ({}, {"context": {"lang": "en_US"}}):
            message = self.json2(self.director, "sig.pqrs", "action_reopen", case.ids, reason="x", **context)[1]["message"]
            self.assertEqual("this step is not possible now" in message, bool(context), message)

    def test_of_another_company(self):
        _status, filed = self.file()
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        stranger = CaseBuilder.make_user(self.env, "sig_other_integration", "Otra", None, company=other, lang="en_US")
        stranger.group_ids = self.env.ref("sig_pqrs.group_integration")
        key = {"number": filed["number"], "code": filed["tracking_code"]}
        self.assertEqual(self.json2(stranger, "sig.pqrs", "follow_petition", **key)[0], 422)
        status, _answer = self.json2(stranger, "sig.pqrs", "file_petition", petition=PETITION, token="t", company_id=self.company.id)
        self.assertEqual(status, 403)
        self.open_company(other)
        status, theirs = self.json2(stranger, "sig.pqrs", "file_petition", petition=PETITION, token="t")
        self.assertEqual((status, self.env["sig.pqrs"].sudo().browse(theirs["id"]).company_id), (200, other))

    def test_an_upgrade_keeps_how_long_its_key_lasts(self):
        group = self.env.ref("sig_pqrs.group_integration")
        group.api_key_duration = 30
        convert_file(self.env, "sig_pqrs", "security/groups.xml", {}, mode="update")
        self.assertEqual(group.api_key_duration, 30)

    def test_reads_no_case(self):
        _status, filed = self.file()
        for model, method, kwargs in (
            ("sig.pqrs", "read", {"ids": [filed["id"]], "fields": ["name"]}),
            ("sig.pqrs", "search_read", {"domain": [], "fields": ["name"]}),
            ("sig.pqrs.act", "search_read", {"domain": []}),
            ("sig.privacy.consent", "search_read", {"domain": []}),
            ("sig.pqrs", "create", {"vals_list": [{"subject": "x"}]}),
            ("sig.pqrs", "action_assign", {"ids": [filed["id"]], "assignments": []}),
        ):
            status, answer = self.json2(self.integration, model, method, **kwargs)
            self.assertEqual(status, 403, (method, answer))

    def test_nobody_else(self):
        before = self.count()
        for user in (self.collaborator, self.leader, self.management, self.interviewer, self.employee, self.portal):
            self.assertEqual(self.file(user)[0], 403, user.name)
            status, _answer = self.json2(user, "sig.pqrs", "follow_petition", number="PQRS-2026-00001", code="x")
            self.assertEqual(status, 403, user.name)
        self.assertEqual(self.count(), before)
        self.env.flush_all()
        with mute_logger("odoo.http"):
            response = self.url_open("/json/2/sig.pqrs/file_petition", json={"token": "x"}, headers={"Authorization": "Bearer x"})
        self.assertEqual(response.status_code, 401)


class TestComment(SigCommon):
    """A rating whose comment complains becomes a case by one button."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_closed(subject="Ronda sin hacer", site="Torre 2")

    def rate(self, case=None, stars=1, text="Sigue igual, nadie hizo nada.", when="2026-11-25 16:00:00"):
        with freeze_time(when):
            (case or self.case).with_user(self.director).action_register_rating(stars, text)

    def press(self, case=None, user=None, when="2026-11-27 15:00:00"):
        with freeze_time(when):
            action = (case or self.case).with_user(user or self.director).action_new_case_from_rating()
        return self.env["sig.pqrs"].browse(action["res_id"])

    def test_received_when_it_was_rated(self):
        self.rate()
        new = self.press()
        self.assertEqual((str(new.date_received), str(new.date_recorded)), ("2026-11-25 16:00:00", "2026-11-27 15:00:00"))
        self.assertEqual((new.origin_id, new.partner_id, new.client_id), (self.case, self.contact, self.client))
        self.assertEqual((new.description, new.type_id.code, new.channel), ("Sigue igual, nadie hizo nada.", "queja", "phone"))
        self.assertEqual((new.site, new.state), ("Torre 2", "received"))
        self.assertIn(self.case.subject, new.subject)
        self.assertTrue(new.sudo().acknowledgement_pending)
        self.assertNotIn(self.env.ref("sig_pqrs.activity_low_rating"), self.case.sudo().activity_ids.activity_type_id)
        self.assertChain(new)

    def test_once(self):
        self.rate()
        new, before = self.press(), self.env["sig.pqrs"].search_count([])
        self.assertEqual((self.press(), self.env["sig.pqrs"].search_count([]), self.case.rating_case_id), (new, before, new))

    def test_after_it_was_reopened_and_rated_again(self):
        self.rate()
        first = self.press()
        with freeze_time("2026-11-28 15:00:00"):
            self.case.with_user(self.director).action_reopen("Tiene razón")
            self.builder.send(self.make_approved(self.case))
        self.rate(text="Y otra vez", when="2026-11-30 15:00:00")
        second = self.press(when="2026-11-30 16:00:00")
        self.assertNotEqual(first, second)
        self.assertEqual(second.description, "Y otra vez")

    def test_anonymous(self):
        case = self.builder.send(self.make_approved(self.make_anonymous()), delivery="publication")
        self.client_step(case.sudo().with_user(self.env.ref("base.public_user")).sudo(), "rate", "1", "No sirvió")
        new = self.press(case)
        self.assertTrue(new.anonymous)
        self.assertFalse(new.partner_id or new.partner_name)
        self.assertEqual(new.description, "No sirvió")

    def test_who_reads_one_does_not_learn_of_the_other(self):
        self.rate()
        new = self.press()
        own = self.case.with_user(self.collaborator)
        self.assertEachRaises(AccessError, lambda: own.read(["rating_case_id"]))
        self.assertNotIn(new.name, str(own.message_ids.mapped("body")))
        self.assertNotIn(self.case.name, str(new.sudo().message_ids.mapped("body")) + new.subject)
