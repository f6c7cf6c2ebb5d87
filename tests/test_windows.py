from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SigCommon, freeze_time


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestWindows(SigCommon):
    """What a button opens is what it says, for who presses it."""

    def open(self, action, user):
        """The record, or the records, of a window that a user opens."""
        records = self.env[action["res_model"]].with_user(user)
        if action.get("res_id"):
            record = records.browse(action["res_id"])
            record.check_access("read")
            return record
        return records.search(action.get("domain") or [])

    def dialog(self, action, user):
        """The dialog of an action, as its user gets it."""
        self.assertEqual(action["target"], "new")
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    def test_the_assignment_of_a_case(self):
        assignment = self.make_assignment()
        found = self.open(assignment.with_user(self.collaborator).action_open(), self.collaborator)
        self.assertEqual(found, assignment)

    def test_the_identity_of_a_case(self):
        case = self.make_case()
        director = case.with_user(self.director)
        director.action_reserve_identity("La pidió.")
        identity = self.open(director.action_open_identity(), self.director)
        self.assertEqual(identity.pqrs_id, case)
        self.make_assignment(case)
        with self.assertRaises(AccessError):
            case.with_user(self.collaborator).action_open_identity()

    def test_an_absence_is_of_who_records_it(self):
        for user in (self.leader, self.deputy):
            form = self.dialog(self.operations.with_user(user).action_record_absence(), user)
            self.assertEqual(form.user_id, user)
        form = self.dialog(self.operations.with_user(self.director).action_record_absence(), self.director)
        self.assertEqual(form.user_id, self.leader, "the SIG records that of the leader")

    def test_what_waits_for_a_leader_is_handed_over(self):
        assignment = self.make_assignment()
        self.builder.draft(assignment)
        form = self.dialog(self.operations.with_user(self.director).action_hand_over(), self.director)
        self.assertEqual(form.user_id, self.leader)
        self.assertTrue(form.line_ids)

    def test_a_client_and_its_cases(self):
        case = self.make_case()
        sheet = self.env["sig.client.sheet"].with_user(self.director).create({"partner_id": self.client.id})
        found = self.open(sheet.action_view_cases(), self.director)
        self.assertIn(case, found)
        self.assertEqual(found.client_id, self.client)
        self.assertEqual(sheet.action_print()["report_name"], "sig_pqrs.report_client_sheet")

    def test_triage_goes_to_the_case_and_to_the_dialog_that_discards(self):
        case = self.make_case()
        wizard = self.env["sig.pqrs.triage.wizard"].with_user(self.director).create({"pqrs_id": case.id})
        self.assertIn(f"/{case.id}", wizard.action_open_case()["url"])
        discard = wizard.action_discard()
        self.assertEqual(discard["context"]["default_step"], "discard")
