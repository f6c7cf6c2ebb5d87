from xmlrpc.client import Fault

from odoo import http
from odoo.tools import mute_logger

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
    "action_write_to_client": ({"text": "x"}, {"attachments": [1]}), "action_revoke_tracking": ({"reason": "x"}, {}),
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


class TestSteps(RpcCommon):
    """The steps of the procedure as other software takes them."""

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
