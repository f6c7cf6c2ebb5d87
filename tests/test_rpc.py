import inspect
from xmlrpc.client import Fault

from odoo import http
from odoo.tools import SQL, mute_logger

from .rpc import RpcCommon

#: the named arguments of the steps, as the design promises them to other software: {method: (arguments, optional ones)}
CASE_STEPS = {
    "action_file": ({}, {}), "action_discard": ({"reason": "x"}, {}),
    "action_assign": ({"assignments": [{"process_id": 1, "user_id": 1, "instruction": "x", "date_due": "2026-12-01"}]}, {}),
    "action_add_requests": ({"text": "x"}, {}),
    "action_reclassify": ({"type_id": 1, "reason": "x"}, {"authority_deadline": "2026-12-01 10:00:00"}),
    "action_request_information": ({"text": "x"}, {}),
    "action_register_completion": ({}, {"date": "2026-11-24", "message_id": 1}),
    "action_refuse_completion": ({"text": "x"}, {}),
    "action_extend_completion": ({"reason": "x"}, {"date": "2026-11-24"}),
    "action_extend": ({"days": 5, "reason": "x"}, {}), "action_mark_claim": ({}, {}),
    "action_request_legal_review": ({}, {}), "action_legal_approve": ({}, {}),
    "action_legal_return": ({"reason": "x"}, {}),
    "action_send_response": ({}, {"delivery": "letter", "date": "2026-11-24", "proof": "x", "reference": "x", "received_by": "x"}),
    "action_transfer": ({"recipient": "x", "reason": "x"}, {}),
    "action_withdraw": ({"reason": "x"}, {"tacit": False}),
    "action_cancel": ({"kind": "spam", "reason": "x"}, {"duplicate_of": 1}), "action_new_case_from_message": ({}, {}),
    "action_new_case_from_rating": ({}, {}), "action_thank": ({"text": "x"}, {}),
    "action_reopen": ({"reason": "x"}, {}), "action_immediate_measure": ({"text": "x"}, {}),
    "action_register_regulator_notice": ({"reference": "x"}, {}), "action_register_evidence": ({"text": "x"}, {}),
    "action_register_rating": ({"rate": 5}, {"feedback": "x"}),
    "action_write_to_client": ({"text": "x"}, {"attachments": [1], "by_whatsapp": True}), "action_revoke_tracking": ({"reason": "x"}, {}),
    "action_reserve_identity": ({"reason": "x"}, {"private_attachment_ids": []}),
    "action_reveal_identity": ({"reason": "x"}, {}),
    "action_correct_contact": ({}, {"email_from": "x@example.com", "phone": "1", "city": "x"}),
    "action_hide_annexes": ({"attachment_ids": [1]}, {}),
    "action_check_identity": ({"capacity": "holder", "evidence": "x"}, {}), "action_hold": ({"reason": "x"}, {}),
    "action_release_hold": ({"reason": "x"}, {}),
}
ASSIGNMENT_STEPS = {
    "action_reassign": ({"user_id": 1}, {}), "action_decline": ({"reason": "x"}, {}),
    "action_hand_over": ({"user_id": 1, "reason": "x"}, {}),
    "action_name_approver": ({"user_id": 1, "reason": "x"}, {}), "action_remove": ({"reason": "x"}, {}),
    "action_submit": ({}, {}), "action_approve": ({}, {"reason": "x"}), "action_return": ({"reason": "x"}, {}),
}

#: all that the addon adds to what can be called from outside, besides those steps
OPEN_METHODS = {
    "sig.pqrs": {
        *CASE_STEPS, "action_export_register", "action_open_triage", "action_triage_next",
        "action_verify_acts", "action_download_letter", "action_open_step", "action_open_notify",
        "action_open_identity", "rating_apply", "mail_allowed_qweb_expressions", "file_petition", "follow_petition",
        "action_make_evidence",
    },
    "sig.pqrs.assignment": {*ASSIGNMENT_STEPS, "action_open", "action_open_step"},
    "sig.pqrs.act": set(), "sig.my.day": {"get_my_day"}, "sig.workload": {"get_workload"}, "sig.setup": {"get_panel", "action_open_step", "action_show"},
    "sig.anonymization": {"action_open_step", "action_simulate", "action_refresh", "action_confirm", "action_cancel", "action_retry"},
    "sig.person.export": {"action_download"}, "sig.person.data": set(), "sig.anonymizer": set(),
    "sig.anonymization.line": {"action_exclude", "action_include"},
    "sig.pqrs.commitment": {"action_open_step", "action_complete", "action_drop", "action_reassign"},
    "sig.indicator": {"action_copy_to_company", "action_declare_baseline"},
    "sig.indicator.measure": {
        "action_confirm", "action_open_misses", "action_open_month",
        "action_open_records", "action_open_step", "action_correct", "action_register",
    },
    "sig.management.review": {"action_close", "action_hold", "action_open_step", "action_print", "action_send_report"},
    "sig.audit.access": {"action_revoke"}, "sig.management.section": set(),
    "sig.management.decision": {"action_carry_out", "action_give_up", "action_make_plan", "action_open_step"},
    "sig.finding": {"action_dismiss", "action_open_step", "action_plan"},
    "sig.action.plan": {"action_cancel", "action_finish", "action_open_step", "action_start", "action_verify"},
    "sig.action.plan.line": {"action_complete", "action_drop", "action_open_step"},
    "sig.pqrs.communication": {"action_attend", "action_download_letter", "action_open_step", "action_register_delivery", "action_register_return", "action_send_again"},
    "sig.pqrs.identity": {"action_allow_texts"}, "sig.pqrs.reserved.text": {"action_allow"},
    "sig.pqrs.mail": {"action_file"}, "sig.transition.mixin": {"action_open_step"},
    "sig.process": set(), "sig.process.absence": set(),
    "sig.handover": set(), "sig.calendar": {"due_date", "count_days"}, "sig.nonworking.day": set(),
    "sig.shared.mixin": {"action_copy_to_company"}, "sig.pqrs.type": {"action_copy_to_company", "action_confirm_retention"},
    "sig.pqrs.reason": {"action_copy_to_company"}, "sig.pqrs.submission": set(), "sig.rate.limit": set(),
    "sig.upload": set(), "sig.common.answer": {"action_draft", "action_submit", "action_approve", "action_send"}, "sig.whatsapp": set(), "sig.whatsapp.part": set(), "sig.privacy.notice": {"action_copy_to_company", "action_new_version", "action_publish"},
    "sig.privacy.consent": set(), "sig.survey.dimension": {"action_copy_to_company"}, "sig.charts": set(),
    "sig.survey.wave": {
        "get_results", "action_launch", "action_close", "action_open_step", "action_propose", "action_open_results", "action_export_workbook",
    },
    "sig.survey.analysis": set(), "sig.survey.delivery": set(),
    "sig.survey.recipient": {
        "action_apply", "action_decline", "action_exclude", "action_open_step", "action_restore",
        "action_send", "action_wrong_contact",
    },
    "sig.document": {"action_copy_to_company", "action_new_version"},
    "sig.response.template": {"action_copy_to_company"}, "sig.synonym": {"action_copy_to_company"}, "sig.similar": {"get_similar", "get_starting_point"},
    "sig.document.revision": {
        "action_approve", "action_issue", "action_open_step", "action_return", "action_review", "action_submit",
    },
    "sig.evidence.pack": {"action_download"}, "sig.act.check": {"action_check_now"}, "sig.act.head.export": set(),
}
ORM_METHODS = {
    "create", "write", "unlink", "default_get", "copy", "read", "search", "name_search", "export_data", "fields_get",
    "web_search_read", "web_read", "web_read_group", "search_read", "read_progress_bar", "get_views", "get_unusual_days",
}  # fmt: skip

#: of core, or of all threads; test_mail_access, test_threats, test_chatter and test_forged_messages show who may use them
GATEWAY_METHODS = {
    "message_process", "message_new", "message_get_followers", "message_post", "message_post_with_source",
    "message_mail_with_source", "message_notify", "message_subscribe", "get_note_mentions",
}  # fmt: skip


class TestRefusals(RpcCommon):
    """What nobody may do from outside, whatever the protocol."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(document_type="cc", document_number="79555444", email_from="ana@example.com")
        cls.assignment = cls.make_assignment(cls.case)
        cls.builder.draft(cls.assignment)
        cls.make_assignment()
        cls.make_approved(email_from="ana@example.com")
        cls.other = cls.make_case(subject="De Tecnología")
        cls.other_assignment = cls.make_assignment(cls.other, cls.technology)
        cls.builder.draft(cls.other_assignment)

    def test_who_has_no_role_or_no_key(self):
        self.assertRefused(self.employee, "sig.pqrs", "read", self.case.ids, fields=["display_name"])
        self.assertEqual(self.json2(None, "sig.pqrs", "search", domain=[])[0], 401)
        with self.assertRaises(Fault):
            self.xmlrpc_object.execute_kw(self.cr.dbname, self.director.id, "x", "sig.pqrs", "search", [[]], {})

    def get_rows(self):
        """All that is stored in our models, briefly."""
        self.env.flush_all()
        tables = [self.env[name]._table for name in OPEN_METHODS if self.env[name]._auto]
        queries = [SQL("SELECT md5(json_agg(t ORDER BY t.id)::text) FROM %s t", SQL.identifier(table)) for table in tables]
        return {table: self.env.execute_query(query) for table, query in zip(tables, queries, strict=True)}

    def test_what_is_not_theirs(self):
        """By every open method a client, or the administrator of another company, is told nothing and changes nothing."""
        stranger, rows = self.make_stranger("administrator"), self.get_rows()
        steps = {"sig.pqrs": CASE_STEPS, "sig.pqrs.assignment": ASSIGNMENT_STEPS}
        general = {
            "read": {"fields": ["display_name"]}, "web_read": {"specification": {"display_name": {}}}, "write": {"vals": {"display_name": "x"}},
            "export_data": {"fields_to_export": ["display_name"]}, "copy": {}, "unlink": {},
        }  # fmt: skip
        tried = 0
        for model in (name for name in OPEN_METHODS if self.env[name]._auto):
            records = self.env[model].sudo().search([])
            for user in (self.portal, stranger):
                foreign = records - records.with_user(user)._filtered_access("read").sudo()
                for name in sorted(OPEN_METHODS[model] | general.keys()) if foreign else ():
                    if name in general:
                        values = general[name]
                    elif name in steps.get(model, ()):
                        values = {key: value for part in steps[model][name] for key, value in part.items()}
                    else:
                        parameters = list(inspect.signature(getattr(self.registry[model], name)).parameters.values())[1:]
                        values = {each.name: "x" for each in parameters if each.default is each.empty and each.kind == each.POSITIONAL_OR_KEYWORD}
                    status, body = self.json2(user, model, name, foreign[-1:].ids, **values)
                    with self.subTest(f"{user.login}: {model}.{name}"):
                        self.assertNotIn("De Tecnología", str(body))
                        if name in general or name in steps.get(model, ()):
                            self.assertIn(status, (403, 404, 422), body)
                            self.assertNotIn("werkzeug.exceptions.UnprocessableEntity", str(body), "it was called as it asks")
                    tried += 1
        self.assertGreater(tried, 200)
        self.assertEqual(self.get_rows(), rows)

    def test_what_can_be_called(self):
        """No method of the addon is open to the outside by oversight."""
        for model in (name for name in self.env if name.startswith("sig.") and not self.env[name]._transient):
            methods = {
                name
                for cls in type(self.env[model]).mro()
                if cls.__module__.startswith("odoo.addons.sig_pqrs.")
                for name, method in vars(cls).items()
                if inspect.isfunction(method) and not name.startswith("_") and not getattr(method, "_api_private", False)
            }
            self.assertEqual(methods - ORM_METHODS - GATEWAY_METHODS, OPEN_METHODS.get(model, set()), model)


class TestSteps(RpcCommon):
    def test_named_arguments(self):
        """Every step binds its arguments by name, and refuses, here, for its state alone."""
        case = self.make_case()
        case.action_cancel("spam", "Publicidad")
        assignment = self.make_assignment()
        assignment.pqrs_id.with_user(self.director).action_withdraw("Desistió")
        targets = {
            "action_reopen": self.make_case(), "action_reserve_identity": self.make_anonymous(),
            "action_write_to_client": self.make_case(), "action_revoke_tracking": self.make_case(),
            "action_hold": self.make_case(),
        }
        targets["action_hold"].action_hold("Proceso")
        (targets["action_write_to_client"] | targets["action_revoke_tracking"]).sudo().state = "to_file"
        for record, steps in ((case, CASE_STEPS), (assignment, ASSIGNMENT_STEPS)):
            for method, (required, optional) in steps.items():
                target = targets.get(method, record)
                every = {**required, **optional}
                for arguments in (required, every) if optional else (required,):
                    status, body = self.json2(self.director, record._name, method, target.ids, **arguments)
                    self.assertEqual((status, body["name"]), (422, "odoo.exceptions.UserError"), f"{method}: {body}")
                with self.assertRaises(Fault) as caught:
                    self.xmlrpc(self.director, record._name, method, target.ids, **every)
                self.assertEqual(caught.exception.faultCode, 2, f"{method}: {caught.exception.faultString}")
                for arguments in ({**required, "other": 1}, *({} for _once in required and [1])):
                    status, body = self.json2(self.director, record._name, method, target.ids, **arguments)
                    self.assertEqual((status, body["name"]), (422, "werkzeug.exceptions.UnprocessableEntity"), method)

    def test_core_page_of_ratings(self):
        """The page of core takes the same token: it ends in the same door, with an act, and not for staff."""
        case = self.make_closed(email_from="ana@example.com")
        token = case.sudo()._rating_get_access_token()

        def submit(**data):
            return self.url_open(f"/rate/{token}/submit_feedback", data={**data, "csrf_token": http.Request.csrf_token(self)})

        self.env.flush_all()
        self.authenticate(self.director.login, self.director.login)
        with mute_logger("odoo.http", "odoo.addons.website.models.ir_http"):
            response = submit(rate="5", feedback="x")
        self.assertNotEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual((case.rating_state, case.rating_value), ("asked", 0))
        self.authenticate(None, None)
        response = submit(rate="1", feedback="Tarde")
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual((case.rating_state, case.rating_value, self.kinds(case)[-1]), ("rated", 1, "rated"))
