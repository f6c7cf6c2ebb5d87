from odoo.exceptions import UserError

from .common import CaseBuilder, SigCommon, freeze_time


class TestNumber(SigCommon):
    """Filing numbers, however an administrator has set the sequence of the company."""

    def setUp(self):
        super().setUp()
        self.sequence = self.env["sig.case.number"]._prepare(self.company)[self.company]
        # Numbers that other tests took of next year do not come back with their rollback.
        self.sequence.date_range_ids.filtered(lambda range_: range_.date_from.year == 2027).number_next_actual = 1
        self.reload()  # as an administrator finds it

    def numbers(self, count=3):
        cases = self.builder.file([{"partner_id": self.contact.id} for _number in range(count)])
        return [int(case.name.rpartition("-")[2]) for case in cases]

    def test_each_year_begins_anew(self):
        company = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        builder = CaseBuilder(self.env, CaseBuilder.make_user(self.env, "sig_new", "Otra", "director", company=company), company)
        names = []
        for day in ("2026-12-31", "2027-01-02"):
            with freeze_time(f"{day} 15:00:00"):
                names += builder.file({"subject": "Ruido"}).mapped("name")
        self.assertEqual(names, ["PQRS-2026-00001", "PQRS-2027-00001"])

    def test_without_gaps(self):
        """Set in Settings, Technical, Sequences: cases are filed all the same, one number after the other."""
        last = self.numbers()[-1]
        self.sequence.implementation = "no_gap"
        self.assertEqual(self.numbers(), [last + 1, last + 2, last + 3])
        self.assertEachRaises(UserError, lambda: self.make_case(email_from="x"))
        self.assertEqual(self.make_case().name, f"PQRS-2026-{last + 4:05d}", "what was refused left no gap")
        with freeze_time("2027-01-01 04:00:00"):  # in Bogotá it is 2026 still
            self.assertEqual(self.make_case().name, f"PQRS-2026-{last + 5:05d}")
        with freeze_time("2027-01-01 15:00:00"):
            self.assertEqual(self.make_case().name, "PQRS-2027-00001")
        self.sequence.implementation = "standard"
        self.assertEqual(self.numbers(), [last + 6, last + 7, last + 8])
        with freeze_time("2027-01-01 15:00:00"):
            self.assertEqual(self.make_case().name, "PQRS-2027-00002")
