"""What a management review says of surveys and indicators: as published, beside the period before."""
from lxml import html

from ..tools.charts import format_number
from .common import date, freeze_time, real_clock
from .test_finding import ImprovementCommon
from .test_management_review import ReviewCommon
from .test_survey_results import ResultsCommon

JULY = "2026-07-20 15:00:00"


class FiguresCommon(ReviewCommon):
    def get_section(self, review, code):
        return review.section_ids.filtered(lambda section: section.code == code)

    def get_cards(self, page):
        return {card["label"]: card for card in page["cards"]}

    def plain(self, told):
        """A figure, however the language of the database writes it."""
        return told.replace("\u00a0", " ").replace(",", ".")


@real_clock
class TestManagementSurveys(FiguresCommon, ResultsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2025-12-10 15:00:00"):
            cls.make_closed([5] * 19, [10] * 19, year=2025, semester="2", date_start="2025-12-01")

    def make_waves(self, first, last):
        with freeze_time("2026-05-10 15:00:00"):
            few = f"[('id', 'in', {self.clients[-len(first):].ids})]"
            dates = {"date_start": "2026-05-01", "date_end": "2026-06-30"}
            self.make_closed(first, name="Encuesta de mayo", population_domain=few, **dates)
        with freeze_time("2026-06-20 15:00:00"):
            others = f"[('id', 'in', {self.clients[:-len(first)].ids})]"
            self.make_closed(last, [0] * len(last), name="Encuesta de junio", population_domain=others)

    def test_two_waves(self):
        self.make_waves([1] * 3, [5] * 3 + [1] * 3)
        with freeze_time(JULY):
            section = self.get_section(self.make_review(), "satisfaction")
            page = section._get_page()
            cards = self.get_cards(page)
            shown = html.fromstring(section.with_user(self.management).body).text_content()
        self.assertIn("Encuesta de junio: clients who answered: 6 of 16.", page["summary"])
        satisfied, nps, rate = (cards[f"Survey: {name}"] for name in ("satisfied, 4 and 5", "NPS", "response rate"))
        read = [(self.plain(card["value"]), card["tone"], card["change"]) for card in (satisfied, nps, rate)]
        self.assertEqual(read, [("50.0 %", "danger", None), ("\u2212100", "danger", None), ("47.4 %", "warning", None)])
        values = [self.get_measure(f"survey_{name}", date(2026, 6, 1)).value_text for name in ("satisfaction", "nps", "response_rate")]
        self.assertEqual([card["value"] for card in (satisfied, nps, rate)], values, "those of the semester")
        self.assertIn("goal 30", nps["light"])
        self.assertEqual([card["key"] for card in (satisfied, nps, rate)], [True, True, False])
        [table] = page["tables"]
        may, june = table["rows"]
        few = "not published: it would expose few clients"
        self.assertEqual((may[0], may[1:4]), ("Encuesta de mayo", ["3", few, few]))
        self.assertEqual([self.plain(cell) for cell in june], ["Encuesta de junio", "6", "50.0 %", "\u2212100", "37.5 %"])
        [bars] = page["charts"]
        self.assertEqual({value for _name, value, _note in bars["rows"]}, {50})
        self.assertIn(self.people_dimension.name, [name for name, _value, _note in bars["rows"]])
        self.assertHolds(self.plain(shown), "Encuesta de mayo", few, "37.5")
        trends = [self.get_measure(f"survey_{name}", date(2026, 6, 1)).trend for name in ("satisfaction", "response_rate")]
        self.assertEqual(trends, [False, "worsening"], "no test compares what clients said in two waves together")

    def test_a_wave_is_compared_with_the_one_before(self):
        """Whatever the period: in the report of June, too, whose month before has no other."""
        with freeze_time("2026-06-20 15:00:00"):
            self.make_closed([1] * 6, [0] * 6)
        with freeze_time(JULY):
            for start in ("2026-06-01", "2026-01-01", "2025-01-01"):
                page = self.get_section(self.make_review(kind="report", date_from=start), "satisfaction")._get_page()
                told = [self.plain(card["change"]["text"]) for card in page["cards"]]
                self.assertEqual(told, ["worse; before: 100.0 %", "worse; before: 100", "worse; before: 100.0 %"], start)

    def test_a_late_wave_is_of_its_semester(self):
        """That of December, launched in January, is in the review of the year that ended, and in January's report."""
        with freeze_time("2027-01-12 15:00:00"):
            wave = self.make_closed([5] * 8, year=2026, semester="2", date_start="2027-01-12")
        for kind, start, end, is_in_it in (
            ("review", "2026-01-01", "2026-12-31", True), ("report", "2026-12-01", "2026-12-31", True),
            ("report", "2027-01-01", "2027-01-31", True), ("report", "2027-02-01", "2027-02-28", False),
            ("review", "2027-01-01", "2027-06-30", False), ("review", "2026-01-01", "2026-06-30", False),
        ):
            with self.subTest(start=start, end=end):
                review = self.make_review(kind=kind, date_from=start, date_to=end)
                told = self.get_section(review, "satisfaction")._get_page()["summary"]
                self.assertEqual(wave.name in told, is_in_it, told)
        for day, unregistered in (("01-25", 3), ("01-26", 6), ("06-30", 6)):
            with freeze_time(f"2027-{day} 15:00:00"), self.subTest(day):
                tile = self.get_tiles(self.director)["unregistered"]
                self.assertEqual(tile["count"], unregistered, "ten business days after its close; three are of 2025")
                self.assertEqual(self.get_tiles(self.management)["missed"]["count"], 1, "until the next one")

    def test_few_answers_are_told_to_nobody(self):
        """Not to the SIG either: who reads a review reads what may be published."""
        self.make_waves([1] * 3, [5] * 3)
        with freeze_time(JULY):
            review = self.make_review()
            page = self.get_section(review, "satisfaction").with_user(self.director)._get_page()
            cards = self.get_cards(page)
            self.close(review)
        for name in ("satisfied, 4 and 5", "NPS"):
            card = cards[f"Survey: {name}"]
            self.assertEqual((card["value"], card["tone"], card["change"]), ("not published: it would expose few clients", "muted", None))
        self.assertFalse(page["charts"])
        [table] = self.get_section(review, "satisfaction").figures["page"]["tables"]
        self.assertEqual([row[2] for row in table["rows"]], ["not published: it would expose few clients"] * 2)

    def test_as_on_the_page_of_the_wave(self):
        """The same figure has the same digits; what would read like the goal that it misses has two."""
        with freeze_time("2026-06-20 15:00:00"):
            wave = self.make_closed([5] * 4 + [1] * 2, [0] * 6)
        wave.sudo().target_satisfaction = 66.7
        with freeze_time(JULY):
            cards = self.get_cards(self.get_section(self.make_review(), "satisfaction")._get_page())
        page = wave.with_user(self.management)._get_results_page()
        for card, name in zip(page["figures"], ("satisfied, 4 and 5", "NPS", "response rate"), strict=True):
            self.assertEqual(card["value"], cards[f"Survey: {name}"]["value"])
        self.assertEqual(self.plain(page["figures"][0]["value"]), "66.67 %")
        self.assertIn("Target 66.7", self.plain(page["figures"][0]["target"]["text"]))
        wave.sudo().target_satisfaction = 66.67
        target = wave.with_user(self.management)._get_results_page()["figures"][0]["target"]
        self.assertIn("66.67 %: met", self.plain(target["text"]), "of the two decimals, as its light")

    def test_targets_met(self):
        with freeze_time("2026-06-20 15:00:00"):
            self.make_closed([5] * 19, [10] * 19)
        with freeze_time(JULY):
            cards = self.get_cards(self.get_section(self.make_review(), "satisfaction")._get_page())
        for name in ("satisfied, 4 and 5", "NPS", "response rate"):
            self.assertEqual((cards[f"Survey: {name}"]["tone"], cards[f"Survey: {name}"]["change"]["verdict"]), ("success", "same"))


@freeze_time(JULY)
class TestManagementIndicators(FiguresCommon, ImprovementCommon):
    def test_units(self):
        """The formula of the months, over the whole semester; the goal of a month is held against no sum of months."""
        self.get_indicator("received").write({"direction": "lower", "has_target": True, "target": 5, "alert_target": 5})
        self.fill("on_time", [97, 97, 97, 50, 50, 50], last=6)
        self.fill("response_time", [12, 28], last=6, denominator=4)
        self.fill("received", [4, 8], last=6, denominator=None)
        self.fill("overdue_backlog", [1], last=6, denominator=None)
        self.fill("answer_satisfaction", [0], last=6, denominator=0)
        page = self.get_section(self.make_review(), "indicators")._get_page()
        cards = self.get_cards(page)
        named = {name: cards[self.get_indicator(name).name] for name in ("on_time", "response_time", "received", "overdue_backlog", "answer_satisfaction")}
        # what is measured stands in for the cases: each kind finds the same in any period
        self.assertEqual(
            {name: self.plain(card["value"]) for name, card in named.items()},
            {"on_time": "50.0 %", "response_time": "7.0", "received": "8", "overdue_backlog": "1", "answer_satisfaction": "no data"},
        )
        self.assertRegex(named["received"]["detail"], r"^in the whole period; last measure: 8 \([Jj]un")
        self.assertEqual((named["received"]["light"], named["received"]["tone"]), ("goal 5 a month", "muted"))
        self.assertEqual(named["overdue_backlog"]["light"], "Off target · goal 0", "one is not near none")
        self.assertEqual(named["on_time"]["tone"], "danger")
        self.env["sig.indicator.measure"].sudo().search([]).state = "confirmed"
        notes = " ".join(self.get_section(self.make_review(), "indicators")._get_page()["notes"])
        self.assertIn("The months that were confirmed make 73.5 %", self.plain(notes))
        self.get_indicator("on_time").write({"target": 45, "alert_target": 40})
        card = self.get_cards(self.get_section(self.make_review(), "indicators")._get_page())[self.get_indicator("on_time").name]
        self.assertEqual(self.plain(card["light"]), "Off target · goal 95 %", "that which its last month was confirmed with")
        off = page["summary"].partition("Off target: ")[2]
        self.assertIn(self.get_indicator("on_time").name, off)
        self.assertNotIn(self.get_indicator("received").name, off)

    def test_a_figure_is_rounded_alike(self):
        """53.448… is stored as 53.45, which everybody writes as 53.5."""
        [measure] = self.fill("on_time", [31], last=6, denominator=58)
        measure.sudo().detail = {"channel": [["phone", 58, 31]]}
        [(_title, [row])] = measure._get_behaviour_rows()
        card = self.get_cards(self.get_section(self.make_review(), "indicators")._get_page())[measure.indicator_id.name]
        told = {self.plain(text) for text in (measure.value_text, card["value"], row[3])}
        self.assertEqual((told, self.env["sig.public.figures"]._get_value(measure)), ({"53.5 %"}, 53.45))
        self.assertIn("latest: 53.5 %", self.plain(measure.statistics))
        [near] = self.fill("on_time", [9496], last=6, denominator=10000)
        self.assertEqual(["latest: 94.96 %" in self.plain(drawn) for drawn in (near.chart, near.statistics)], [True, True], "not 95.0")
        self.assertEqual((self.plain(self.env["sig.charts"]._format(37.15)), format_number(37.15, decimal=".")), ("37.2", "37.2"))

    def test_nothing_is_more_than_before_the_first_case(self):
        name = self.get_indicator("received").name
        for received, change in ((date(2026, 6, 2), None), (date(2025, 6, 2), "more; before: 0")):
            self.builder.file([{"partner_id": self.contact.id}] * 6, self.on(received))
            card = self.get_cards(self.get_section(self.make_review(), "indicators")._get_page())[name]
            self.assertEqual((card["value"], card["change"] and card["change"]["text"]), ("6", change))

    def test_most_frequent_reasons(self):
        common, rare = self.env["sig.pqrs.reason"].search([], limit=2)
        for reason in (common, rare, common):
            self.make_case(when=self.on(date(2026, 6, 2)), reason_id=reason.id)
        page = self.get_section(self.make_review(), "pqrs")._get_page()
        [table] = [table for table in page["tables"] if table["title"] == "By reason"]
        self.assertEqual([row[:2] for row in table["rows"]], [[common.display_name, "2"], [rare.display_name, "1"]])


@freeze_time(JULY)
class TestSecondReading(FiguresCommon):
    """What got worse as a test says, where it comes from, and what was decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("sig_pqrs.reason_trato")
        cls.make_answered(date(2025, 9, 1), date(2025, 9, 8), count=9, site="Torre 1")  # of the semester before: all in time
        for answered, process, site, count in (  # late, but three; most of them in Torre 2, of technology
            (date(2026, 4, 20), cls.technology, "Torre 2", 5), (date(2026, 4, 20), cls.operations, "Torre 1", 1),
            (date(2026, 3, 9), cls.operations, "Torre 1", 3),
        ):
            cls.make_answered(date(2026, 3, 2), answered, process, count, site=site, reason_id=cls.reason.id)

    def open_reading(self, review):
        page = self.get_section(review, "reading")._get_page()
        return page, {table["title"]: table["rows"] for table in page["tables"]}

    def test_what_got_worse_and_why(self):
        page, tables = self.open_reading(self.make_review())
        rows = {row[0]: row[1:] for row in tables["What got worse, and why"]}
        on_time = self.get_indicator("on_time").name
        self.assertLessEqual({self.get_indicator(name).name for name in ("on_time", "within_days", "response_time")}, rows.keys())
        now, change, causes = rows[on_time]
        self.assertEqual(now.replace(",", "."), "33.3\u00a0%")
        self.assertIn("worse; before: 100", change)
        # six late ones of nine, none of nine before: five of six are of Torre 2 and of technology
        for said in ("Torre 2 (83\u00a0%)", "Torre 1 (17\u00a0%)", f"{self.technology.display_name} (83\u00a0%)", f"{self.reason.display_name} (100\u00a0%)"):
            self.assertIn(said, causes)
        self.assertIn(on_time, page["summary"])
        self.assertNotIn(self.get_indicator("received").name, page["summary"], "as many as before")
        self.assertIn("Newcombe", page["foot"])
        self.assertRegex(page["summary"], f"Off target: .*{on_time}", "that nothing got worse is no praise")

    def test_a_number_of_which_more_is_better(self):
        self.get_indicator("received").direction = "higher"
        _page, tables = self.open_reading(self.make_review(date_from="2026-04-01"))
        [causes] = [row[3] for row in tables["What got worse, and why"] if row[0] == self.get_indicator("received").name]
        self.assertIn("Torre 2", causes)

    def test_nothing_is_better_by_chance(self):
        """Or because what came again joined an alert that was there."""
        with freeze_time("2025-10-10 15:00:00"):
            old = self.env["sig.finding"]._raise(self.company, [
                {"kind": "repetition", "key": f"r{number}", "name": "Trato", "cases": self.make_case()} for number in range(6)
            ])
        for finding in old:
            finding._add_evidence(finding.measure_ids, self.make_case(when=self.on(date(2026, 2, 2))), "Trato")
        review = self.make_review()
        plans = self.get_section(review, "plans")._get_page()
        [card] = [card for card in plans["cards"] if card["label"].startswith("Findings")]
        self.assertIn("came again: 6", card["detail"])
        self.assertNotEqual(card["change"]["verdict"], "better")
        self.assertNotIn("What got better", self.open_reading(review)[1])

    def test_what_was_decided(self):
        """Those whose result is known come first; it is frozen with the review."""
        earlier = self.make_review(date_from="2025-07-01", date_to="2025-12-31", date="2026-01-20")
        decisions = [self.add_decision(earlier, name=f"Decisión {number}") for number in range(6)]
        self.close(earlier)
        decisions[-1].with_user(self.leader).action_carry_out("Se contrató")
        review = self.make_review()
        rows = self.open_reading(review)[1]["Decisions of earlier reviews"]
        self.assertEqual((len(rows), rows[0][0], rows[0][-1]), (5, "Decisión 5", "Se contrató"))
        self.close(review)
        decisions[0].with_user(self.leader).action_carry_out("Después del cierre")
        self.reload()
        self.assertEqual(self.open_reading(review)[1]["Decisions of earlier reviews"], rows)
