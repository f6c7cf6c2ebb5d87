"""The clock of the server runs ahead, and is set right: nothing is done twice, and work goes on the day after."""
from functools import partial

from odoo.addons.sig_pqrs.demo.survey_builder import SurveyBuilder

from .common import SigCommon, date, freeze_time, moment, real_clock

JOBS = ("watch", "notices", "delivery", "survey", "act_check")


@real_clock
class TestClockJump(SigCommon):
    TODAY = "2026-11-26 12:00:00"
    AHEAD = "2027-01-06 12:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        on = partial(moment, cls.company)
        answered = cls.builder.file({"partner_id": cls.contact.id}, on(date(2026, 11, 3)))
        cls.builder.send(cls.builder.answer(answered, cls.operations, on(date(2026, 11, 4))), on(date(2026, 11, 20)))
        cls.case = cls.builder.file({"partner_id": cls.contact.id, "subject": "Abierta"}, on(date(2026, 11, 23)))
        clients = cls.env["res.partner"].create(
            [{"name": f"Conjunto {n}", "is_company": True, "email": f"conjunto{n}@example.com"} for n in range(3)]
        )
        with freeze_time("2026-11-24 15:00:00"):
            cls.wave = SurveyBuilder(cls.env, cls.director, cls.company).launch(
                population_domain=str([("id", "in", clients.ids)]), date_end="2027-03-01"
            )

    def run_jobs(self, moment):
        with freeze_time(moment):
            for job in JOBS:
                self.run_cron(f"sig_pqrs.cron_{job}")
        self.env.invalidate_all()

    def count(self):
        reminded = self.env["sig.pqrs"].search_count([("rating_state", "=", "reminded")])
        return {
            "measures": self.env["sig.indicator.measure"].search_count([]),
            "findings": self.env["sig.finding"].search_count([]),
            "reports": self.env["sig.management.review"].search_count([]),
            "mails": self.env["mail.mail"].search_count([]), "activities": self.env["mail.activity"].search_count([]),
            "acts": self.env["sig.pqrs.act"].search_count([]),
            "reminders": (sum(self.wave.recipient_ids.mapped("reminder_count")), reminded),
        }

    def digests(self):
        return self.env["mail.mail"].search([("subject", "like", "Your PQRS of today")])

    def test_ahead_and_back(self):
        self.run_jobs(self.TODAY)
        before = self.count()
        self.run_jobs("2026-11-26 13:00:00")
        self.assertEqual(self.count(), before, "the same hour again")

        self.run_jobs(self.AHEAD)
        ahead = self.count()
        self.run_jobs(self.AHEAD)
        self.assertEqual((self.count(), self.case.deadline_state), (ahead, "overdue"))

        self.run_jobs("2026-11-26 14:00:00")
        back = self.count()
        self.assertEqual(self.case.deadline_state, "on_track")
        for kind in ("measures", "reports", "acts", "reminders"):
            self.assertEqual(back[kind], ahead[kind], kind)
        for record in (self.case, self.case.assignment_ids):
            self.assertFalse(record.activity_ids.filtered(lambda row: row.activity_type_id == self.env.ref("sig_pqrs.activity_deadline")))
        self.run_jobs("2026-11-26 15:00:00")
        self.assertEqual(self.count(), back, "told once that it was not so")
        self.assertFalse(self.env["sig.pqrs.act"]._verify(self.env["sig.pqrs"].search([])))
        for case in self.env["sig.pqrs"].search([]):
            self.assertEqual(case.act_ids.mapped("number"), list(range(1, len(case.act_ids) + 1)))

    def test_work_goes_on_the_day_after(self):
        self.run_jobs(self.AHEAD)
        digests, heads = len(self.digests()), self.env["sig.act.head.export"].search_count([])
        self.assertTrue(digests)
        self.run_jobs("2026-11-27 12:00:00")
        self.assertEqual((self.company.sig_watched_on, self.case.deadline_state), (date(2026, 11, 27), "on_track"))
        self.assertGreater(len(self.digests()), digests)
        self.assertEqual(self.env["sig.act.head.export"].search_count([]), heads + 1)
        new = self.env["sig.act.head.export"].search([], order="id desc", limit=2)
        self.assertIn(new[1].digest, new[0].attachment_id.raw.decode(), "it names the one that was made before")

    def test_what_a_clock_ahead_measured_is_measured_again(self):
        self.run_jobs(self.AHEAD)
        measure = self.env["sig.indicator.measure"].search(
            [("indicator_id", "=", self.env.ref("sig_pqrs.indicator_received").id), ("date_from", "=", "2026-12-01"),
             ("process_id", "=", False)]
        )
        self.assertEqual((len(measure), measure.value), (1, 0))
        self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2026, 12, 2)))
        self.run_jobs("2027-01-05 12:00:00")
        self.assertEqual(measure.value, 1)
        self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2026, 12, 3)))
        self.run_jobs("2027-01-06 12:00:00")
        self.assertEqual(measure.value, 1, "it was measured after the month was over")
