"""What somebody inside tries: by RPC, in what they write, and in what others print. See docs/security.md."""
import contextlib
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from unittest.mock import patch

import psycopg2
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from odoo import http
from odoo.addons.sig_pqrs.tools import printed_html
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase
from odoo.tools import SQL, mute_logger

from .common import SigCommon, brief_refusals, freeze_time
from .test_action_plan import PlanCommon
from .test_evidence import EvidenceCommon
from .test_management_review import ReviewCommon

OUTSIDE = (
    "http://10.0.0.1/x.png", "HTTPS://example.com/x", "//example.com/x", " \thttp://example.com", "file:///etc/passwd",
    "ftp://example.com/x", "javascript:alert(1)", "/web/session/logout", "/my/pqrs", "/web/image/7", "/web/content/7",
    "/web/static/../image/7", "/web/static/%2e%2e/image/7", "/web/static/%252e%252e/image/7", "/\\example.com/x",
    "data:text/html,<script>", "x.png", "http://[::1", "/web/image/7?access_token=", "/web/imagex/static",
    "//example.com/web/static/x.png",
)  # fmt: skip
INSIDE = (
    "", "#mark", "/web/static/img/x.png", "/sig_pqrs/static/src/x.css", "/web/assets/1/abc/web.report.min.css",
    "/web/image/7-abc/x.png?access_token=0f-9", "data:image/png;base64,AAAA", "/logo.png", "/web/binary/company_logo?company=1",
)  # fmt: skip


class TestPrintedHtml(TransactionCase):
    """What is printed loads nothing from outside, and nothing with the rights of who prints it."""

    def test_addresses(self):
        for address in OUTSIDE:
            self.assertFalse(printed_html.is_inside(address), address)
        for address in INSIDE:
            self.assertTrue(printed_html.is_inside(address), address)

    def test_what_loads(self):
        for address in ("http://a.co/x", "file:///etc/passwd", "/web/image/7"):
            for hostile in (
                f'<img src="{address}"/>', f'<img srcset="/web/static/a.png 1x, {address} 2x"/>', f'<link rel="stylesheet" href="{address}"/>',
                f'<iframe src="{address}"></iframe>', f'<object data="{address}"></object>', f'<embed src="{address}"/>',
                f'<table background="{address}"><tr><td>x</td></tr></table>', f'<video poster="{address}"></video>',
                f'<input type="image" src="{address}"/>', f'<script src="{address}"></script>', f'<base href="{address}"/>',
                f'<svg><image href="{address}"/><image xlink:href="{address}"/><use xlink:href="{address}"/></svg>',
                f"<p style=\"color: red; background: url('{address}')\">x</p>", f'<p style="background-image:URL( {address} )">x</p>',
                f'<p style="background: u\\72l({address})">x</p>', f'<p style="background: url/**/({address})">x</p>',
                f'<meta http-equiv="Refresh" content="0;url={address}"/>',
            ):  # fmt: skip
                cleaned = printed_html.keep_inside(f"<html><body><main>{hostile}<p>ñandú</p></main></body></html>".encode())
                self.assertNotIn(address.encode(), cleaned, hostile)
                self.assertIn("ñandú".encode(), cleaned)

    def test_comments_stay_and_hide_nothing(self):
        page = '<html><body><!-- <img src="http://a.co/x"/> --><?php x ?><img src="http://a.co/y"/><p>ñandú</p></body></html>'
        cleaned = printed_html.keep_inside(page.encode())
        self.assertIn(b"<!-- <img", cleaned)
        self.assertNotIn(b"http://a.co/y", cleaned)

    def test_what_stays(self):
        page = """<!DOCTYPE html><html><head><link href="/web/assets/1/a/b.css"/></head><body><main><p style="color: red">
            <a href="http://example.com">enlace</a> <img src="data:image/png;base64,AA=="/></p></main></body></html>"""
        self.assertEqual(printed_html.keep_inside(page.encode()), page.encode(), "byte for byte")

    @settings(deadline=None)
    @given(st.text(max_size=40), st.sampled_from(["", "/", "//", "http:", "data:image/png,", "/web/static/", "url("]))
    def test_any(self, text, start):
        address = start + text
        image = html.Element("img", src=re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", address), style=f"background: url({start})")
        cleaned = html.document_fromstring(printed_html.keep_inside(b"<main>" + html.tostring(image) + b"</main>"))
        for found in cleaned.iter("img"):
            self.assertTrue(printed_html.is_inside(found.get("src")))
            self.assertNotRegex(found.get("style", ""), r"url\((?!/web/static/|/?\)|data:image)")


class TestPrintedPages(HttpCase, SigCommon):
    """A draft with pictures of other servers: printed by the real engine, it asks them for nothing."""

    def test_letter(self):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def log_message(self, *_args):
                return None

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        there = f"http://127.0.0.1:{server.server_port}"
        text = (
            f'<p style="background-image: url({there}/css)">Revisamos la ronda.</p><img src="{there}/img"/>'
            f'<table background="{there}/background"><tr><td>x</td></tr></table><img src="/web/image/7"/>'
        )
        self.contact.lang = "en_US"
        self.assertEachRaises(UserError, lambda: self.builder.answer(self.make_case(), self.operations, text=text))
        case = self.builder.answer(self.make_case(), self.operations)
        # Texts that were approved before they were refused are printed as they are.
        self.env.flush_all()
        self.env.cr.execute("UPDATE sig_pqrs_assignment SET response = %s WHERE pqrs_id = %s", [text, case.id])
        self.env.cr.execute("UPDATE sig_pqrs SET response = %s WHERE id = %s", [text, case.id])
        self.env.invalidate_all()
        self.assertIn(there, case.response)
        own = case.with_user(self.director).with_context(force_report_rendering=True)
        content, extension = own.env["sig.letter"]._render(own)
        self.assertEqual((extension, content[:4]), ("pdf", b"%PDF"))
        self.assertEqual(asked, [])

    def test_every_report_of_ours(self):
        """They all go through the same door, in HTML too."""
        seen = []
        with patch.object(printed_html, "keep_inside", lambda content: seen.append(content) or content):
            case = self.make_approved()
            self.env["ir.actions.report"].with_user(self.director)._render_qweb_html("sig_pqrs.report_case_file", case.ids)
        self.assertEqual(len(seen), 1)
        reports = self.env["ir.actions.report"].search([("model", "=like", "sig.%")])
        self.assertGreater(len(reports), 8)
        self.assertFalse(reports.filtered(lambda report: not report.report_name.startswith("sig_pqrs.")))


class TestForeignRecords(PlanCommon):
    """To name a record that one may not read tells nothing of it: in a dialog, in a form, or in a name."""

    def ask(self, user, records, values, *names, named=True):
        """What a form that is being filled in answers: ``onchange`` of RPC, which reads only what is asked for.

        :param bool named: whether the names of the records of relations are asked for, too.
        """
        records = self.env[records] if isinstance(records, str) else records
        records = records.sudo(False).with_user(user).with_context(allowed_company_ids=user.company_ids.ids, sig_show_subject=True)
        spec = {**{key: {} for key in values}, **{name: {"fields": {"display_name": {}}} if named and "_id" in name else {} for name in names}}
        self.reload()
        try:
            with self.env.cr.savepoint():
                return json.dumps(records.onchange(dict(values), list(values), spec), default=str)
        except (AccessError, UserError, ValueError, LookupError, TypeError):
            return ""  # refused, or nothing that a form would ask

    def make_finding(self, **vals):
        return self.env["sig.finding"].sudo().create({
            "name": "Secreto", "kind": "missed", "key": "x", "date": "2026-11-03", "company_id": self.company.id, **vals,
        })  # fmt: skip

    def test_dialogs_compute_with_the_rights_of_their_user(self):
        """Stored computed fields are computed as superuser unless they say otherwise."""
        for model in self.env.registry.values():
            if model._transient and model._name.startswith("sig."):
                for field in model._fields.values():
                    ours = field.compute and field.store and not field.related and "sig_pqrs" in field._modules
                    if ours or (field.related and field.related.partition(".")[0] not in ("type_id", "user_id", "wizard_id")):
                        self.assertFalse(field.compute_sudo, field)

    def mark(self, records):
        """Write a mark in all the texts of records but their names, past every guard."""
        self.env.flush_all()
        for name, field in records._fields.items():
            if field.store and field.column_type and field.type in ("char", "text", "html") and not field.translate and name not in ("name", "code", "uuid"):
                with mute_logger("odoo.sql_db"), contextlib.suppress(psycopg2.Error), self.env.cr.savepoint(flush=False):
                    self.env.cr.execute(SQL(
                        "UPDATE %s SET %s = left('ZZSECRETO ' || %s, 60) WHERE id IN %s",
                        SQL.identifier(records._table), SQL.identifier(name), SQL.identifier(name), tuple(records.ids),
                    ))  # fmt: skip
        self.env.invalidate_all()

    def get_dependents(self):
        """``{(model, field): fields that are computed from what it names}``."""
        dependents = {}
        for field, paths in self.env.registry.field_depends.items():
            if field.type not in ("one2many", "many2many"):
                for name in {path.partition(".")[0] for path in paths}:
                    dependents.setdefault((field.model_name, name), []).append(field.name)
        return {key: sorted(names) for key, names in dependents.items()}

    def assertTellsNothing(self, user, base, values, names):
        """What one method computes is asked for at once. When that is refused, but not without the names of records, one by
        one: a name that is refused must not hide what the other fields tell. A method that is refused computes none.
        """
        by_method = {}
        for name in names:
            field = base._fields[name]
            by_method.setdefault(name if field.related else field.compute, []).append(name)
        for together in by_method.values():
            answers = [self.ask(user, base, values, *together)]
            if not answers[0] and len(together) > 1 and self.ask(user, base, values, *together, named=False):
                answers = [self.ask(user, base, values, name) for name in together]
            for answer in answers:
                self.assertNotIn("ZZSECRETO", answer, f"{user.name}: {base._name} with {values} tells one of {together}")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.orm.models")
    def test_every_form(self):
        """Whatever somebody may create or write, and whatever they name in it that they may not read."""
        stranger = self.make_stranger("administrator")
        plan = self.make_plan(process_id=self.technology.id, user_id=self.other_leader.id, line_ids=[])
        line = self.env["sig.action.plan.line"].create({
            "plan_id": plan.id, "name": "Capacitar", "user_id": self.other_collaborator.id, "date_due": "2026-12-10",
        })  # fmt: skip
        assignment = self.make_assignment(self.make_case(restricted=True, subject="x", description="x", site="x"), self.technology)
        self.builder.draft(assignment)
        review = self.env["sig.management.review"].with_user(self.director).create({"date_from": "2026-01-01", "date_to": "2026-06-30"})
        review.section_ids[0].analysis = "x"
        decision = self.env["sig.management.decision"].with_user(self.director).create({
            "review_id": review.id, "name": "x", "user_id": self.other_leader.id, "date_due": "2026-12-30",
        })  # fmt: skip
        finding = self.make_finding(process_id=self.technology.id)
        measure = self.fill("on_time", [97])
        measure.analysis = "x"
        own = self.make_assignment()
        secrets = {
            record._name: record for record in (
                assignment, assignment.pqrs_id, plan, line, review, review.section_ids[0], decision, finding, measure,
                assignment.pqrs_id.sudo().act_ids[0],
            )
        }  # fmt: skip
        for record in secrets.values():
            self.mark(record.sudo())
        self.startPatcher(brief_refusals(self.registry))
        tried, dependents = 0, self.get_dependents()
        for user in (self.collaborator, self.leader, stranger):
            hidden = {}
            for model, record in secrets.items():
                theirs = record.sudo(False).with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                if not theirs.has_access("read"):
                    hidden[model] = record.id
            for model in self.env.registry:
                records = self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                if not model.startswith("sig.") or records._abstract:
                    continue
                bases = [records] if records.has_access("create") else []
                if model == own._name and user in (self.collaborator, self.leader):
                    bases.append(own.with_user(user))
                for name, field in records._fields.items():
                    if field.comodel_name not in hidden or field.type == "one2many":
                        continue
                    id_ = hidden[field.comodel_name]
                    names = dependents.get((model, name), [])
                    values = {name: id_ if field.type == "many2one" else [Command.link(id_)]}
                    of_step = [each for each in names if "step" in (self.env.registry.field_depends[records._fields[each]] or ())]
                    steps = records._fields["step"].get_values(self.env) if "step" in records._fields else [None]
                    for base in bases:
                        tried += len(names)
                        for step in steps:
                            asked = names if step == steps[0] else of_step
                            if asked:
                                self.assertTellsNothing(user, base, {**values, **({"step": step} if step else {})}, asked)
        self.assertGreater(tried, 100)

    def test_findings(self):
        finding = self.make_finding(process_id=self.technology.id)
        vals = {"step": "plan", "res_model": finding._name, "res_ids": finding.ids}
        for user, told in ((self.director, True), (self.leader, False), (self.collaborator, False)):
            name = self.ask(user, "sig.pqrs.improvement.wizard", vals, "name")
            self.assertEqual("Secreto" in str(name), told, user.name)
        wizard = self.env["sig.pqrs.improvement.wizard"].with_user(self.leader).create(vals)
        self.assertEachRaises(UserError, wizard.action_confirm, said="choose again")

    def test_subject_in_the_name_of_a_case(self):
        """Core gives names as superuser; the subject goes in them only to who reads the case."""
        assignment = self.make_assignment(self.make_case(subject="Secreto de la junta"), self.technology)
        case = assignment.pqrs_id
        for user in (self.collaborator, self.leader, self.interviewer):
            shown = case.sudo(False).with_user(user).with_context(sig_show_subject=True).sudo()
            self.assertEqual(shown.display_name, case.name)
            self.assertNotIn("Secreto", self.ask(user, "sig.pqrs.commitment", {"assignment_id": assignment.id}, "pqrs_id"))
        for user in (self.director, self.other_leader, self.management):
            shown = case.with_user(user).with_context(sig_show_subject=True)
            self.assertEqual(shown.display_name, f"{case.name} · Secreto de la junta")
            self.assertEqual(shown.sudo().display_name, shown.display_name)

    def test_followers_and_evidence_of_what_one_does_not_read(self):
        """Who works on a restricted case is as restricted as the case."""
        assignment = self.make_assignment(self.make_case(restricted=True), self.technology)
        assignment.sudo().message_subscribe(self.other_collaborator.partner_id.ids)
        finding = self.make_finding(kind="repetition", case_ids=assignment.pqrs_id.ids).sudo(False)
        self.reload()
        self.assertFalse(finding.with_user(self.management).case_ids)
        self.assertIn(self.other_collaborator.name, str(assignment.with_user(self.director).message_get_followers()))
        people = self.leader | self.collaborator | self.management | self.interviewer | self.employee | self.portal
        for record in (assignment, assignment.pqrs_id):
            self.assertDenied(record, people, lambda own: own.message_get_followers())


class TestGuessedTokens(SigCommon):
    """Nobody learns a link letter by letter, by searching for what begins as it does."""

    def get_paths(self, model, secret, depth=3):
        """Paths of fields from a model to a secret, ``(model, field)``."""
        if model == secret[0]:
            yield secret[1]
        for name, field in self.env[model]._fields.items() if depth else ():
            if field.relational and field._description_searchable and field.comodel_name in (secret[0], *self.doors):
                for rest in self.get_paths(field.comodel_name, secret, depth - 1):
                    yield f"{name}.{rest}"

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.orm.models")
    def test_tokens(self):
        case = self.make_closed(email_from="ana@example.com")
        wave = self.env["sig.survey.wave"].with_user(self.director).create({"year": 2026, "semester": "2"})
        recipient = self.env["sig.survey.recipient"].create({
            "wave_id": wave.id, "partner_id": self.client.id, "interviewer_id": self.interviewer.id,
        })  # fmt: skip
        wave.sudo().state = "running"
        sheet = self.env["survey.user_input"].create({"survey_id": wave.survey_id.id, "sig_recipient_id": recipient.id})
        recipient.user_input_id = sheet
        rating = self.env["rating.rating"].search([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id)])
        self.doors = ("sig.pqrs", "sig.pqrs.assignment", "sig.survey.wave", "sig.survey.recipient", "mail.message", "survey.survey")
        people = self.collaborator | self.leader | self.management | self.interviewer | self.employee
        for record, readers in ((rating, people | self.director | self.administrator), (sheet, people)):
            tried, secret = 0, (record._name, "access_token")
            for model in (*self.doors, "sig.pqrs.act", "sig.finding", "res.partner", secret[0]):
                for path in set(self.get_paths(model, secret)):
                    tried += 1
                    domain = [(path, "=like", f"{record.access_token[:6]}%")]
                    for user in readers:
                        with (
                            self.subTest(model=model, path=path, user=user.name), self.env.cr.savepoint(flush=False),
                            contextlib.suppress(AccessError, ValueError),
                        ):
                            self.assertFalse(self.env[model].with_user(user).search(domain, limit=1))
            self.assertGreater(tried, 5)


@freeze_time("2026-07-20 15:00:00")
class TestForgedFigures(ReviewCommon):
    """What the system says in a review is written by nobody, nor slipped in by the context of a call."""

    FORGED = {"page": {"has_data": True, "summary": "Todo excelente", "cards": [], "charts": [], "tables": []}}

    def test_sections(self):
        review = self.make_review()
        vals = {"review_id": review.id, "name": "Otros"}
        people, forged = self.director | self.management, {"figures": self.FORGED}
        self.assertDenied(
            review.section_ids, people, lambda own: own.create({**vals, **forged}),
            lambda own: own.with_context(default_figures=self.FORGED).create(vals), error=UserError,
        )
        self.assertDenied(
            review, people, lambda own: own.write({"section_ids": [Command.create({"name": "Otros", **forged})]}), error=UserError
        )

    def test_context_of_who_prepares_it(self):
        foreign = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        Review = self.env["sig.management.review"].with_user(self.director)
        review = Review.with_context(
            default_figures=self.FORGED, default_analysis="Todo excelente", default_attachment_ids=[Command.set(foreign.ids)],
        ).create({"date_from": "2026-01-01", "date_to": "2026-06-30"})  # fmt: skip
        sections = review.sudo().section_ids
        self.assertFalse(any(sections.mapped("figures")) or any(sections.mapped("analysis")) or sections.attachment_ids)
        self.assertFalse(foreign.res_model, "it was taken by nobody")
        for name, value in {"content": {"x": 1}, "state": "closed", "pdf_id": foreign.id}.items():
            with self.subTest(name), contextlib.suppress(AccessError), self.env.cr.savepoint():
                made = Review.with_context(**{f"default_{name}": value}).create({"date_from": "2025-01-01", "date_to": "2025-06-30"})
                self.assertNotEqual(made.sudo()[name], review.sudo()._fields[name].convert_to_record(value, made))


class TestForgedPack(EvidenceCommon, HttpCase):
    """An evidence pack opens its own file, and no other: neither the context nor one's own defaults name another."""

    def test_context_and_defaults(self):
        secret = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        cases = (self.make_case() | self.make_case()).with_user(self.management)
        poison = {"state": "ready", "attachment_id": secret.id, "digest": "x", "left_out": 1}
        self.startPatcher(patch("odoo.addons.sig_pqrs.models.proof.evidence_pack.AT_ONCE", 0))
        for own in (True, False):
            if own:
                for name, value in poison.items():
                    self.env["ir.default"].with_user(self.management).set("sig.evidence.pack", name, value, user_id=self.management.id)
            action = cases.with_context(**{} if own else {f"default_{name}": value for name, value in poison.items()}).action_make_evidence()
            self.assertEqual(action["type"], "ir.actions.client", "it is made by the job")
            pack = self.env["sig.evidence.pack"].search([], order="id desc", limit=1)
            self.assertEqual((pack.state, pack.attachment_id.ids, pack.digest, pack.with_identity), ("waiting", [], False, False))
        pack.sudo().write({"state": "ready", "attachment_id": secret.id})
        self.env.flush_all()
        self.authenticate(self.management.login, self.management.login)
        response = self.url_open(f"/pqrs/evidence/{pack.id}")
        self.assertEqual(response.status_code, 404)
        self.assertNotIn("secreto", response.text)

    def test_shared_defaults_stay(self):
        self.env["ir.default"].set("sig.pqrs", "site", "Sede norte")
        self.assertEqual(self.make_case().site, "Sede norte")


class TestExportedTexts(HttpCase, SigCommon):
    FORMULAS = ('=HYPERLINK("http://example.com?"&A1;"Ver")', "{=1+1}", "@SUM(1+1)", " =1+1", "external:c:\\x.xls")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_formulas(self):
        cases = self.env["sig.pqrs"].union(*(self.make_case(subject=text) for text in self.FORMULAS), self.make_case(subject="-5 y +57 300"))
        self.director.group_ids |= self.env.ref("base.group_allow_export")
        self.env.flush_all()
        self.authenticate(self.director.login, self.director.login)
        for groupby in ([], ["channel"]):
            params = {
                "model": "sig.pqrs", "ids": cases.ids, "domain": [], "groupby": groupby, "import_compat": False, "context": {},
                "fields": [{"name": "subject", "label": "Asunto", "type": "char"}],
            }  # fmt: skip
            data = {"data": json.dumps(params), "csrf_token": http.Request.csrf_token(self)}
            with zipfile.ZipFile(BytesIO(self.url_open("/web/export/xlsx", data=data).content)) as archive:
                sheet = archive.read("xl/worksheets/sheet1.xml").decode()
                self.assertHoldsNone(sheet, "<f>", "hyperlink")
                self.assertFalse([name for name in archive.namelist() if "_rels/sheet" in name])
                self.assertIn("-5 y +57 300", archive.read("xl/sharedStrings.xml").decode())
            if not groupby:
                rows = self.url_open("/web/export/csv", data=data).text.splitlines()
                self.assertFalse([row for row in rows if row.startswith(('"=', '"{=', '"@', '" ='))])


class TestDocument(TransactionCase):
    """docs/security.md promises nothing without the test that keeps it."""

    def test_every_test_exists(self):
        root = __file__.rpartition("/tests/")[0]
        with open(f"{root}/docs/security.md", encoding="utf-8") as document:
            named = re.findall(r"`(test_\w+)(?:::(\w+))?(?:::(\w+))?`", document.read())
        self.assertGreater(len(named), 40)
        for module, cls, name in named:
            with open(f"{root}/tests/{module}.py", encoding="utf-8") as source:
                text = source.read()
            part = re.search(rf"^class {cls}\(.*?(?=^class |\Z)", text, re.MULTILINE | re.DOTALL) if cls else re.match(".*", text, re.DOTALL)
            self.assertTrue(part, f"{module}::{cls}")
            self.assertTrue(not name or f"def {name}(" in part[0], f"{module}::{cls}::{name}")
