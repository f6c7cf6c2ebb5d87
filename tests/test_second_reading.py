"""The second reading of a review: what got worse as a test says, where it comes from, and what was decided."""
from .common import date, freeze_time
from .test_management_review import ReviewCommon


@freeze_time("2026-07-20 15:00:00")
class TestSecondReading(ReviewCommon):
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
        page = review.section_ids.filtered(lambda section: section.code == "reading")._get_page()
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
        plans = review.section_ids.filtered(lambda section: section.code == "plans")._get_page()
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
