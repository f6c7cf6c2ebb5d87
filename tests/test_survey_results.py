"""What a wave's answers say: the figures, who may read which, and that they stay."""
from collections import Counter
from io import BytesIO
from unittest.mock import patch

import openpyxl

from odoo.addons.sig_pqrs.models import clock
from odoo.addons.sig_pqrs.tools import frozen, statistics

from .common import Conflict, date, freeze_time, moment
from .test_survey_wave import SurveyCommon


class ResultsCommon(SurveyCommon):
    """A wave of many clients: ten in Bogotá, six in Cali and three in Pasto."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clients.sig_is_client = False
        cls.hotels, cls.industry = cls.env["res.partner.industry"].create([{"name": "Hoteles"}, {"name": "Industria"}])
        cls.clients = cls.env["res.partner"].create([
            {"name": f"Cliente {index:02}", "is_company": True, "email": f"c{index}@example.com", "sig_is_client": True,
             "city": city, "industry_id": (cls.hotels if index % 2 else cls.industry).id}
            for index, city in enumerate(["Bogotá"] * 9 + ["BOGOTA "] + ["Cali"] * 6 + ["Pasto"] * 3)
        ])
        cls.people_dimension = cls.env.ref("sig_pqrs.dimension_people")
        cls.people_dimension.process_ids = cls.operations

    @classmethod
    def answer(cls, recipient, value=5, nps=9, comment=""):
        """The client answers every question alike; 0 for “not applicable”."""
        given = {"satisfaction": value, "recommendation": nps, "comment": comment}
        questions = recipient.sudo().user_input_id.survey_id.question_ids
        return super().answer(recipient, {question: given[question.sig_metric] for question in questions})

    @classmethod
    def answer_all(cls, wave, values, nps=None, comments=None):
        """Clients of the wave answer in their order: every question alike, ``values`` of satisfaction and ``nps``."""
        recipients = [recipient for recipient in (cls.of(wave, client) for client in cls.clients) if recipient]
        for index, value in enumerate(values):
            cls.answer(recipients[index], value, (nps or [9] * len(values))[index], (comments or [""] * len(values))[index])

    @classmethod
    def make_closed(cls, values, nps=None, comments=None, **vals):
        wave = cls.launch(**vals)
        cls.surveys._leave(wave.sudo().recipient_ids)
        cls.answer_all(wave, values, nps, comments)
        wave.action_close()
        return cls.reload(wave)[0]

    def open(self, wave, user):
        return openpyxl.load_workbook(BytesIO(wave.with_user(user)._make_workbook()))

    def answer_apart(self, recipient, values):
        """Questions of satisfaction alone, by their codes; a 5 where nothing is said."""
        questions = recipient.sudo().user_input_id.survey_id.question_ids.filtered(lambda one: one.sig_metric == "satisfaction")
        self.surveys.answer(recipient.sudo(), {question: values.get(question.sig_code, 5) for question in questions})


@freeze_time("2026-06-20 15:00:00")
class TestResults(ResultsCommon):
    values = [5, 5, 4, 4, 3, 2, 5, 4, 1, 5, 5, 4]
    scores = [10, 9, 9, 8, 7, 6, 10, 10, 0, 8, 9, 5]

    def test_figures(self):
        wave = self.launch()
        self.answer_all(wave, self.values, self.scores)
        results = wave._get_results()
        self.assertEqual((results["population"], results["asked"], results["answered"]), (19, 19, 12))
        self.assertAlmostEqual(results["response_rate"]["value"], 1200 / 19, 4)
        satisfied = statistics.proportion(9, 12, 19)
        questions = [question for question in results["questions"] if question["metric"] == "satisfaction"]
        self.assertEqual(len(questions), len(wave.sudo().survey_id.question_ids.filtered(lambda q: q.sig_metric == "satisfaction")))
        for question in questions:
            self.assertEqual(question["counts"], [Counter(self.values)[value] for value in range(1, 6)])
            self.assertEqual((question["n"], question["not_applicable"]), (12, 0))
            self.assertAlmostEqual(question["mean"]["value"], sum(self.values) / 12, 4)
            self.assertAlmostEqual(question["satisfied"]["value"], 75)
            self.assertAlmostEqual(question["satisfied"]["low"], 100 * satisfied.low, 4)
            self.assertAlmostEqual(question["satisfied"]["high"], 100 * satisfied.high, 4)
        [recommendation] = [question for question in results["questions"] if question["metric"] == "recommendation"]
        self.assertAlmostEqual(recommendation["nps"]["value"], 100 * (6 - 3) / 12, 4)
        self.assertEqual(results["nps"], recommendation["nps"])
        self.assertAlmostEqual(results["satisfied"]["value"], 75)
        self.assertEqual(results["satisfied"]["n"], 12, "clients, not answers: those of one client resemble each other")
        self.assertLess(results["satisfied"]["low"], 60)

    def test_segments(self):
        wave = self.launch()
        self.answer_all(wave, [5] * 10 + [1] * 4)
        results = wave._get_results()
        bogota, cali, pasto = results["segments"]["city"]
        self.assertEqual((bogota["name"], bogota["population"], bogota["answered"]), ("Bogotá", 10, 10), "accents and case apart")
        self.assertEqual((bogota["satisfied"]["value"], bogota["satisfied"]["low"]), (100, 100), "all of them answered")
        self.assertEqual((cali["answered"], cali["satisfied"]["value"]), (4, 0))
        self.assertEqual((pasto["population"], pasto["answered"], pasto["satisfied"]), (3, 0, None))
        types = {segment["name"]: segment for segment in results["segments"]["industry"]}
        self.assertEqual((types["Hoteles"]["answered"], types["Industria"]["answered"]), (7, 7))

    def test_only_complete_answers_of_the_wave_count(self):
        """Those of “not applicable” apart."""
        wave = self.launch()
        self.answer_all(wave, [5, 4, 0, 0, 3, 5, 5])
        other = self.launch(semester="2", date_start="2026-06-05")
        self.answer_all(other, [1] * 6)
        question = wave._get_results()["questions"][0]
        self.assertEqual((question["n"], question["not_applicable"], question["counts"]), (5, 2, [0, 0, 1, 1, 3]))
        self.assertAlmostEqual(question["satisfied"]["value"], 80)
        first, second = (self.of(wave, client).user_input_id.sudo() for client in self.clients[:2])
        first.state, second.test_entry = "in_progress", True
        self.assertEqual(wave._get_results()["questions"][0]["counts"], [0, 0, 1, 0, 2])

    def test_response_rate_leaves_out_who_was_never_reached(self):
        self.clients[7:11].email = False
        self.clients[7].sig_survey_interviewer_id = self.director
        self.clients[8].with_user(self.director).action_sig_revoke_surveys()
        wave = self.make_wave()
        self.assertEqual(wave.unassigned_count, 2, "nobody has them in their list")
        recipients = self.launch(wave).recipient_ids.sudo()
        self.surveys._leave(recipients - recipients[4])
        for recipient, state in zip(recipients, ("bounced", "wrong_contact", "failed"), strict=False):
            recipient.state = state
        self.answer(recipients[5])
        recipients[0].action_restore()  # to be called, as the mail came back; the other was reached by it
        (recipients[0] | recipients[6]).channel = "phone"
        self.assertEqual((wave._get_results()["asked"], wave.unreached_count), (16, 2), "there is time yet")
        wave.action_close()
        wave = self.reload(wave)[0]
        self.assertEqual((wave.recipient_count, wave.unreached_count, wave.pending_count), (18, 6, 11))
        self.assertEqual(wave._get_figure_cards(wave._get_results())[-1]["detail"], "Clients: 1 of 12; not reached: 6")

    def test_figures_that_are_missing_are_no_zeros(self):
        draft = self.make_wave(semester="2")
        self.assertEqual((draft.has_response_rate, draft.has_results, draft.has_nps), (False, False, False))
        self.template.question_ids.filtered(lambda question: question.sig_metric == "recommendation").unlink()
        wave = self.make_closed([5] * 6)
        self.assertEqual((wave.has_results, wave.satisfaction), (True, 100))
        self.assertFalse(wave.has_nps, "nobody was asked whether they recommend us")
        self.assertEqual((wave.get_results()["nps"], wave._get_indicator_figures()["nps"]), (None, (0, 0)))
        for name in ("response_rate", "satisfaction", "nps"):
            self.assertFalse(wave._fields[name].aggregator, "a mean of waves counts those without data as zero")

    def test_small_segments(self):
        wave = self.make_closed([5] * 10 + [1] * 6 + [2] * 3)
        told = {segment["name"]: segment for segment in wave.with_user(self.leader).get_results()["segments"]["city"]}
        self.assertEqual(told["Bogotá"]["answered"], 10)
        for city in ("Pasto", "Cali"):
            self.assertTrue(told[city]["suppressed"], "Pasto is small, and Cali goes with it: else Pasto is the rest")
            self.assertEqual([told[city][name] for name in ("answered", "population", "satisfied", "nps")], [None] * 4)
        own = {segment["name"]: segment for segment in wave.get_results()["segments"]["city"]}
        self.assertEqual(own["Pasto"]["satisfied"]["value"], 0)
        [rows] = [table["rows"] for table in wave.with_user(self.leader)._get_results_page()["segments"] if table["column"] == "City"]
        said = {row["name"]: row["value"] for row in rows}
        # which of both are few, nobody is told: with those who were asked, it would tell who answered
        self.assertEqual((said["Pasto"], said["Cali"]), ("Not published: it would expose few clients",) * 2)

    def test_small_question_goes_with_another(self):
        """One question that only three answered: it must not be the rest of its dimension, nor that of the whole."""
        wave = self.launch()
        dimension = self.people_dimension
        first, *others = [q for q in wave._get_results()["questions"] if q["dimension"] == dimension.id]
        self.assertTrue(others)
        for index, recipient in enumerate(wave.recipient_ids[:8]):
            self.answer_apart(recipient, {first["code"]: 5 if index < 3 else 0})
        wave.action_close()
        told = wave.with_user(self.leader).get_results()
        hidden = [q for q in told["questions"] if q["dimension"] == dimension.id and q.get("suppressed")]
        self.assertEqual(len(hidden), 2)
        self.assertIn(first["code"], [question["code"] for question in hidden])
        self.assertTrue(all(question["n"] is None and question["counts"] is None for question in hidden))
        [shown] = [found for found in told["dimensions"] if found["id"] == dimension.id]
        self.assertEqual(shown["satisfied"]["n"], 8)

    def test_later_changes_change_nothing(self):
        wave = self.make_closed([5] * 8 + [1] * 2)
        before = wave.get_results()
        digest = wave.results_digest
        self.assertEqual(digest, frozen.digest(wave.sudo().results))
        self.people_dimension.name = "Otro nombre"
        self.clients[0].city = "Leticia"
        wave.recipient_ids[0].sudo().user_input_id.user_input_line_ids.unlink()
        self.reload()
        self.assertEqual((wave.get_results(), wave.results_digest), (before, digest))
        self.assertEqual((wave.satisfaction, wave.has_results), (80, True))

    def test_questions_of_no_dimension(self):
        question = self.template.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")[0]
        question.sig_dimension_id = False
        wave = self.launch()
        for index in range(6):
            self.answer_apart(self.of(wave, self.clients[index]), {question.sig_code: 1})
        wave.action_close()
        results = wave.get_results()
        other = results["dimensions"][-1]
        self.assertEqual((other["id"], other["name"], other["satisfied"]["value"]), (False, "Other questions", 0))
        self.assertEqual([question["satisfied"]["value"] for question in results["questions"] if not question["dimension"]
                          and question["metric"] == "satisfaction"], [0])
        self.assertIn("Other questions", str(wave.with_user(self.leader).results_body))

    def get_measures(self, user=None):
        measures = self.env["sig.indicator.measure"].with_user(user or self.env.user).search([
            ("company_id", "=", self.company.id), ("date_from", "=", "2026-01-01"),
        ])
        return {measure.kind.removeprefix("survey_"): measure for measure in measures}

    def test_few_clients(self):
        """Four clients: no figure, no finding, whatever they said and whoever reads it."""
        wave = self.make_closed([1] * 4, [0] * 4)
        told = wave.with_user(self.leader).get_results()
        self.assertEqual((told["satisfied"], told["nps"], {question["counts"] for question in told["questions"]}), (None, None, {None}))
        self.assertEqual(told["answered"], 4, "that somebody answered is no secret")
        self.assertEqual((wave.has_results, wave.satisfaction, wave.nps), (False, 0, 0), "leaders read these too")
        for user in (self.director, self.management):
            measures = self.get_measures(user)
            for name in ("satisfaction", "nps"):
                measure = measures[name]
                self.assertEqual((measure.status, measure.value, measure.numerator), ("no_data", 0, 0), name)
                self.assertEqual(measure.sudo()._get_record_ids("all"), wave.ids, "it still opens the wave")
            self.assertEqual(measures["response_rate"].numerator, 4)
        found = self.env["sig.finding"].search([("kind", "in", ("missed", "signal"))])
        self.assertFalse(found.measure_ids & (measures["satisfaction"] | measures["nps"]))

    def test_five_clients(self):
        self.make_closed([1] * 5, [0] * 5)
        measures = self.get_measures(self.management)
        self.assertIn("2026-1", measures["nps"].chart, "the semester, below its point")
        self.assertEqual((measures["satisfaction"].status, measures["nps"].value), ("missed", -100))

    def test_answers_of_one_client(self):
        """Thirty answers of six clients are six: no signal where the wave tells none."""
        with freeze_time("2025-12-05 15:00:00"):
            self.make_closed([5, 5, 5, 5, 5, 5], year=2025, semester="2", date_start="2025-12-01", date_end="2025-12-20")
        wave = self.make_closed([5, 5, 5, 5, 2, 2])
        self.assertEqual(wave._get_results()["change"]["verdict"], "no_change")
        self.assertFalse(self.get_measures()["satisfaction"].signal)

    def test_missing_survey_withdrawn(self):
        """One that was closed without an answer is none."""
        self.make_case()
        wave = self.launch(date_end="2026-07-20", population_domain=f"[('id', '=', {self.clients[0].id})]")
        self.launch(population_domain=f"[('id', '=', {self.clients[1].id})]").action_close()
        with freeze_time("2026-07-02 15:00:00"):
            self.env["sig.finding"]._watch_findings(self.company)
            self.assertFalse(self.env["sig.finding"].search([("kind", "=", "no_survey")]), "it runs until the 20th")
        unclosed = "“Survey of June 2026” was answered, and was not closed"
        for values, said in (([], "No survey was made in semester 1 of 2026"), ([5], unclosed)):
            with freeze_time("2026-07-21 15:00:00"):
                self.answer_all(wave, values)
                self.env["sig.finding"]._watch_findings(self.company)
                finding = self.env["sig.finding"].search([("kind", "=", "no_survey")])
                self.assertEqual((finding.reference, finding.name), ("2026-1", said))
        with freeze_time("2026-07-21 16:00:00"):
            self.env["sig.indicator"]._measure_due(self.company)
            self.assertFalse(self.get_measures(), "its answers are not counted yet")
            wave.action_close()
            self.env["sig.finding"]._watch_findings(self.company)
        self.assertFalse(self.env["sig.finding"].search([("kind", "=", "no_survey")]))

    def test_late_survey(self):
        """It is waited for while Mi día asks for it; what was confirmed without it is to be corrected."""
        self.make_case()
        for day, number in (("2026-07-31", 0), ("2026-08-03", 3)):
            with freeze_time(f"{day} 15:00:00"):
                self.env["sig.indicator"]._measure_due(self.company)
                self.assertEqual(len(self.get_measures()), number, day)
        with freeze_time("2026-08-10 15:00:00"):
            satisfaction = self.get_measures(self.director)["satisfaction"]
            satisfaction.action_confirm()
            for clients in (self.clients[:9], self.clients[9:]):
                self.make_closed([1] * 6, date_start="2026-08-10", population_domain=f"[('id', 'in', {clients.ids})]")
            waiting = satisfaction.sudo().activity_ids
            self.assertEqual((satisfaction.status, waiting.mapped("user_id.id"), len(waiting)), ("no_data", self.director.ids, 1))
            satisfaction.action_correct("La encuesta se hizo tarde", analysis="Relevos")
        self.assertEqual((satisfaction.status, satisfaction.sudo().activity_ids.ids), ("missed", []))
        self.assertTrue(self.env["sig.finding"].search([("kind", "=", "missed"), ("measure_ids", "in", satisfaction.id)]))

    def make_waves(self, before, after, **options):
        waves = []
        for values, when, semester in ((before, date(2026, 6, 5), "1"), (after, date(2026, 12, 1), "2")):
            with clock.at(moment(self.company, when)), freeze_time(f"{when} 15:00:00"):
                waves.append(self.make_closed(values, semester=semester, date_start=when, **options))
        return waves

    def test_no_change_detectable(self):
        before, after = self.make_waves([5] * 12 + [2] * 3, [5] * 13 + [2] * 2)
        first = before.get_results()
        self.assertEqual((first["earlier"], first["change"]["verdict"]), ([], "not_comparable"))
        results = after.get_results()
        self.assertEqual(results["change"]["verdict"], "no_change")
        self.assertEqual({q["change"]["verdict"] for q in results["questions"]}, {"no_change"})
        self.assertEqual(results["nps_change"]["verdict"], "no_change")
        self.assertEqual(results["earlier"], [{"id": before.id, "name": before.name}])

    def test_compared_with_the_survey_of_the_semester(self):
        """Not with what asked the rest later, or ended without an answer. The company's own copy of a dimension is the same one."""
        aborted, rest = (f"[('id', 'in', {clients.ids})]" for clients in (self.clients[15:16], self.clients[16:]))
        with clock.at(moment(self.company, date(2026, 6, 5))), freeze_time("2026-06-05 15:00:00"):
            self.make_closed([], population_domain=aborted)
            first = self.make_closed([5] * 12 + [2] * 3, population_domain=f"[('id', 'in', {self.clients[:15].ids})]")
            self.make_closed([1, 1], population_domain=rest)
        self.people_dimension.with_user(self.administrator).action_copy_to_company()
        with clock.at(moment(self.company, date(2026, 12, 1))), freeze_time("2026-12-01 15:00:00"):
            results = self.make_closed([5] * 13 + [2] * 2, semester="2", date_start="2026-12-01").get_results()
        self.assertEqual([wave["id"] for wave in results["earlier"]], first.ids)
        self.assertEqual({part["change"]["verdict"] for part in results["dimensions"] if part["measures"]}, {"no_change"})

    def test_other_questions_are_not_compared(self):
        with freeze_time("2026-06-05 15:00:00"):
            self.make_closed([5] * 19)
        questions = self.template.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")
        dropped = questions[0]
        dropped.unlink()
        with freeze_time("2026-12-05 15:00:00"):
            results = self.make_closed([2] * 19, semester="2", date_start="2026-12-01").get_results()
        self.assertEqual(results["change"]["verdict"], "not_comparable", "the whole is of other questions")
        self.assertEqual({q["change"]["verdict"] for q in results["questions"] if q["metric"] == "satisfaction"}, {"worse"})

    def test_what_was_not_published_is_not_told_by_difference(self):
        before, after = self.make_waves([5] * 8, [5] * 8)
        dimension = next(part for part in before.sudo().results["dimensions"] if part["measures"])
        before.sudo().withheld = {"rows": [["dimension", dimension["id"]]]}
        told = after._publish(after.sudo()._compute_results())
        changes = {part["code"]: part["change"]["difference"] for part in told["dimensions"] if part["measures"]}
        self.assertEqual({code for code, difference in changes.items() if difference is None}, {dimension["code"]})

    def test_the_same_clients(self):
        """Compared with themselves, and said so; a margin of the difference, which is of them alone, is not published."""
        before, after = self.make_waves([5] * 13 + [2] * 6, [5] * 8 + [2] * 11)
        results = after.get_results()
        self.assertEqual((results["paired"], results["change"]["verdict"]), (19, "worse"))
        estimates = [statistics.proportion(number, 19) for number in (13, 8)]
        self.assertEqual(statistics.compare(*estimates).verdict, "no_change", "of other clients that would be chance")
        told = after.with_user(self.leader).get_results()
        self.assertEqual((told["change"]["verdict"], told["change"]["low"]), ("worse", None))
        self.assertAlmostEqual(told["change"]["difference"], told["satisfied"]["value"] - before.satisfaction, 3)
        body = self.reload(after.with_user(self.leader))[0].results_body
        self.assertRegex(body, r"who answered this wave and the one before:\s*19")

    def test_queue(self):
        wave = self.make_wave()
        # a filter that met another transaction is not a filter that is wrong
        self.assertTriedAgain("res.partner", "_read_group", wave.action_launch)
        self.assertEqual(wave.state, "draft")
        wave.action_launch()
        queue = self.env["sig.survey.recipient"]._cron_queue
        self.assertTriedAgain("sig.survey.recipient", "_prepare_and_mail", queue)

        def fail(recipients):  # the batch fails by itself, and then one of them meets another transaction
            raise ValueError("broken") if len(recipients) > 1 else Conflict

        with patch.object(self.registry["sig.survey.recipient"], "_prepare_and_mail", fail), \
                self.assertLogs("odoo.addons.sig_pqrs.models.mixin.record_mixin", "ERROR"), self.assertRaises(Conflict):
            queue()
        self.assertEqual((set(wave.recipient_ids.mapped("state")), wave.queued_count), ({"to_send"}, len(wave.recipient_ids)))
        self.work_off()
        self.assertEqual(len(self.mails(wave.recipient_ids)), len(wave.recipient_ids))

    def test_a_wave_is_closed_though_its_indicators_fail(self):
        wave = self.launch()
        self.answer_all(wave, [5] * 6)
        self.assertTriedAgain("sig.survey.wave", "_measure_indicators", wave.action_close)
        wave.invalidate_recordset()
        other = self.launch(semester="2", date_start="2026-06-20")
        self.answer_all(other, [5])
        with patch.object(self.registry["sig.finding"], "_get_survey_key", side_effect=ValueError("broken")), \
                self.assertLogs("odoo.addons.sig_pqrs.models.mixin.record_mixin", "ERROR") as logs:
            other.action_close()
        self.assertEqual((other.state, bool(other.results_digest), len(logs.output)), ("closed", True, 1))
        self.assertFalse(self.env["sig.indicator.measure"].search([("date_from", "=", "2026-07-01")]), "all of it or none")
