"""Approvals and sends while somebody edits: what is approved was seen, and what is sent was approved."""

import threading

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

SEEN = "<p>Concedemos lo que pide.</p>"
CHANGED = "<p>Negamos lo que pide.</p>"
ROUNDS = 5


class Drafts:
    """
    :param environment: context manager of an environment of the superuser, that commits.
    :param callers: ``{login: Caller}`` of who works in one process.
    """

    def __init__(self, environment, callers, book):
        self.environment, self.callers, self.book = environment, callers, book

    def run(self):
        for editor in ("directora", "colaborador1", "admin_sig", "lider1"):
            for method in ("write", "web_save"):
                self.approve_unseen(editor, method)
        self.approve_unseen("directora", "requests")
        self.approve_unseen("colaborador1", "annex")
        for _round in range(ROUNDS):
            self.at_once("approve")
            self.at_once("send")

    def make_draft(self, state):
        """The id of a draft that waits for its leader, or was approved."""
        with self.environment() as env:
            builder = CaseBuilder(env, env.ref("sig_pqrs.user_director"), env.ref("base.main_company"))
            case = builder.file({"partner_name": "Ana", "email_from": "ana@example.com"})
            if state == "requests":
                case.with_user(builder.director).action_add_requests("Que se repare")
            draft = builder.assign(case, env.ref("sig_pqrs.process_operations"))
            if state == "requests":
                draft.with_user(draft.user_id).request_ids.write({"answer": "Sí", "resolution": "upheld"})
            builder.draft(draft, SEEN)
            if state == "approved":
                builder.approve(draft)
                builder._as_director(case).write({"resolution": "upheld"})
            return draft.id, case.id, draft.request_ids.ids

    def approve_unseen(self, editor, method):
        """The leader has the form open; somebody changes the text; the leader approves what is on their screen."""
        id_, _case, requests = self.make_draft(method)
        model, leader = "sig.pqrs.assignment", self.callers["lider1"]
        leader.call(model, "web_read", [id_], {"response": {}, "state": {}})
        caller = self.callers[editor]
        if method == "requests":
            edited = caller.call("sig.pqrs.request", "write", requests, {"answer": "No", "resolution": "not_upheld"})
        elif method == "annex":
            annex = {"name": "otro.txt", "raw": "WA=="}
            edited = caller.call(model, "write", [id_], {"attachment_ids": [[0, 0, annex]]})
        elif method == "write":
            edited = caller.call(model, "write", [id_], {"response": CHANGED})
        else:
            edited = caller.call(model, "web_save", [id_], {"response": CHANGED}, {"state": {}})
        leader.call(model, "action_approve", [id_])
        with self.environment() as env:
            approved = env[model].browse(id_).state == "approved"
        changed = edited.result is not None
        found = ["approved though it was changed since it was submitted"] if approved and changed else []
        told = f"{method} on a submitted draft, then action_approve by lider1"
        self.book.note("drafts: approved unseen", editor, told, found)

    def at_once(self, step):
        """The leader approves, or the SIG sends, at the moment when the text is changed."""
        id_, case, _requests = self.make_draft("approved" if step == "send" else "submitted")
        model = "sig.pqrs.assignment"
        steps = [lambda: self.callers["colaborador1"].call(model, "write", [id_], {"response": CHANGED})]
        if step == "send":
            steps.append(lambda: self.callers["directora"].call("sig.pqrs", "action_send_response", [case]))
        else:
            steps.append(lambda: self.callers["lider1"].call(model, "action_approve", [id_]))
        threads = [threading.Thread(target=each) for each in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = []
        with self.environment() as env:
            draft = env[model].browse(id_)
            if draft.state == "approved" and draft._compute_digest() != draft.response_digest:
                found.append("what is approved is not what was approved")
            if draft.pqrs_id.delivery_state != "none" and CHANGED in (draft.response or ""):
                found.append("what was sent was changed since it was approved")
        self.book.note(f"drafts: {step} while editing", "colaborador1", f"draft {id_}", found)
