"""Surveys from outside, over JSON-2 and XML-RPC: each role reads and does what is its, and nothing else."""

from .common import freeze_time
from .rpc import RpcCommon
from .test_survey_wave import SurveyCommon

SIG = ("administrator", "director")


@freeze_time("2026-06-03 15:00:00")
class TestSurveyRpc(SurveyCommon, RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.visited, cls.other, cls.mailed = cls.wave.recipient_ids
        (cls.visited | cls.other).channel = "visit"
        cls.visited.interviewer_id = cls.interviewer
        cls.answer(cls.mailed)

    def get_survey_state(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT (SELECT json_agg(w ORDER BY w.id)::text FROM sig_survey_wave w),
                      (SELECT json_agg(r ORDER BY r.id)::text FROM sig_survey_recipient r),
                      (SELECT json_agg(s ORDER BY s.id)::text FROM survey_user_input s),
                      (SELECT count(*) FROM survey_user_input_line)"""
        )
        return self.env.cr.fetchone()

    def test_only_the_sig_runs_the_wave(self):
        before = self.get_survey_state()
        for role in ("leader", "collaborator", "management", "interviewer", "employee", "portal"):
            user = getattr(self, role)
            for model, method, ids, kwargs in (
                ("sig.survey.wave", "action_close", self.wave.ids, {}),
                ("sig.survey.wave", "action_launch", self.wave.ids, {}),
                ("sig.survey.wave", "action_send_reminders", self.wave.ids, {}),
                ("sig.survey.wave", "action_propose", (), {}),
                ("sig.survey.recipient", "action_restore", self.visited.ids, {}),
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
            self.assertRefused(user, "survey.user_input", "write", lines.user_input_id.ids, vals={"state": "new"})
            self.assertRefused(user, "survey.user_input", "unlink", lines.user_input_id.ids)
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

