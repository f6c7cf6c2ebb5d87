"""Surveys from outside, over JSON-2 and XML-RPC: each role reads and does what is its, and nothing else."""
from odoo.tests import tagged

from .common import freeze_time
from .rpc import RpcCommon
from .test_survey_wave import SurveyCommon

ROLES = ("administrator", "director", "leader", "collaborator", "management", "interviewer", "employee", "portal")
SIG = ("administrator", "director")

#: who reads how many of what there is in the company; all others are refused
READERS = {
    "sig.survey.wave": dict.fromkeys((*SIG, "leader", "management"), 1),
    "sig.survey.recipient": {**dict.fromkeys(SIG, 3), "interviewer": 1},
    "survey.user_input": dict.fromkeys(SIG, 3),
    "sig.survey.delivery": dict.fromkeys(SIG, 0),
}


@tagged("post_install", "-at_install")
@freeze_time("2026-06-03 15:00:00")
class TestSurveyRpc(SurveyCommon, RpcCommon):
    def setUp(self):
        super().setUp()
        self.wave = self.launch()
        self.visited, self.other, self.mailed = self.wave.recipient_ids
        (self.visited | self.other).channel = "visit"
        self.visited.interviewer_id = self.interviewer
        self.answer(self.mailed)

    def get_survey_state(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT (SELECT json_agg(w ORDER BY w.id)::text FROM sig_survey_wave w),
                      (SELECT json_agg(r ORDER BY r.id)::text FROM sig_survey_recipient r),
                      (SELECT json_agg(s ORDER BY s.id)::text FROM survey_user_input s),
                      (SELECT count(*) FROM survey_user_input_line)"""
        )
        return self.env.cr.fetchone()

    def test_who_reads_what(self):
        domain = {
            "sig.survey.wave": [("id", "=", self.wave.id)],
            "sig.survey.recipient": [("wave_id", "=", self.wave.id)],
            "sig.survey.delivery": [("wave_id", "=", self.wave.id)],
            "survey.user_input": [("survey_id", "=", self.wave.sudo().survey_id.id)],
        }
        for model, readers in READERS.items():
            for role in ROLES:
                status, body = self.json2(getattr(self, role), model, "search_read", domain=domain[model], fields=["id"])
                with self.subTest(model=model, role=role):
                    self.assertEqual(status, 200 if role in readers else 403, body)
                    if role in readers:
                        self.assertEqual(len(body), readers[role])

    def test_who_reads_the_results(self):
        for role in ROLES:
            status, results = self.json2(getattr(self, role), "sig.survey.wave", "get_results", self.wave.ids)
            with self.subTest(role=role):
                if role in SIG:
                    self.assertEqual((status, results["satisfied"]["value"]), (200, 100))
                elif role in ("leader", "management"):  # of one answer they are told nothing
                    self.assertEqual((status, results["satisfied"]), (200, None))
                else:
                    self.assertEqual(status, 403)

    def test_only_the_sig_runs_the_wave(self):
        before = self.get_survey_state()
        for role in ("leader", "collaborator", "management", "interviewer", "employee", "portal"):
            user = getattr(self, role)
            for model, method, ids, kwargs in (
                ("sig.survey.wave", "action_close", self.wave.ids, {}),
                ("sig.survey.wave", "action_send_reminders", self.wave.ids, {}),
                ("sig.survey.wave", "write", self.wave.ids, {"vals": {"name": "x"}}),
                ("sig.survey.wave", "create", (), {"vals_list": [{"year": 2026, "semester": "2"}]}),
                ("sig.survey.recipient", "write", self.visited.ids, {"vals": {"channel": "phone"}}),
                ("sig.survey.recipient", "action_exclude", self.visited.ids, {"reason": "x"}),
                ("sig.survey.recipient", "action_send", self.visited.ids, {}),
                ("survey.user_input", "write", self.mailed.sudo().user_input_id.ids, {"vals": {"state": "new"}}),
            ):
                self.assertRefused(user, model, method, ids, **kwargs)
        self.assertEqual(self.get_survey_state(), before)

    def test_nobody_writes_what_became_of_it(self):
        before = self.get_survey_state()
        lines = self.mailed.sudo().user_input_id.user_input_line_ids
        for role in SIG:
            user = getattr(self, role)
            self.assertRefused(user, "sig.survey.wave", "write", self.wave.ids, vals={"state": "closed"})
            self.assertRefused(user, "sig.survey.wave", "write", self.wave.ids, vals={"satisfaction": 100})
            self.assertRefused(user, "sig.survey.wave", "unlink", self.wave.ids)
            self.assertRefused(user, "sig.survey.recipient", "write", self.visited.ids, vals={"state": "answered"})
            self.assertRefused(user, "survey.user_input.line", "write", lines.ids, vals={"skipped": True})
            self.assertRefused(user, "survey.user_input.line", "unlink", lines.ids)
            self.assertRefused(user, "survey.question", "write", lines.question_id.ids, vals={"title": "x"})
        self.assertEqual(self.get_survey_state(), before)

    def test_interviewers_apply_their_own_clients(self):
        for method, kwargs in (("action_apply", {}), ("action_decline", {"reason": "x"}), ("action_wrong_contact", {"reason": "x"})):
            for theirs in (self.other, self.mailed):
                self.assertRefused(self.interviewer, "sig.survey.recipient", method, theirs.ids, **kwargs)
            for role in ("leader", "collaborator", "management", "employee", "portal"):
                self.assertRefused(getattr(self, role), "sig.survey.recipient", method, self.visited.ids, **kwargs)
        action = self.json2_ok(self.interviewer, "sig.survey.recipient", "action_apply", self.visited.ids)
        self.assertIn(self.visited.sudo().user_input_id.access_token, action["url"])
        self.json2_ok(self.interviewer, "sig.survey.recipient", "action_decline", self.visited.ids, reason="No quiere")
        self.assertEqual((self.visited.state, self.visited.reason), ("declined", "No quiere"))

    def test_the_sig_runs_it(self):
        self.json2_ok(self.director, "sig.survey.recipient", "action_exclude", self.other.ids, reason="Ya no es cliente")
        self.json2_ok(self.director, "sig.survey.wave", "action_close", self.wave.ids)
        self.assertEqual((self.other.state, self.wave.state), ("excluded", "closed"))
        self.assertRefused(self.director, "sig.survey.wave", "action_close", self.wave.ids)
        self.assertRefused(self.director, "sig.survey.wave", "action_launch", self.wave.ids)
