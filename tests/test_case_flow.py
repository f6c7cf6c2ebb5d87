from odoo.tests import tagged

from .common import SigCommon, date, freeze_time


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestCaseFlow(SigCommon):
    """One case from its receipt to its rated answer."""

    def test_life_of_a_case(self):
        case = self.make_case(type="queja")
        self.assertRegex(case.name, r"^PQRS-2026-\d{5}$")
        self.assertEqual(case.state, "received")
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertEqual(case.client_id, self.client)
        assignments = self.builder.assign(case, self.operations | self.technology)
        self.assertEqual(case.state, "assigned")
        self.builder.draft(assignments[0], "<p>Primera parte</p>")
        self.builder.approve(assignments[0])
        self.assertEqual(case.state, "assigned", "one process is still to answer")
        self.builder.draft(assignments[1], "<p>Segunda parte</p>")
        self.builder.approve(assignments[1])
        self.assertEqual(case.state, "approved")
        self.assertIn("Primera parte", case.response)
        self.assertIn("Segunda parte", case.response)
        self.builder.send(case)
        self.assertEqual(
            (case.state, case.outcome, case.delivery_state, case.deadline_state),
            ("closed", "answered", "sent", "answered_on_time"),
        )
        self.builder.rate(case, 5, "Muy bien")
        self.assertEqual(self.kinds(case), [
            "received", "assigned", "assigned", "submitted", "approved", "submitted", "approved",
            "response_sent", "closed", "rated",
        ])
        self.assertChain(case)
