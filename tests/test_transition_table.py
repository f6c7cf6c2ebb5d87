import contextlib
import re
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.safe_eval import safe_eval

from .common import SigCommon, brief_refusals

SIG = ("administrator", "director")
LEADERS = ("leader", "deputy")
DRAFTERS = ("responsible", "member")
OUTSIDERS = ("other_leader", "other_collaborator", "management", "interviewer", "employee", "portal", "public")
REVIEWER = ("reviewer",)
ROLES = (*SIG, *LEADERS, *DRAFTERS, *REVIEWER, *OUTSIDERS)

WORKED = "assigned preserving suspended completing approved risky reviewing reviewed"
OPEN = f"received flagged reserved claim {WORKED}"
SENT = "mailing delivering"
ENDED = "answered owing rated complained withdrawn transferred cancelled held written"
#: the procedure, written anew: who may take which step of a case, in which situation. All else is refused.
CASE_STEPS = {
    "file": {SIG: "to_file"},
    "discard": {SIG: "to_file"},
    "assign": {SIG: OPEN},
    "add_requests": {SIG: OPEN},
    "reclassify": {SIG: OPEN},
    "request_information": {SIG: "received flagged reserved claim assigned preserving approved risky reviewing reviewed"},
    "register_completion": {SIG: "suspended completing"},
    "refuse_completion": {SIG: "completing"},
    "extend_completion": {SIG: "suspended completing"},
    "extend": {SIG: OPEN.replace("completing ", "")},
    "mark_claim": {SIG: "claim"},
    "immediate_measure": {SIG: f"to_file {OPEN} {SENT}", LEADERS: f"{WORKED} {SENT}"},
    "register_regulator_notice": {SIG: "flagged preserving owing"},
    "register_evidence": {SIG: "flagged preserving", (*LEADERS, *DRAFTERS): "preserving"},
    "request_legal_review": {SIG: "risky"},
    "legal_approve": {REVIEWER: "reviewing"},
    "legal_return": {REVIEWER: "reviewing"},
    "send_response": {SIG: "approved reviewed delivering"},
    "transfer": {SIG: OPEN},
    "withdraw": {SIG: OPEN},
    "cancel": {SIG: f"to_file {OPEN}"},
    "new_case_from_message": {SIG: "written"},
    "thank": {SIG: "written"},
    "new_case_from_rating": {SIG: "complained"},
    "reopen": {SIG: ENDED},
    "register_rating": {SIG: "answered owing written"},
    "write_to_client": {SIG: f"{OPEN} {SENT} {ENDED}"},
    "revoke_tracking": {SIG: f"{OPEN} {SENT} {ENDED}"},
    "reserve_identity": {SIG: f"to_file {OPEN} {SENT} {ENDED}".replace("reserved ", "")},
    "reveal_identity": {SIG: "reserved"},
    "correct_contact": {SIG: "reserved"},
    "hide_annexes": {SIG: "reserved"},
    "check_identity": {SIG: "claim"},
    "hold": {SIG: f"to_file {OPEN} {SENT} {ENDED}".replace("held ", "")},
    "release_hold": {SIG: "held"},
}

#: who may read the case at all
CASE_READERS = {
    (*SIG, "management"): f"to_file {OPEN} {SENT} {ENDED}",
    (*LEADERS, *DRAFTERS): f"{WORKED} {SENT} answered owing rated complained withdrawn transferred written",
    REVIEWER: "risky reviewing reviewed",
}

ASSIGNMENT_STEPS = {
    "submit": {(*LEADERS, *DRAFTERS): "pending returned"},
    "approve": {(*LEADERS, *SIG): "submitted"},
    "return": {(*LEADERS, *SIG): "submitted", SIG: "approved"},
    "reassign": {LEADERS: "pending returned submitted"},
    "hand_over": {SIG: "pending submitted approved returned"},
    "name_approver": {SIG: "pending submitted returned"},
    "decline": {LEADERS: "pending returned submitted"},
    "remove": {SIG: "pending returned submitted declined"},
}

ASSIGNMENT_READERS = {
    (*SIG, *LEADERS, *DRAFTERS, "management"):
        "pending submitted approved returned declined removed mailing delivering answered withdrawn",
}  # fmt: skip


def expand(table):
    """``{(role, situation)}`` of a row of the tables above."""
    return {(role, situation) for roles, situations in table.items() for role in roles for situation in situations.split()}


class TestTransitionTable(SigCommon):
    """Every role, in every situation, with every step: what the procedure grants has its place on the form and works, and
    all else changes nothing.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls.builder.make_user(cls.env, "sig_member", "Otro colaborador de Operaciones", "collaborator")
        cls.operations.member_ids = cls.collaborator | cls.member
        cls.reviewer = cls.builder.make_user(cls.env, "sig_reviewer", "Revisora jurídica", "collaborator")
        cls.users = {
            **{role: getattr(cls, role) for role in ROLES if role not in ("responsible", "public")},
            "responsible": cls.collaborator,
            "public": cls.env.ref("base.public_user"),
        }
        cls.claim_type = cls.env.ref("sig_pqrs.type_reclamo")
        cls.startClassPatcher(patch.object(cls.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")))
        cls.startClassPatcher(brief_refusals(cls.registry))

    def _suspended(self):
        return self._step(self._assigned(), "request_information", "La copia del contrato")

    def _received(self, case):
        """The petitioner wrote, and nobody has attended to it."""
        self.builder.receive(case, "Va la copia")
        return case

    def _assigned(self, **vals):
        return self.make_assignment(self.make_case(**vals)).pqrs_id

    def _submitted(self, **vals):
        case = self._assigned(**vals)
        self.builder.draft(case.assignment_ids)
        return case

    def _step(self, case, step, *args, **kwargs):
        getattr(case.with_user(self.director), f"action_{step}")(*args, **kwargs)
        return case

    def _risky(self):
        case = self.make_approved()
        case.with_user(self.director).write({"legal_risk": True, "legal_reviewer_id": self.reviewer.id})
        return case

    def _reviewing(self):
        return self._step(self._risky(), "request_legal_review")

    def _reviewed(self):
        case = self._reviewing()
        case.with_user(self.reviewer).action_legal_approve()
        return case

    def _answered(self, **vals):
        return self._step(self.make_approved(**vals), "send_response", delivery="hand", proof="Recibido por la portería")

    def _build_cases(self):
        staff = {"involves_staff": True, "involves_incident": True}
        evidence = {**staff, "preserve_evidence": True}
        spam = ("cancel", "spam", "Publicidad")
        return {
            "to_file": self.as_director(self.make_unfiled()),
            "received": self.make_case(),
            "flagged": self.make_case(**evidence),
            "reserved": self.make_case(identity_reserved=True, attachment_ids=[Command.create({"name": "cedula.txt", "raw": b"x"})]),
            "claim": self.make_case(type="datos_reclamo"),
            "assigned": self._assigned(),
            "preserving": self._assigned(**evidence),
            "suspended": self._suspended(),
            "completing": self._received(self._suspended()),
            "approved": self.make_approved(),
            "risky": self._risky(),
            "reviewing": self._reviewing(),
            "reviewed": self._reviewed(),
            "mailing": self._step(self.make_approved(), "send_response"),
            "delivering": self._step(self.make_approved(), "send_response", delivery="letter"),
            "answered": self._answered(),
            "owing": self._answered(**staff),
            "rated": self._step(self._answered(), "register_rating", 4),
            "complained": self._step(self._answered(), "register_rating", 1, "Sigue igual"),
            "withdrawn": self._step(self._assigned(), "withdraw", "Desistió por escrito"),
            "cancelled": self._step(self.make_case(), *spam),
            "held": self._step(self._step(self.make_case(), *spam), "hold", "Proceso 2026-00123"),
            "written": self._received(self._answered()),
        }

    def _build_assignments(self):
        assignments = {situation: case.assignment_ids for situation, case in {
            "pending": self._assigned(),
            "submitted": self._submitted(),
            "approved": self.make_approved(),
            "returned": self._submitted(),
            "declined": self._assigned(),
            "removed": self._submitted(),
            "mailing": self._step(self.make_approved(), "send_response"),
            "delivering": self._step(self.make_approved(), "send_response", delivery="letter"),
            "answered": self._answered(),
            "withdrawn": self._step(self._submitted(), "withdraw", "Desistió por escrito"),
        }.items()}
        for situation in ("pending", "declined"):
            assignments[situation].with_user(self.collaborator).response = "<p>Borrador</p>"
        assignments["returned"].with_user(self.leader).action_return("Falta la fecha")
        assignments["declined"].with_user(self.leader).action_decline("Es de Tecnología")
        assignments["removed"].with_user(self.director).action_remove("Se asignó por error")
        return assignments

    def _get_case_arguments(self, cases):
        reasons = (
            "discard", "extend_completion", "legal_return", "withdraw", "reopen", "revoke_tracking", "hold",
            "release_hold", "reserve_identity", "reveal_identity",
        )
        texts = (
            "add_requests", "request_information", "refuse_completion", "immediate_measure", "register_evidence", "thank", "write_to_client",
        )
        return {
            **{step: {"reason": "Lo pidió por escrito"} for step in reasons},
            **{step: {"text": "El número del contrato"} for step in texts},
            "assign": {"assignments": [{"process_id": self.technology.id}]},
            "reclassify": {"type_id": self.claim_type.id, "reason": "Pide una solución"},
            "extend": {"days": 5, "reason": "Falta un concepto"},
            "register_regulator_notice": {"reference": "Radicado 2026-123 de la Supervigilancia"},
            "send_response": {"delivery": "hand", "proof": "Recibido"},
            "transfer": {"recipient": "Superintendencia", "reason": "Es de su competencia"},
            "cancel": {"kind": "spam", "reason": "Publicidad"},
            "register_rating": {"rate": 5},
            "correct_contact": {"email_from": "otra@example.com"},
            "hide_annexes": {"attachment_ids": cases["reserved"].attachment_ids.ids},
            "check_identity": {"capacity": "holder", "evidence": "Cédula presentada"},
        }

    def _get_assignment_arguments(self):
        return {
            **{step: {"reason": "El líder está en vacaciones"} for step in ("approve", "return", "decline", "remove")},
            "reassign": {"user_id": self.member.id},
            "hand_over": {"user_id": self.member.id, "reason": "Sale a vacaciones"},
            "name_approver": {"user_id": self.other_leader.id, "reason": "El líder es parte"},
        }

    def _get_snapshot(self, case):
        """All that is stored of a case, whatever the user's rights."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT md5(concat(
                   (SELECT row_to_json(c) FROM sig_pqrs c WHERE c.id = %(id)s),
                   (SELECT json_agg(a ORDER BY a.id) FROM sig_pqrs_assignment a WHERE a.pqrs_id = %(id)s),
                   (SELECT json_agg(t ORDER BY t.id) FROM sig_pqrs_act t WHERE t.pqrs_id = %(id)s),
                   (SELECT count(*) FROM mail_message m WHERE m.model = 'sig.pqrs' AND m.res_id = %(id)s),
                   (SELECT count(*) FROM mail_mail)
               ))""",
            {"id": case.id},
        )
        return self.env.cr.fetchone()[0]

    def _take(self, record, step, arguments):
        vals = arguments.get(step, {})
        if step == "reopen" and record.sudo().outcome != "answered":
            vals = {**vals, "kind": "resume"}
        if step == "cancel" and record.sudo()._is_staff_incident():  # as no PQRS only once the authorities were told
            vals = {"kind": "duplicate", "reason": "Repetida", "duplicate_of": self.incident.id}
        with contextlib.suppress(AccessError, UserError):
            getattr(record, f"action_{step}")(**vals)
            self.env.flush_all()
            return True
        return False

    def _try(self, record, case, step, arguments, before):
        """What became of one step, undone afterwards: ``works``, ``refused``, or a fault in words."""
        with self.undone():
            works = self._take(record, step, arguments)
            changed = self._get_snapshot(case) != before
            if not works:
                return "refused, but changed something" if changed else "refused"
            faults = self.env["sig.pqrs.act"]._verify(case.sudo())
            if faults:
                return f"broke the chain of acts: {faults}"
            return "works" if changed else "did nothing"

    def _try_refused(self, record, case, steps, arguments, before):
        """What became of steps of which none is granted. They are tried one after the other in one savepoint, because
        who is refused leaves nothing that the next could meet; when something happens, each is tried by itself.

        :return: ``{step: see _try}``.
        """
        with self.undone():
            works = any(self._take(record, step, arguments) for step in steps)
            if not works and self._get_snapshot(case) == before:
                return dict.fromkeys(steps, "refused")
        return {step: self._try(record, case, step, arguments, before) for step in steps}

    def _get_buttons(self, record):
        """``[(steps, when it does not show)]`` of the buttons that the form of the user has."""
        if (record._name, record.env.uid) not in self.buttons:
            arch = etree.fromstring(record.get_view(view_type="form")["arch"])
            self.buttons[record._name, record.env.uid] = [
                (record._transitions.keys() & re.findall(r"'(\w+)'", hidden + button.get("context", "")), hidden)
                for button in arch.iter("button")
                if (hidden := button.get("invisible", ""))
            ]
        return self.buttons[record._name, record.env.uid]

    def _get_placed(self, record):
        """The steps that the user finds on the form: a button, its menu, or what a warning asks for."""
        found = {name for name, _title in record.step_menu}
        warnings = record.warnings if "warnings" in record else []
        record.read([name for name in ("parts", "brief", "return_reason") if name in record])
        for _label, target in (button for warning in warnings for button in warning["buttons"]):
            found.add(target.get("step") or target.get("method", "").removeprefix("action_"))
        buttons = self._get_buttons(record)
        names = {name for _steps, hidden in buttons for name in re.findall(r"[a-z_]+", hidden) if name in record._fields}
        [vals] = record.read(list(names), load=None)
        return found.union(*(steps for steps, hidden in buttons if not safe_eval(hidden, vals)))

    def _get_offered(self, record):
        """The steps offered to the user; None when the record cannot be read."""
        with contextlib.suppress(AccessError):
            return set(record.read(["allowed_transitions"])[0]["allowed_transitions"])

    def _compare(self, records, steps, readers, arguments):
        self.assertEqual(set(steps), set(next(iter(records.values()))._transitions), "a step has no row in the table")
        faults = []
        granted = {step: expand(table) for step, table in steps.items()}
        readable = expand(readers)
        self.env.flush_all()
        for situation, record in records.items():
            case = record.pqrs_id if "pqrs_id" in record else record
            before = self._get_snapshot(case)
            for role, user in self.users.items():
                self.env.invalidate_all()
                own = record.with_user(user)
                offered = self._get_offered(own)
                expected = {step for step in steps if (role, situation) in granted[step]}
                if (offered is not None) != ((role, situation) in readable):
                    faults.append(f"{role} in {situation}: {'reads' if offered is not None else 'does not read'} the record")
                if offered is not None and (hidden := offered - self._get_placed(own)):
                    faults.append(f"{role} in {situation}: no button for {hidden}")
                if (offered or set()) != expected:
                    faults.append(f"{role} in {situation}: offered {offered}, expected {expected}")
                outcomes = self._try_refused(own, case, [step for step in steps if step not in expected], arguments, before)
                outcomes.update((step, self._try(own, case, step, arguments, before)) for step in steps if step in expected)
                self.assertEqual(outcomes.keys(), steps.keys())
                for step, outcome in outcomes.items():
                    if outcome != ("works" if step in expected else "refused"):
                        faults.append(f"{step} by {role} in {situation}: {outcome}")
        self.assertFalse(faults, "\n".join(faults))

    def test_steps_of_a_case(self):
        cases = self._build_cases()
        self.incident = cases["owing"]
        self._compare(cases, CASE_STEPS, CASE_READERS, self._get_case_arguments(cases))

    def test_steps_of_an_assignment(self):
        self._compare(self._build_assignments(), ASSIGNMENT_STEPS, ASSIGNMENT_READERS, self._get_assignment_arguments())

    def test_one_forbidden_record_stops_all(self):
        mine, other = self._submitted().assignment_ids, self._assigned().assignment_ids
        foreign = self.make_assignment(process=self.technology)
        self.builder.draft(foreign)
        self.assertDenied(mine | foreign, self.leader, lambda own: own.action_approve())
        self.assertDenied(mine | other, self.leader, lambda own: own.action_approve(), error=UserError)
        self.assertEqual(mine.state, "submitted")

    def setUp(self):
        super().setUp()
        self.buttons = {}
