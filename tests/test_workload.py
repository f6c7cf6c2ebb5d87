from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.safe_eval import safe_eval

from .common import SigCommon, date, freeze_time, moment


@freeze_time("2026-11-25 15:00:00")
class TestWorkload(SigCommon):
    """Open parts by process and person, as far as who looks reads them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sig.process"].search([("id", "not in", (cls.operations | cls.technology).ids)]).active = False
        long_ago = moment(cls.company, date(2026, 10, 1), 10)
        cls.builder.assign(cls.make_case(when=long_ago), cls.operations, when=long_ago)
        cls.week = cls.builder.assign(cls.make_case(), cls.operations, date_due="2026-11-27")
        cls.builder.assign(cls.make_case(), cls.technology, date_due="2026-11-30")
        cls.secret = cls.builder.assign(cls.make_case(restricted=True), cls.operations, date_due="2026-11-27")
        cls.builder.draft(cls.builder.assign(
            cls.make_case(), cls.technology, users={cls.technology: cls.collaborator}, date_due="2026-12-09"
        ))
        cls.make_approved()
        cls.reload()
        cls.env["sig.pqrs.assignment"]._refresh_deadline_state(cls.company)

    def get_rows(self, user):
        return self.env["sig.workload"].with_user(user).get_workload()["rows"]

    def get_figures(self, user):
        """``{name: texts of the cells}``, those of a process before those of its people."""
        return {row["name"]: [cell["text"] for cell in row["cells"]] for row in self.get_rows(user)}

    def assertCountsWhatItOpens(self, user):
        Assignment = self.env["sig.pqrs.assignment"].with_user(user)
        for row in self.get_rows(user):
            for cell in row["cells"]:
                if cell["domain"] and cell["key"] not in ("age", "load"):
                    self.assertEqual(str(Assignment.search_count(cell["domain"])), cell["text"], (row["name"], cell["key"]))
                elif cell["domain"]:
                    self.assertTrue(Assignment.search_count(cell["domain"]), (row["name"], cell["key"]))

    def test_by_role(self):
        operations, technology = "Operaciones", "Tecnología"
        everything = self.get_figures(self.director)
        self.assertEqual([everything[name][:3] for name in (operations, technology)], [["3", "2", "1"], ["2", "0", "0"]])
        self.assertEqual((everything["Total"][:3], everything[self.other_collaborator.name][:3]), (["5", "2", "1"], ["1", "0", "0"]))
        seen = self.get_figures(self.management)
        self.assertEqual((seen["Total"][0], seen[operations][:3]), ("4", ["2", "1", "1"]), "the restricted one is not counted")
        led = self.get_figures(self.deputy)
        self.assertEqual((set(led), led[operations][:3]), ({"Total", operations, self.collaborator.name}, ["2", "1", "1"]))
        self.assertEqual(set(self.get_figures(self.collaborator)), {"Total"}, "who leads nothing")
        others = self.employee | self.portal | self.interviewer
        self.assertDenied(self.env["sig.workload"], others, lambda own: own.get_workload())

    def test_counts_are_what_they_open(self):
        for user in (self.director, self.leader, self.deputy, self.other_leader, self.management, self.collaborator):
            self.assertCountsWhatItOpens(user)
        self.secret.pqrs_id.with_user(self.director).write({"authorized_user_ids": [Command.link(self.management.id)]})
        self.assertEqual(self.get_figures(self.management)["Total"][0], "5")
        self.assertCountsWhatItOpens(self.management)

    def test_substitute(self):
        self.make_absence(process=self.technology, substitute=self.collaborator)
        self.assertIn("Tecnología", self.get_figures(self.collaborator))
        [row] = [row for row in self.get_rows(self.director) if row["name"] == "Tecnología"]
        self.assertHolds(row["note"], f"{self.collaborator.name} stands in", f"Without open parts: {self.other_leader.name}.")

    def test_age_and_load(self):
        self.assertEqual(self.get_figures(self.director)["Tecnología"][3:], ["0,0", "0,7"])
        with freeze_time("2026-11-30 15:00:00"):
            self.assertEqual(self.get_figures(self.director)["Tecnología"][3], "3,0", "in business days")
        loads = [
            (row["name"], cell["text"], cell["share"])
            for row in self.get_rows(self.director) if row["kind"] == "person"
            for cell in row["cells"] if cell["key"] == "load"
        ]
        own, other = self.collaborator.name, self.other_collaborator.name
        self.assertEqual(sorted(loads), sorted([(own, "4", 100), (own, "4", 100), (other, "1", 25)]))

    def test_weeks_begin_on_monday(self):
        """Whatever the language of the user says, in the search too."""
        self.env["res.lang"]._lang_get("en_US").week_start = "7"
        [due] = etree.fromstring(self.env.ref("sig_pqrs.pqrs_view_search").arch).xpath("//filter[@name='due_this_week']/@domain")
        Pqrs = self.env["sig.pqrs"].with_user(self.director)
        for today, monday in (("2026-11-23", "2026-11-30"), ("2026-11-28", "2026-11-30"), ("2026-11-29", "2026-11-30")):
            with freeze_time(f"{today} 15:00:00"):
                cases = Pqrs.search([("date_deadline", ">=", today), ("date_deadline", "<", monday), ("state", "in", ("received", "assigned", "approved"))])
                self.assertEqual(Pqrs.search(safe_eval(due)), cases, today)
        with freeze_time("2026-11-29 15:00:00"):  # a Sunday
            self.env["sig.pqrs.assignment"]._refresh_deadline_state(self.company)
            self.assertEqual(self.get_figures(self.director)["Total"][1], "0", "what is due on Monday is of the next one")

    def test_queries(self):
        """As many for one part as for hundreds."""
        few = self.count_queries(self.get_rows, self.director)
        self.builder.assign(self.make_case(), self.operations | self.technology)
        self.assertLessEqual(self.count_queries(self.get_rows, self.director), few)
        self.assertLess(few, 40)

    def test_days_without_work(self):
        self.env["sig.nonworking.day"].create({"date": "2026-12-24", "name": "Cierre", "kind": "company_closure"})
        days = self.week.with_user(self.collaborator).get_unusual_days("2026-12-04 05:00:00", "2027-01-02 04:59:59")
        self.assertLessEqual({"2026-12-05", "2026-12-06", "2026-12-08", "2026-12-24", "2026-12-25", "2027-01-01"}, set(days))
        self.assertNotIn("2026-12-07", days)
        self.assertDenied(self.week, self.portal, lambda own: own.get_unusual_days("2026-12-04", "2026-12-05"))
        self.assertDenied(self.week, self.collaborator, lambda own: own.get_unusual_days("nunca", "2026-12-05"), error=UserError)
