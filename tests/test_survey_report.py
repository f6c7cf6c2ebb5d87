"""The results as they are read, printed, taken away and sent; what leaders make of them, and what becomes of comments."""
import re
from io import BytesIO
from unittest.mock import patch

import openpyxl
from lxml import html
from pypdf import PdfReader

from odoo.addons.sig_pqrs.models import clock
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import date, freeze_time, moment, real_clock
from .test_survey_results import ResultsCommon

HOSTILE = '=HYPERLINK("http://example.com")'


class ReportCommon(ResultsCommon):
    comments = ["El guarda se durmió.", "", HOSTILE, "Muy amables <b>todos</b>", "  ", "Gracias"]

    @classmethod
    def answer(cls, recipient, value=5, nps=9, comment=""):
        """Of the two questions that take comments, only the first is written in."""
        sheet = recipient.sudo().user_input_id
        questions = sheet.survey_id.question_ids.filtered(lambda question: question.sig_metric == "comment")
        result = super().answer(recipient, value, nps, comment)
        sheet.user_input_line_ids.filtered(lambda line: line.question_id in questions[1:]).unlink()
        return result

    @classmethod
    def make_read(cls, values=(5, 5, 5, 4, 2, 1), **options):
        return cls.make_closed(list(values), comments=[*cls.comments, *[""] * 20][: len(values)], **options)

    def find_by_action(self, xmlid, wave, user):
        action = self.env.ref(xmlid)
        return self.env[action.res_model].with_user(user).search(safe_eval(action.domain, {"active_id": wave.id}))

    def get_text(self, wave, user):
        return " ".join(html.fromstring(self.reload(wave.with_user(user))[0].results_body).text_content().split())

    def analyse(self, wave, user=None):
        vals = {"wave_id": wave.id, "dimension_id": self.people_dimension.id, "text": "Se reforzará la supervisión."}
        return self.env["sig.survey.analysis"].with_user(user or self.leader).create(vals)


@freeze_time("2026-06-20 15:00:00")
class TestRead(ReportCommon):
    """A wave that is closed, with what its clients wrote."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.make_read()
        (cls.env["sig.process"].search([]) - cls.operations - cls.technology).active = False

    def test_told(self):
        wave = self.wave
        text = self.get_text(wave, self.leader)
        self.assertRegex(text, r"Clients who answered: 6 of 19 \(31[.,]6.%\)\.")
        self.assertIn("2026, semester 1. Cut: 20/06/2026 10:00", text, "of when it was closed")
        self.assertHolds(text, "Target 80 %: not met, but the margin reaches it", "Target 60 %: not met")
        self.assertIn("1: 17 % · 2: 17 % · 3: 0 % · 4: 17 % · 5: 50 %", text)
        self.assertIn("Detractors (0–6): 0 % · Passives (7–8): 0 % · Promoters (9–10): 100 %", text)
        with patch.object(type(wave), "_get_parts", lambda _wave, _question: [("1", 1, 12.5), ("2", 2, 87.5)]):
            self.assertIn("1: 13 % · 2: 88 %", self.get_text(self.reload(wave)[0], self.leader), "halves up")
        drawn = html.fromstring(self.reload(wave)[0].results_body)
        self.assertEqual(set(drawn.xpath("//div[@class='sig_fill']/@style")), {"width: 66.7%"})
        self.assertEqual(set(drawn.xpath("//div[@class='sig_goal']/@style")), {"left: 80.0%"})
        self.assertIn("&lt;b&gt;todos", wave.with_user(self.leader).results_body)

    def test_sheets(self):
        wave = self.wave
        [line] = wave.sudo().recipient_ids.user_input_id.user_input_line_ids.filtered(lambda line: line.value_text_box == "Gracias")
        line.copy({"value_text_box": "Y algo más"})
        own, told = self.open(wave, self.director), self.open(wave, self.leader)
        self.assertEqual(own.sheetnames, ["Tabulation", "Answers"])
        self.assertEqual(told.sheetnames, own.sheetnames[:-1], "single answers are the SIG's")
        rows = [[cell.value for cell in row] for row in own["Tabulation"].iter_rows()]
        first = rows[1 + next(index for index, row in enumerate(rows) if row[0] == "Question")]
        self.assertEqual(first[2:9], [6, 0, 1, 1, 0, 1, 3])
        self.assertAlmostEqual(first[9], 22 / 6, 3)
        self.assertAlmostEqual(first[10], 4 / 6, 3)
        rows = [[cell.value for cell in row] for row in own["Answers"].iter_rows()]
        self.assertEqual([row[0] for row in rows[:2]], [wave.company_id.name, "Report of the satisfaction survey"])
        self.assertEqual(rows[3][0], "2026, semester 1. Cut: 20/06/2026 10:00")
        self.assertTrue(rows[4][0].startswith("For the SIG alone"))
        self.assertNotIn("For the SIG alone", str([cell.value for sheet in told for row in sheet.iter_rows() for cell in row]))
        self.assertEqual([row[0] for row in rows[6:]], ["Client", *(f"Cliente {index:02}" for index in range(6))])
        self.assertEqual(rows[11][6], 2)
        self.assertIn("Gracias; Y algo más", rows[12])
        hostile = [cell for row in own["Answers"].iter_rows() for cell in row if cell.value == HOSTILE]
        self.assertEqual([(cell.data_type, cell.quotePrefix) for cell in hostile], [("s", True)])

    def test_format_of_the_day_when_it_closed(self):
        document = self.env.ref("sig_pqrs.document_survey_report").sudo()
        own = {"document_id": document.id, "name": document.name, "code": document.code}
        for version, day, state in (("8", "2026-01-01", "replaced"), ("9", "2026-07-01", "issued")):
            document.revision_ids.create({**own, "version": version, "date": day, "state": state})
        with freeze_time("2026-08-03 15:00:00"):
            self.assertIn("Version: 8", self.open(self.wave, self.director)["Tabulation"]["A3"].value)

    def test_names_are_the_sigs(self):
        wave = self.wave
        own, told = wave._get_comments(), wave.with_user(self.leader)._get_comments()
        self.assertEqual([comment["client"] for comment in own], ["Cliente 00", "Cliente 02", "Cliente 03", "Cliente 05"])
        self.assertEqual({comment["client"] for comment in told}, {""})
        self.assertEqual([comment["text"] for comment in told], sorted((comment["text"] for comment in own), key=str.casefold))
        self.assertFalse([comment for comment in told if comment["case"] or comment["date"]], "nothing to tell who")

    def test_case_of_a_comment(self):
        with clock.at(moment(self.company, date(2026, 6, 10))):
            wave = self.launch(semester="2", date_start="2026-06-10")
            self.answer(self.of(wave, self.clients[0]), 1, 0, "El guarda se durmió.")
        line = self.env["survey.user_input.line"].with_user(self.director).search(wave._get_comment_domain())
        action = line.action_sig_file_comment()
        case = self.env["sig.pqrs"].browse(action["res_id"])
        self.assertEqual(case.partner_id.commercial_partner_id, self.clients[0])
        self.assertEqual((case.type_id.code, case.channel, case.state), ("queja", "email", "received"))
        self.assertEqual(self.company._sig_local_date(case.date_received), date(2026, 6, 10))
        self.assertIn("El guarda se durmió.", case.description)
        self.assertEqual(line.action_sig_file_comment()["res_id"], case.id, "once: then it opens the case")
        self.assertEqual(self.env["sig.pqrs"].search_count([("client_id", "=", self.clients[0].id)]), 1)
        self.assertEqual(wave._get_comments()[0]["case"], case.name)

    def test_who_files(self):
        line = self.env["survey.user_input.line"].search(self.wave._get_comment_domain(), limit=1)
        self.assertDenied(line, self.leader | self.management | self.employee, lambda own: own.action_sig_file_comment())
        other = line.user_input_id.user_input_line_ids.filtered(lambda found: found.answer_type == "suggestion")[:1]
        self.assertEachRaises(UserError, other.with_user(self.director).action_sig_file_comment, said="There is no comment")

    def test_leader_writes(self):
        wave = self.wave
        form = Form(self.env["sig.survey.analysis"].with_user(self.leader).with_context(default_wave_id=wave.id))
        self.assertEqual(form.available_dimension_ids.ids, self.people_dimension.ids)
        form.dimension_id = self.people_dimension
        form.text = "Se reforzará la supervisión."
        analysis = form.save()
        self.assertEqual(analysis.user_id, self.leader)
        analysis.text = "Se reforzó."
        self.assertIn("Se reforzó. Analysed by Líder de Operaciones", self.get_text(wave, self.management))

    def test_others_read(self):
        wave = self.wave
        analysis = self.analyse(wave, self.leader)
        readers = self.other_leader | self.management
        for user in readers:
            self.assertEqual(analysis.with_user(user).text, "Se reforzará la supervisión.")
        self.assertDenied(
            analysis, readers, lambda own: own.write({"text": "x"}), lambda own: own.unlink(), lambda own: self.analyse(wave, own.env.user)
        )
        self.assertTrue(wave.with_user(self.leader).can_analyse)
        self.assertFalse(wave.with_user(self.other_leader).can_analyse)
        self.assertEqual(self.analyse(wave, self.deputy).user_id, self.deputy, "deputies lead too")
        self.people_dimension.with_user(self.administrator).action_copy_to_company()
        self.assertIn("Se reforzará la supervisión.", self.get_text(wave, self.management), "a copy of its dimension later")

    def test_in_nobody_elses_name(self):
        vals = {"wave_id": self.wave.id, "dimension_id": self.people_dimension.id, "text": "x", "user_id": self.management.id}
        analysis = self.env["sig.survey.analysis"].with_user(self.leader).create(vals)
        self.assertEqual(analysis.user_id, self.leader)
        self.assertEachRaises(UserError, lambda: analysis.write({"user_id": self.management.id}), said="only its text")
        draft = self.make_wave(semester="2")
        self.assertEachRaises(UserError, lambda: self.analyse(draft, self.director), said="has no results yet")

    def test_conclusion_of_the_whole(self):
        wave, analyses = self.wave, self.env["sig.survey.analysis"]
        with Form(analyses.with_user(self.director).with_context(default_wave_id=wave.id)) as form:
            form.text = "El servicio mejora; se refuerza la supervisión."
        self.assertEqual(form.record.display_name, "Conclusion of the survey")
        text = self.get_text(wave, self.management)
        self.assertLess(text.index("El servicio mejora"), text.index(self.people_dimension.name))
        own = analyses.with_user(self.leader)
        self.assertEachRaises(AccessError, lambda: own.create({"wave_id": wave.id, "text": "x"}), said="the whole by the SIG")

    def send(self, wave, **vals):
        wizard = self.env["sig.survey.send.wizard"].with_user(self.director).create({"wave_id": wave.id, **vals})
        wizard.action_send()
        return self.reload(wave)[0].sudo().delivery_ids.sorted("id")

    def find_mails(self, deliveries):
        return self.env["mail.mail"].search([("model", "=", deliveries._name), ("res_id", "in", deliveries.ids)])

    def leave(self, deliveries):
        self.find_mails(deliveries).send()
        return self.reload(deliveries)[0]

    def test_owners_receive_them(self):
        sent = self.catch_mails()
        wave = self.wave
        deliveries = self.send(wave, note="Por favor revisen sus dimensiones.")
        self.assertEqual(wave.state, "closed", "nothing has left yet")
        self.assertEqual(set(deliveries.mapped(lambda found: (found.user_id.name, found.reason))), {
            ("Líder de Operaciones", "Operaciones"), ("Líder de Tecnología", "Tecnología"), ("Gerente General", "Top management"),
        })
        self.leave(deliveries)
        self.assertEqual((self.reload(wave)[0].state, set(deliveries.mapped("state"))), ("reported", {"sent"}))
        self.assertTrue(all(deliveries.mapped("date_sent")))
        self.assertEqual(len(sent), 3)
        bodies = {}
        for message in sent:
            [body] = [part.get_content() for part in message.walk() if part.get_content_type() == "text/html" and not part.get_filename()]
            bodies[message["To"]] = html.fromstring(body).text_content()
            names = [part.get_filename() for part in message.walk() if part.get_filename()]
            self.assertEqual(([name.rpartition(".")[2] for name in names][-1], len(names)), ("xlsx", 2))
        mine = next(body for to, body in bodies.items() if self.leader.login in to)
        self.assertHolds(mine, "Por favor revisen")
        for figure in (r"31[.,]6.%", "NPS:", r"Satisfied, 4 and 5 \(%\)", "Clients: 6 of 19"):
            self.assertEqual(len(re.findall(figure, mine)), 1, f"{figure} once")

    def test_what_is_sent_is_published(self):
        """The mail of the SIG's own sending holds nothing of small segments, nor single answers."""
        deliveries = self.send(self.make_closed([5] * 10 + [1] * 6 + [2] * 3, semester="2", date_start="2026-06-20"))
        [workbook] = self.find_mails(deliveries[0]).attachment_ids.filtered(lambda found: found.name.endswith("xlsx"))
        book = openpyxl.load_workbook(BytesIO(workbook.raw))
        self.assertHoldsNone(book.sheetnames, "Respuestas", "Answers")
        self.assertFalse([sheet for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "Cliente 00"])

    def test_one_fails(self):
        sent = self.catch_mails()
        wave = self.wave
        deliveries = self.send(wave)
        broken = deliveries[0]

        def fail(_self, message, *_args, **_kwargs):
            if broken.email in message["To"]:
                raise ConnectionError("mailbox is full")
            sent.append(message)
            return message["Message-Id"]

        with mute_logger("odoo.addons.mail.models.mail_mail"), patch.object(self.env.registry["ir.mail_server"], "send_email", fail):
            self.leave(deliveries)
        self.assertEqual((broken.state, (deliveries - broken).mapped("state")), ("failed", ["sent", "sent"]))
        self.assertIn("mailbox is full", broken.failure)
        self.assertEqual(wave.state, "reported", "what was done is not undone")
        again = self.send(wave) - deliveries
        self.assertEqual(again.user_id, broken.user_id, "those whom the first ones reached are not asked to read them twice")
        self.leave(again)
        self.assertEqual(len(sent), 3)

    def test_refused(self):
        running, wave = self.launch(semester="2", date_start="2026-06-20"), self.wave
        self.assertEachRaises(UserError, lambda: running._send_results({self.leader: "x"}), said="not possible now")
        others = self.leader | self.management | self.interviewer
        self.assertDenied(wave, others, lambda own: own._send_results({own.env.user: "x"}))
        self.assertEachRaises(UserError, lambda: wave._send_results({}), said="at least one person")
        with patch.object(self.env.registry["ir.actions.report"], "_render_qweb_pdf", side_effect=UserError("engine")):
            self.assertEachRaises(UserError, lambda: self.send(wave), said="engine")
        self.leader.email = False
        wizard = self.env["sig.survey.send.wizard"].with_user(self.director).create({"wave_id": wave.id})
        self.assertEachRaises(UserError, wizard.action_send, said="No email: Líder de Operaciones")
        self.assertEqual((wave.state, wave.sudo().delivery_ids.ids), ("closed", []))

    def test_buttons_of_a_wave(self):
        wave = self.wave
        other = self.make_closed([5], comments=["De otra encuesta"], semester="2", date_start="2026-06-20")
        analysis = self.analyse(wave)
        form = Form(self.env["sig.survey.send.wizard"].with_user(self.director).with_context(default_wave_id=wave.id))
        self.assertEqual(form.wave_id, wave)
        form.save().action_send()
        for one, number, analyses in ((wave, 3, analysis), (other, 0, analysis.browse())):
            self.assertEqual(len(self.find_by_action("sig_pqrs.action_survey_delivery", one, self.director)), number)
            lines = self.find_by_action("sig_pqrs.action_survey_comment", one, self.director)
            written = [line.value_text_box.strip() for line in lines]
            self.assertEqual(sorted(filter(None, written)), sorted(comment["text"] for comment in one._get_comments()))
            self.assertTrue(lines)
            self.assertEqual(self.find_by_action("sig_pqrs.action_survey_analysis_wave", one, self.management), analyses)
        of_sig = ("action_survey_comment", "action_survey_delivery", "report_survey_own_action")
        for user, xmlids in ((self.management, []), (self.leader, []), (self.director, [*of_sig])):
            bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("sig.survey.wave")
            offered = {entry["id"] for kind in bindings.values() for entry in kind}
            self.assertEqual([xmlid for xmlid in of_sig if self.env.ref(f"sig_pqrs.{xmlid}").id in offered], xmlids, user.name)
            self.assertIn(self.env.ref("sig_pqrs.report_survey_action").id, offered)
            action = wave.with_user(user).action_open_results()
            self.assertEqual(action["res_id"], wave.id)
            self.assertTrue(self.env["sig.survey.wave"].with_user(user).get_view(action["views"][0][0], "form")["arch"])


@freeze_time("2026-06-20 15:00:00")
class TestPage(ReportCommon):

    def test_few_answers(self):
        """They are told to the SIG alone."""
        wave = self.make_read([5, 1])
        own, told = self.get_text(wave, self.director), self.get_text(wave, self.management)
        for text in ("El guarda se durmió.", "1: 50 %"):
            self.assertEqual((text in own, text in told), (True, False))
        self.assertIn("ot published: it would expose few clients", told)

    def test_a_change_that_is_told(self):
        """With its size, and by name in the summary; what improved is no bad news."""
        with freeze_time("2025-12-10 15:00:00"):
            self.make_closed([5] * 19, [9] * 19, year=2025, semester="2", date_start="2025-12-01")
        wave = self.make_closed([5] * 6 + [2] * 13)
        text = self.get_text(wave, self.leader)
        self.assertIn("Worse (−68.4 points)", text.replace(",", "."))
        worse = re.search(r"Worse than in the wave before: ([^.]*)[.]", text)
        self.assertIn(self.people_dimension.name, worse[1])
        with freeze_time("2026-12-10 15:00:00"):
            text = self.get_text(self.make_closed([5] * 19, semester="2", date_start="2026-12-01"), self.leader)
        self.assertIn("Improved (+68.4 points)", text.replace(",", "."))
        self.assertNotIn("Worse than", text)


@real_clock
class TestPrinted(ReportCommon, HttpCase):
    def test_pages(self):
        with freeze_time("2026-06-20 15:00:00"):
            wave = self.make_read()
            self.analyse(wave)
        report = self.env["ir.actions.report"]
        # what the SIG hands on has no names, and others read none in theirs either
        for user, name, named in (
            (self.director, "report_survey_own", True), (self.director, "report_survey", False), (self.leader, "report_survey_own", False),
        ):
            text = report.with_user(user)._render_qweb_html(f"sig_pqrs.{name}", wave.ids)[0].decode()
            self.assertEqual(("Cliente 00" in text, "For the SIG alone" in text), (named, named))
        printer = report.with_user(self.leader).with_context(force_report_rendering=True)
        content, kind = printer._render_qweb_pdf("sig_pqrs.report_survey", wave.ids)
        self.assertEqual(kind, "pdf")
        pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]
        self.assertIn("Clients who answered: 6 of 19", pages[0], "the summary is on the first page")
        text = " ".join(pages)
        for expected in (
            "FOR-SIG-PQRS-06", "Prepared by: Asesor HSEQ", "Se reforzará la supervisión.", "Analysed by Líder de Operaciones",
            "El guarda se durmió.", "Muy amables", "Gracias", "How to read the figures", wave.results_digest[:20],
        ):  # fmt: skip
            self.assertIn(expected, text)
        self.assertNotIn("Cliente 00", text)
        for page in pages:
            for heading in ("By city", "What clients wrote", self.people_dimension.name):
                self.assertFalse(page.split("Prepared by")[0].strip().endswith(heading), "no heading is left alone")
