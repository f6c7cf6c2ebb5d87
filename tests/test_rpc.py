import inspect
from unittest.mock import patch
from xmlrpc.client import Fault

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import SigCommon, freeze_time

#: the named arguments of the steps, as the design promises them to other software: {method: (arguments, optional ones)}
CASE_STEPS = {
    "action_file": ({}, {}),
    "action_discard": ({"reason": "x"}, {}),
    "action_assign": (
        {"assignments": [{"process_id": 1, "user_id": 1, "instruction": "x", "date_due": "2026-12-01"}]},
        {},
    ),
    "action_add_requests": ({"text": "x"}, {}),
    "action_reclassify": ({"type_id": 1, "reason": "x"}, {"authority_deadline": "2026-12-01 10:00:00"}),
    "action_request_information": ({"text": "x"}, {}),
    "action_register_completion": ({}, {"date": "2026-11-24", "message_id": 1}),
    "action_refuse_completion": ({"text": "x"}, {}),
    "action_extend_completion": ({"reason": "x"}, {"date": "2026-11-24"}),
    "action_extend": ({"days": 5, "reason": "x"}, {}),
    "action_mark_claim": ({}, {}),
    "action_request_legal_review": ({}, {}),
    "action_legal_approve": ({}, {}),
    "action_legal_return": ({"reason": "x"}, {}),
    "action_send_response": (
        {},
        {"delivery": "letter", "date": "2026-11-24", "proof": "x", "reference": "x", "received_by": "x"},
    ),
    "action_register_delivery": (
        {},
        {"date": "2026-11-24", "proof": "x", "reference": "x", "received_by": "x", "delivery": "hand"},
    ),
    "action_register_return": ({"reason": "x"}, {"date": "2026-11-24"}),
    "action_transfer": (
        {"recipient": "x", "reason": "x"},
        {"date": "2026-11-24", "proof": "x", "reference": "x", "received_by": "x"},
    ),
    "action_register_forwarding": ({}, {"date": "2026-11-24", "proof": "x", "reference": "x", "received_by": "x"}),
    "action_withdraw": ({"reason": "x"}, {"tacit": False}),
    "action_cancel": ({"kind": "spam", "reason": "x"}, {"duplicate_of": 1}),
    "action_new_case_from_message": ({}, {}),
    "action_new_case_from_rating": ({}, {}),
    "action_thank": ({"text": "x"}, {}),
    "action_reopen": ({"reason": "x"}, {}),
    "action_immediate_measure": ({"text": "x"}, {}),
    "action_register_regulator_notice": ({"reference": "x"}, {}),
    "action_register_evidence": ({"text": "x"}, {}),
    "action_register_rating": ({"rate": 5}, {"feedback": "x"}),
    "action_write_to_client": ({"text": "x"}, {"attachments": [1]}),
    "action_revoke_tracking": ({"reason": "x"}, {}),
    "action_reserve_identity": ({"reason": "x"}, {"private_attachment_ids": []}),
    "action_reveal_identity": ({"reason": "x"}, {}),
    "action_correct_contact": ({}, {"email_from": "x@example.com", "phone": "1", "city": "x"}),
    "action_hide_annexes": ({"attachment_ids": [1]}, {}),
    "action_check_identity": ({"capacity": "holder", "evidence": "x"}, {}),
    "action_hold": ({"reason": "x"}, {}),
    "action_release_hold": ({"reason": "x"}, {}),
}
ASSIGNMENT_STEPS = {
    "action_reassign": ({"user_id": 1}, {}),
    "action_decline": ({"reason": "x"}, {}),
    "action_hand_over": ({"user_id": 1, "reason": "x"}, {}),
    "action_name_approver": ({"user_id": 1, "reason": "x"}, {"drafter_id": 1}),
    "action_remove": ({"reason": "x"}, {}),
    "action_submit": ({}, {}),
    "action_approve": ({}, {"reason": "x"}),
    "action_return": ({"reason": "x"}, {}),
}

#: all that the addon adds to what can be called from outside, besides those steps
OPEN_METHODS = {
    "sig.pqrs": {
        *CASE_STEPS,
        "action_export_register",
        "action_open_my_work",
        "action_open_triage",
        "action_triage_next",
        "action_open_in_tab",
        "get_my_day",
        "action_verify_acts",
        "action_download_letter",
        "action_open_step",
        "action_open_notify",
        "action_view_commitments",
        "action_open_identity",
        "rating_apply",
        "message_post",
        "mail_allowed_qweb_expressions",
        "file_petition",
        "follow_petition",
        "action_make_evidence",
    },
    "sig.pqrs.assignment": {*ASSIGNMENT_STEPS, "action_open", "action_open_step", "action_apply_template"},
    "sig.pqrs.act": set(),
    "sig.setup": {"get_panel", "action_open_step", "action_show"},
    "sig.anonymization": {"action_simulate", "action_refresh", "action_confirm", "action_cancel", "action_retry"},
    "sig.person.export": {"action_download"},
    "sig.person.data": set(),
    "sig.erasure": set(),
    "sig.anonymization.line": {"action_exclude", "action_include"},
    "sig.pqrs.commitment": {"action_open_step", "action_complete", "action_drop", "action_reassign"},
    "sig.indicator": {"action_measure", "action_open_last_measure", "action_view_measures"},
    "sig.indicator.measure": {
        "action_confirm",
        "action_measure",
        "action_open_hits",
        "action_open_misses",
        "action_open_month",
        "action_open_records",
        "action_correct",
        "action_open_correct",
        "action_open_register",
        "action_register",
    },
    "sig.improvement.mixin": {"action_open_step"},
    "sig.management.review": {
        "action_close",
        "action_hold",
        "action_open_step",
        "action_print",
        "action_resume",
        "action_send_again",
    },
    "sig.audit.access": {"action_revoke"},
    "sig.management.section": set(),
    "sig.management.decision": {
        "action_carry_out",
        "action_give_up",
        "action_make_plan",
        "action_open_step",
        "action_view_plan",
    },
    "sig.finding": {
        "action_dismiss",
        "action_open_step",
        "action_plan",
        "action_view_cases",
        "action_view_measures",
    },
    "sig.action.plan": {
        "action_cancel",
        "action_finish",
        "action_open_external",
        "action_open_step",
        "action_reopen",
        "action_restate",
        "action_start",
        "action_verify",
        "action_view_findings",
    },
    "sig.action.plan.line": {"action_complete", "action_drop", "action_open_step", "action_reassign"},
    "sig.pqrs.notice": {
        "action_open_step",
        "action_register_delivery",
        "action_register_return",
        "action_send_again",
    },
    "sig.pqrs.identity": set(),
    "sig.pqrs.mail": {"action_file"},
    "sig.transition.mixin": {"action_open_step"},
    "sig.process": {"action_view_cases", "action_record_absence", "action_merge", "action_hand_over"},
    "sig.process.absence": set(),
    "sig.handover": set(),
    "sig.calendar": {"due_date", "count_days"},
    "sig.nonworking.day": set(),
    "sig.pqrs.type": set(),
    "sig.pqrs.reason": set(),
    "sig.pqrs.submission": set(),
    "sig.rate.limit": set(),
    "sig.upload": set(),
    "sig.privacy.notice": {"action_new_version", "action_publish"},
    "sig.privacy.consent": set(),
    "sig.survey.dimension": set(),
    "sig.charts": set(),
    "sig.survey.wave": {
        "get_results",
        "action_launch",
        "action_close",
        "action_propose",
        "action_send_reminders",
        "action_view_recipients",
        "action_open_results",
        "action_print_own_report",
        "action_print_report",
        "action_export_workbook",
        "action_send_results",
        "action_open_comments",
        "action_open_silent",
        "action_open_deliveries",
        "action_open_analyses",
        "action_write_analysis",
    },
    "sig.survey.analysis": set(),
    "sig.survey.delivery": {"action_send_again"},
    "sig.survey.recipient": {
        "action_apply",
        "action_decline",
        "action_exclude",
        "action_open_step",
        "action_print_format",
        "action_restore",
        "action_send",
        "action_transcribe",
        "action_wrong_contact",
    },
    "sig.document": {"action_issue_first"},
    "sig.document.revision": set(),
    "sig.evidence.pack": {"action_download"},
    "sig.act.check": {"action_check_now"},
    "sig.act.witness": set(),
}
ORM_METHODS = {
    *("create", "write", "unlink", "default_get", "copy", "read", "search", "name_search", "export_data", "fields_get"),
    *("web_search_read", "web_read_group", "read_progress_bar"),
}

#: of core, open to all of its threads; test_mail_channel and test_threats show who may use them
GATEWAY_METHODS = {"message_process", "message_get_followers"}


class RpcCommon(SigCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(cls.registry["sig.pqrs"], "_render_letter", lambda _self: (b"%PDF-1.4", "pdf"))
        )

    def setUp(self):
        super().setUp()
        self.keys = {}

    def get_key(self, user):
        """A key that does not expire: the database knows the real date."""
        if user not in self.keys:
            self.keys[user] = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
        return self.keys[user]

    def json2(self, user, model, method, ids=(), **kwargs):
        """Status and body of a call."""
        headers = {"Authorization": f"Bearer {self.get_key(user)}"} if user else {}
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            response = self.url_open(
                f"/json/2/{model}/{method}", json={"ids": list(ids), **kwargs} if ids else kwargs, headers=headers
            )
        self.env.invalidate_all()
        return response.status_code, response.json()

    def json2_ok(self, user, model, method, ids=(), **kwargs):
        status, body = self.json2(user, model, method, ids, **kwargs)
        self.assertEqual(status, 200, body)
        return body

    def xmlrpc(self, user, model, method, *args, **kwargs):
        key = self.get_key(user)
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"):
            try:
                return self.xmlrpc_object.execute_kw(self.cr.dbname, user.id, key, model, method, args, kwargs)
            finally:
                self.env.invalidate_all()

    def get_snapshot(self):
        """All cases, assignments and acts as they are stored."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT md5(concat((SELECT json_agg(c ORDER BY c.id) FROM sig_pqrs c),
                                 (SELECT json_agg(a ORDER BY a.id) FROM sig_pqrs_assignment a),
                                 (SELECT json_agg(t ORDER BY t.id) FROM sig_pqrs_act t),
                                 (SELECT json_agg(p ORDER BY p.id) FROM sig_process p),
                                 (SELECT count(*) FROM mail_message WHERE model LIKE 'sig.%%')))"""
        )
        return self.env.cr.fetchone()[0]

    def assertRefused(self, user, model, method, ids=(), **kwargs):
        """Both protocols refuse the call, for the user's rights or the step's, and nothing has changed."""
        what = f"{user.name}: {model}.{method}({kwargs})"
        status, body = self.json2(user, model, method, ids, **kwargs)
        self.assertIn(status, (403, 404, 422), f"{what}: {body}")
        self.assertNotIn("werkzeug.exceptions.UnprocessableEntity", str(body), what)
        with self.assertRaises(Fault, msg=what) as caught:
            self.xmlrpc(user, model, method, *([list(ids)] if ids else []), **kwargs)
        self.assertIn(caught.exception.faultCode, (2, 4), f"{what}: {caught.exception.faultString}")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestRefusals(RpcCommon):
    """What nobody may do from outside, whatever the protocol."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(document_type="cc", document_number="79555444", email_from="ana@example.com")
        self.assignment = self.make_assignment(self.case)
        self.builder.draft(self.assignment)
        self.pending = self.make_assignment()
        self.approved = self.make_approved(email_from="ana@example.com")
        self.other = self.make_case(subject="De Tecnología")
        self.other_assignment = self.make_assignment(self.other, self.technology)
        self.builder.draft(self.other_assignment)
        self.snapshot = self.get_snapshot()

    def assertNothingChanged(self):
        self.assertEqual(self.get_snapshot(), self.snapshot)

    def test_collaborator(self):
        user, case, assignment, pending = self.collaborator, self.case, self.assignment, self.pending
        assignment_model, act = "sig.pqrs.assignment", case.sudo().act_ids[0]
        for model, method, ids, kwargs in (
            # approve, close, reassign
            (assignment_model, "action_approve", assignment.ids, {}),
            ("sig.pqrs", "action_send_response", self.approved.ids, {"delivery": "email"}),
            (assignment_model, "action_reassign", pending.ids, {"user_id": user.id}),
            ("sig.pqrs", "action_assign", case.ids, {"assignments": [{"process_id": self.technology.id}]}),
            (assignment_model, "action_decline", pending.ids, {"reason": "x"}),
            (assignment_model, "action_remove", pending.ids, {"reason": "x"}),
            (assignment_model, "action_return", assignment.ids, {"reason": "x"}),
            # backdate, move a deadline
            ("sig.pqrs", "write", case.ids, {"vals": {"date_received": "2026-11-01 10:00:00"}}),
            ("sig.pqrs", "write", case.ids, {"vals": {"date_deadline": "2027-01-01"}}),
            ("sig.pqrs", "action_extend", case.ids, {"days": 5, "reason": "x"}),
            (assignment_model, "write", pending.ids, {"vals": {"date_due": "2027-01-01"}}),
            (assignment_model, "write", pending.ids, {"vals": {"response": "<p>x</p>", "state": "approved"}}),
            ("sig.nonworking.day", "create", (), {"vals_list": [{"date": "2026-12-01", "name": "x"}]}),
            ("sig.process", "write", self.operations.ids, {"vals": {"leader_id": user.id}}),
            ("sig.process", "write", self.technology.ids, {"vals": {"member_ids": [[4, user.id, 0]]}}),
            # what belongs to another process
            ("sig.pqrs", "read", self.other.ids, {"fields": ["subject"]}),
            ("sig.pqrs", "web_read", self.other.ids, {"specification": {"subject": {}}}),
            (assignment_model, "read", self.other_assignment.ids, {"fields": ["response"]}),
            (assignment_model, "write", self.other_assignment.ids, {"vals": {"response": "<p>x</p>"}}),
            ("sig.pqrs.act", "read", self.other.sudo().act_ids.ids, {"fields": ["note"]}),
            ("mail.message", "read", self.other.sudo().message_ids.ids, {"fields": ["body"]}),
            ("sig.pqrs", "action_verify_acts", self.other.ids, {}),
            # identity documents
            ("sig.pqrs", "read", case.ids, {"fields": ["document_number"]}),
            ("sig.pqrs", "search", (), {"domain": [["document_number", "=", "79555444"]]}),
            ("sig.pqrs", "search_read", (), {"domain": [], "fields": ["document_number"]}),
            (
                "sig.pqrs",
                "formatted_read_group",
                (),
                {"domain": [], "groupby": ["document_number"], "aggregates": ["__count"]},
            ),
            # speak, and rewrite history
            ("sig.pqrs", "message_post", case.ids, {"body": "x"}),
            ("sig.pqrs", "create", (), {"vals_list": [{"subject": "x", "type_id": case.type_id.id}]}),
            ("sig.pqrs", "unlink", case.ids, {}),
            (assignment_model, "unlink", assignment.ids, {}),
            ("sig.pqrs.act", "create", (), {"vals_list": [{"pqrs_id": case.id, "kind": "closed"}]}),
            ("sig.pqrs.act", "write", act.ids, {"vals": {"note": "x"}}),
            ("sig.pqrs.act", "unlink", act.ids, {}),
            ("sig.pqrs", "action_register_rating", case.ids, {"rate": 5}),
        ):
            self.assertRefused(user, model, method, ids, **kwargs)
        self.assertNothingChanged()
        found = self.json2_ok(user, "sig.pqrs", "search", domain=[])
        self.assertNotIn(self.other.id, found)
        self.assertIn(case.id, found)

    def test_leader(self):
        user = self.leader
        for model, method, ids, kwargs in (
            ("sig.pqrs.assignment", "action_approve", self.other_assignment.ids, {}),
            ("sig.pqrs.assignment", "action_approve", (self.assignment | self.other_assignment).ids, {}),
            ("sig.pqrs.assignment", "action_return", self.other_assignment.ids, {"reason": "x"}),
            ("sig.pqrs.assignment", "action_reassign", self.other_assignment.ids, {"user_id": self.other_leader.id}),
            ("sig.pqrs.assignment", "action_reassign", self.pending.ids, {"user_id": self.other_collaborator.id}),
            ("sig.pqrs.assignment", "action_remove", self.pending.ids, {"reason": "x"}),
            ("sig.pqrs", "action_send_response", self.approved.ids, {}),
            ("sig.pqrs", "action_cancel", self.approved.ids, {"kind": "spam", "reason": "x"}),
            ("sig.pqrs", "action_withdraw", self.approved.ids, {"reason": "x"}),
            ("sig.pqrs", "action_extend", self.approved.ids, {"days": 5, "reason": "x"}),
            ("sig.pqrs", "write", self.approved.ids, {"vals": {"state": "closed"}}),
            ("sig.pqrs", "write", self.approved.ids, {"vals": {"resolution": "upheld"}}),
            ("sig.pqrs", "read", self.other.ids, {"fields": ["subject"]}),
            ("sig.pqrs", "read", self.case.ids, {"fields": ["document_number"]}),
            ("sig.pqrs", "message_post", self.case.ids, {"body": "x"}),
        ):
            self.assertRefused(user, model, method, ids, **kwargs)
        self.assertNothingChanged()

    def test_management_writes_nothing(self):
        user = self.management
        for model, method, ids, kwargs in (
            ("sig.pqrs", "write", self.case.ids, {"vals": {"site": "x"}}),
            ("sig.pqrs", "create", (), {"vals_list": [{"subject": "x", "type_id": self.case.type_id.id}]}),
            ("sig.pqrs", "message_post", self.case.ids, {"body": "x"}),
            ("sig.pqrs", "action_immediate_measure", self.case.ids, {"text": "x"}),
            ("sig.pqrs", "action_send_response", self.approved.ids, {}),
            ("sig.pqrs.assignment", "write", self.assignment.ids, {"vals": {"response": "<p>x</p>"}}),
            ("sig.pqrs.assignment", "action_approve", self.assignment.ids, {}),
            ("sig.pqrs.assignment", "message_post", self.assignment.ids, {"body": "x"}),
            ("sig.process", "write", self.operations.ids, {"vals": {"internal_days": 1}}),
            ("sig.pqrs.type", "write", self.case.type_id.ids, {"vals": {"term_days": 99}}),
            ("sig.document", "create", (), {"vals_list": [{"name": "x", "code": "x"}]}),
            ("sig.pqrs", "read", self.case.ids, {"fields": ["document_number"]}),
        ):
            self.assertRefused(user, model, method, ids, **kwargs)
        self.assertNothingChanged()
        self.assertIn(self.other.id, self.json2_ok(user, "sig.pqrs", "search", domain=[]))

    def test_director_and_administrator(self):
        """The SIG too moves a case by its steps alone."""
        for user in (self.director, self.administrator):
            for model, method, ids, kwargs in (
                ("sig.pqrs", "write", self.case.ids, {"vals": {"state": "closed"}}),
                ("sig.pqrs", "write", self.case.ids, {"vals": {"date_deadline": "2027-01-01"}}),
                ("sig.pqrs", "write", self.case.ids, {"vals": {"date_received": "2026-11-01 10:00:00"}}),
                (
                    "sig.pqrs",
                    "write",
                    self.case.ids,
                    {"vals": {"assignment_ids": [[1, self.assignment.id, {"state": "approved"}]]}},
                ),
                ("sig.pqrs", "write", self.case.ids, {"vals": {"act_ids": [[5, 0, 0]]}}),
                (
                    "sig.pqrs",
                    "create",
                    (),
                    {
                        "vals_list": [{"subject": "x", "type_id": self.case.type_id.id}],
                        "context": {"default_state": "closed"},
                    },
                ),
                (
                    "sig.pqrs",
                    "create",
                    (),
                    {"vals_list": [{"subject": "x", "type_id": self.case.type_id.id, "name": "PQRS-1"}]},
                ),
                ("sig.pqrs.assignment", "write", self.assignment.ids, {"vals": {"response_digest": "x"}}),
                ("sig.pqrs.act", "unlink", self.case.sudo().act_ids.ids, {}),
                ("sig.pqrs", "unlink", self.case.ids, {}),
                ("sig.pqrs", "rating_apply", self.case.ids, {"rate": 5, "token": "x"}),
            ):
                self.assertRefused(user, model, method, ids, **kwargs)
        self.assertNothingChanged()

    def test_the_rest(self):
        for user in (self.interviewer, self.employee, self.portal):
            for model, ids in (
                ("sig.pqrs", self.case.ids),
                ("sig.pqrs.assignment", self.assignment.ids),
                ("sig.process", self.operations.ids),
            ):
                self.assertRefused(user, model, "read", ids, fields=["display_name"])
                self.assertRefused(user, model, "search_count", domain=[])
            self.assertRefused(user, "sig.pqrs", "action_immediate_measure", self.case.ids, text="x")
        self.assertNothingChanged()
        self.assertEqual(self.json2(None, "sig.pqrs", "search", domain=[])[0], 401)
        with self.assertRaises(Fault):
            self.xmlrpc_object.execute_kw(self.cr.dbname, self.director.id, "x", "sig.pqrs", "search", [[]], {})

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Otra empresa"})
        stranger = self.builder.make_user(self.env, "sig_stranger", "Directora de otra empresa", "director", other)
        self.snapshot = self.get_snapshot()
        self.assertEqual(self.json2_ok(stranger, "sig.pqrs", "search", domain=[]), [])
        self.assertRefused(stranger, "sig.pqrs", "read", self.case.ids, fields=["subject"])
        self.assertRefused(stranger, "sig.pqrs", "search", domain=[], context={"allowed_company_ids": self.company.ids})
        self.assertRefused(stranger, "sig.pqrs", "action_extend", self.case.ids, days=5, reason="x")
        self.assertRefused(
            stranger, "sig.calendar", "due_date", received="2026-11-24", days=15, company_id=self.company.id
        )
        self.assertNothingChanged()

    def test_private_methods(self):
        case, act = self.case, self.case.sudo().act_ids
        for model, method, ids, kwargs in (
            (
                "sig.pqrs",
                "_settle",
                case.ids,
                {"state": "closed", "outcome": "answered", "act": "closed", "reason": "x"},
            ),
            ("sig.pqrs", "_record", case.ids, {"kind": "closed", "notes": {}}),
            ("sig.pqrs", "_finish_answer", case.ids, {"delivery_state": "sent", "moment": "2026-11-24 10:00:00"}),
            ("sig.pqrs", "_on_mail_left", case.ids, {"purpose": "response"}),
            ("sig.pqrs", "_on_mail_failed", case.ids, {"purpose": "response"}),
            ("sig.pqrs", "_register_delivery", case.ids, {"date": False, "proof": "x"}),
            ("sig.pqrs", "_rate_from_link", (), {"rating": 1, "rate": 5, "feedback": ""}),
            ("sig.pqrs", "_rating_get_access_token", case.ids, {}),
            ("sig.pqrs", "_next_numbers", (), {"company": 1, "count": 1}),
            ("sig.pqrs", "_cron_watch", (), {}),
            ("sig.pqrs.act", "_append", (), {"cases": case.ids, "kind": "closed"}),
            ("sig.pqrs.act", "_erase_notes", act.ids, {}),
            ("sig.pqrs.act", "_erase_persons", act.ids, {}),
            ("sig.pqrs.act", "_verify", (), {"cases": case.ids}),
            ("sig.nonworking.day", "_generate", (), {"company": 1, "first": 2020, "last": 2021}),
        ):
            status, body = self.json2(self.administrator, model, method, ids, **kwargs)
            self.assertIn(status, (403, 404), f"{method}: {body}")
            with self.assertRaises(Fault, msg=method):
                self.xmlrpc(self.administrator, model, method, *([list(ids)] if ids else []), **kwargs)
        self.assertNothingChanged()

    def test_what_can_be_called(self):
        """No method of the addon is open to the outside by oversight."""
        for model in (name for name in self.env if name.startswith("sig.") and not self.env[name]._transient):
            methods = {
                name
                for cls in type(self.env[model]).mro()
                if cls.__module__.startswith("odoo.addons.sig_pqrs.")
                for name, method in vars(cls).items()
                if inspect.isfunction(method)
                and not name.startswith("_")
                and not getattr(method, "_api_private", False)
            }
            self.assertEqual(methods - ORM_METHODS - GATEWAY_METHODS, OPEN_METHODS.get(model, set()), model)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestSteps(RpcCommon):
    """The steps of the procedure as other software takes them."""

    def test_named_arguments(self):
        """Every step binds its arguments by name, and refuses, here, for its state alone."""
        case = self.make_case()
        case.action_cancel("spam", "Publicidad")
        assignment = self.make_assignment()
        assignment.pqrs_id.with_user(self.director).action_withdraw("Desistió")
        targets = {
            "action_reopen": self.make_case(),
            "action_reserve_identity": self.make_anonymous(),
            "action_write_to_client": self.make_case(),
            "action_revoke_tracking": self.make_case(),
            "action_hold": self.make_case(),
        }
        targets["action_hold"].action_hold("Proceso")
        (targets["action_write_to_client"] | targets["action_revoke_tracking"]).sudo().state = "to_file"
        for record, steps in ((case, CASE_STEPS), (assignment, ASSIGNMENT_STEPS)):
            for method, (required, optional) in steps.items():
                target = targets.get(method, record)
                for arguments in (required, {**required, **optional}):
                    status, body = self.json2(self.director, record._name, method, target.ids, **arguments)
                    self.assertEqual((status, body["name"]), (422, "odoo.exceptions.UserError"), f"{method}: {body}")
                    with self.assertRaises(Fault) as caught:
                        self.xmlrpc(self.director, record._name, method, target.ids, **arguments)
                    self.assertEqual(caught.exception.faultCode, 2, f"{method}: {caught.exception.faultString}")
                for arguments in ({**required, "other": 1}, *({} for _once in required and [1])):
                    status, body = self.json2(self.director, record._name, method, target.ids, **arguments)
                    self.assertEqual((status, body["name"]), (422, "werkzeug.exceptions.UnprocessableEntity"), method)

    def test_whole_case(self):
        """From its filing to its rating, each step by the person whose it is."""
        kind = self.env.ref("sig_pqrs.type_datos_reclamo")
        [case_id] = self.json2_ok(
            self.director,
            "sig.pqrs",
            "create",
            vals_list=[
                {
                    "type_id": kind.id,
                    "subject": "Corrijan mis datos",
                    "channel": "api",
                    "partner_name": "Ana Ruiz",
                    "email_from": "ana@example.com",
                    "document_type": "cc",
                    "document_number": "79555444",
                    "attachment_ids": [[0, 0, {"name": "cedula.txt", "raw": "Y8OpZHVsYQ=="}]],
                }
            ],
        )
        case = self.env["sig.pqrs"].browse(case_id)
        self.assertRegex(case.name, r"^PQRS-2026-\d{5}$")
        self.assertTrue(self.json2_ok(self.director, "sig.pqrs", "action_mark_claim", case.ids))
        assignment_ids = self.json2_ok(
            self.director,
            "sig.pqrs",
            "action_assign",
            case.ids,
            assignments=[
                {
                    "process_id": self.operations.id,
                    "user_id": self.collaborator.id,
                    "instruction": "Revisar",
                    "date_due": "2026-12-01",
                },
                {"process_id": self.technology.id},
            ],
        )
        mine, theirs = self.env["sig.pqrs.assignment"].browse(assignment_ids)
        self.assertEqual(theirs.user_id, self.other_leader)
        [vals] = self.json2_ok(self.collaborator, "sig.pqrs", "read", case.ids, fields=["subject", "identity_document"])
        self.assertIn("79555444", vals["identity_document"])
        self.json2_ok(
            self.collaborator, "sig.pqrs.assignment", "write", mine.ids, vals={"response": "<p>Corregidos.</p>"}
        )
        self.json2_ok(self.collaborator, "sig.pqrs.assignment", "action_submit", mine.ids)
        self.json2_ok(self.leader, "sig.pqrs.assignment", "action_return", mine.ids, reason="Diga la fecha")
        self.json2_ok(self.leader, "sig.pqrs.assignment", "action_reassign", mine.ids, user_id=self.deputy.id)
        self.json2_ok(
            self.deputy, "sig.pqrs.assignment", "write", mine.ids, vals={"response": "<p>Corregidos hoy.</p>"}
        )
        self.json2_ok(self.deputy, "sig.pqrs.assignment", "action_submit", mine.ids)
        self.json2_ok(self.leader, "sig.pqrs.assignment", "action_approve", mine.ids)
        self.json2_ok(self.other_leader, "sig.pqrs.assignment", "action_decline", theirs.ids, reason="No tenemos datos")
        self.assertEqual(case.state, "approved")
        self.json2_ok(self.director, "sig.pqrs", "action_request_information", case.ids, text="Copia del documento")
        self.assertTrue(case.suspended)
        self.json2_ok(self.director, "sig.pqrs", "action_register_completion", case.ids, date="2026-11-24")
        self.json2_ok(self.director, "sig.pqrs", "action_extend", case.ids, days=3, reason="Falta un concepto")
        self.json2_ok(self.leader, "sig.pqrs", "action_immediate_measure", case.ids, text="Se bloqueó el dato")
        self.json2_ok(
            self.director,
            "sig.pqrs",
            "write",
            case.ids,
            vals={"resolution": "upheld", "response_opening": "<p>Señora:</p>"},
        )
        self.json2_ok(
            self.director, "sig.pqrs", "action_check_identity", case.ids, capacity="holder", evidence="Cédula presentada"
        )
        self.json2_ok(self.director, "sig.pqrs", "action_send_response", case.ids, delivery="letter")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        self.json2_ok(
            self.director, "sig.pqrs", "action_register_delivery", case.ids, date="2026-11-24", proof="Guía 123"
        )
        self.assertEqual((case.state, case.outcome, case.delivery_state), ("closed", "answered", "handed"))
        self.json2_ok(self.director, "sig.pqrs", "action_register_rating", case.ids, rate=5, feedback="Muy bien")
        self.assertEqual((case.rating_state, case.rating_value), ("rated", 5))
        self.assertIn("Corregidos hoy.", case.response)
        self.assertEqual(
            self.kinds(case),
            [
                "received",
                "claim_marked",
                "assigned",
                "assigned",
                "submitted",
                "returned",
                "reassigned",
                "submitted",
                "approved",
                "declined",
                "requirement",
                "completion",
                "extension",
                "immediate_measure",
                "identity_checked",
                "delivered",
                "response_sent",
                "claim_unmarked",
                "closed",
                "rated",
            ],
        )
        self.assertEqual(case.act_ids[-1].user_id, self.director)
        self.assertChain(case)

    def test_some_steps_by_xmlrpc(self):
        [case_id] = self.xmlrpc(
            self.director,
            "sig.pqrs",
            "create",
            [
                {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda sin hacer", "channel": "phone"},
            ],
        )
        [assignment_id] = self.xmlrpc(
            self.director, "sig.pqrs", "action_assign", [case_id], [{"process_id": self.operations.id}]
        )
        self.xmlrpc(self.collaborator, "sig.pqrs.assignment", "write", [assignment_id], {"response": "<p>Hecho</p>"})
        self.assertTrue(self.xmlrpc(self.collaborator, "sig.pqrs.assignment", "action_submit", [assignment_id]))
        self.assertTrue(self.xmlrpc(self.deputy, "sig.pqrs.assignment", "action_approve", [assignment_id]))
        self.assertTrue(
            self.xmlrpc(self.director, "sig.pqrs", "action_send_response", [case_id], delivery="hand", proof="Recibido")
        )
        case = self.env["sig.pqrs"].browse(case_id)
        self.assertEqual((case.state, case.outcome), ("closed", "answered"))
        self.assertTrue(self.xmlrpc(self.director, "sig.pqrs", "action_reopen", [case_id], "Faltó un punto"))
        self.assertChain(case)

    def test_core_page_of_ratings(self):
        """The page of core takes the same token: it ends in the same door, with an act, and not for staff."""
        case = self.make_closed(email_from="ana@example.com")
        token = case.sudo()._rating_get_access_token()
        self.env.flush_all()
        self.authenticate(self.director.login, self.director.login)
        with mute_logger("odoo.http", "odoo.addons.website.models.ir_http"):
            response = self.url_open(
                f"/rate/{token}/submit_feedback",
                data={
                    "rate": "5",
                    "feedback": "x",
                    "csrf_token": http.Request.csrf_token(self),
                },
            )
        self.assertNotEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual((case.rating_state, case.rating_value), ("asked", 0))
        self.authenticate(None, None)
        response = self.url_open(
            f"/rate/{token}/submit_feedback",
            data={
                "rate": "1",
                "feedback": "Tarde",
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual((case.rating_state, case.rating_value, self.kinds(case)[-1]), ("rated", 1, "rated"))
