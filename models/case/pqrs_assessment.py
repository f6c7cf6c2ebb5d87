from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock
from ..mixin.transitions import RUNNING
from .priority import HIGH, URGENT, highest

#: a write of these may set something in motion
ASSESSED = frozenset({"reason_id", "priority", "involves_staff", "involves_incident", "preserve_evidence", "state"})


class PqrsAssessment(models.Model):
    """How serious a case is, and what that sets in motion (ISO 10002, 7.5).

    - Reason and flags raise the priority; they never lower what a person set.
    - Danger to life or integrity: the SIG and the processes are notified at once (Ley 1755 de 2015, art. 20).
    - Incident with staff: the SIG notifies the authorities (Decreto 356 de 1994, art. 74, nums. 19 and 28).
    - Evidence that may be erased is preserved within 24 hours.
    """

    _inherit = "sig.pqrs"

    severity = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
        tracking=True,
        help="How serious the facts are, for whom and how often (ISO 10002, 7.5).",
    )
    involves_staff = fields.Boolean(
        "Involves our staff", tracking=True, help="Staff took part in the facts, by act or omission."
    )
    involves_incident = fields.Boolean(
        "Involves an incident",
        tracking=True,
        help="Facts against the goods or persons protected, such as a theft or an injury. When staff is involved too, "
        "the regulator and the other competent authorities are told at once (Decreto 356 de 1994, art. 74, num. 28).",
    )
    preserve_evidence = fields.Boolean(
        tracking=True, help="Video or logbook that may be erased: to be preserved within 24 hours."
    )
    evidence_preserved_on = fields.Datetime(readonly=True)
    immediate_measure_on = fields.Datetime("Immediate measure on", readonly=True)

    _triage_index = models.Index("(company_id, date_deadline, id) WHERE state IN ('to_file', 'received')")
    _urgent_index = models.Index(
        "(company_id, date_deadline, id)"
        f" WHERE priority = '{URGENT}' AND state IN ('to_file', 'received', 'assigned', 'approved')"
    )
    _evidence_index = models.Index("(company_id, date_deadline, id) WHERE preserve_evidence IS TRUE")

    @api.onchange("reason_id", "involves_staff", "involves_incident")
    def _onchange_priority(self):
        self.priority = highest(self.priority, self.reason_id.priority, self._is_flagged() and HIGH)

    @api.onchange("reason_id")
    def _onchange_reason_type(self):
        """Propose the type of the reason while a case is registered, unless one was chosen."""
        if not self._origin and not self.type_id:
            self.type_id = self.reason_id.type_id._get_own(self.company_id)

    def write(self, vals):
        if vals.keys().isdisjoint(ASSESSED):
            return super().write(vals)
        self_sudo = self.sudo()
        before = {case.id: (case.reason_id, case._is_flagged()) for case in self_sudo}
        were_staff_incidents = set(self_sudo.filtered(lambda case: case._is_staff_incident()).ids)
        were_urgent = self_sudo.filtered(lambda case: case.priority == URGENT)
        result = super().write(vals)
        over = were_urgent.filtered(lambda case: case.priority != URGENT)
        over.activity_unlink(["sig_pqrs.activity_urgent"])
        over.write({"immediate_measure_on": False})  # another danger needs its own
        self._raise_priority(before, by_reason="priority" not in vals)
        if not vals.get("preserve_evidence", True):
            self._close_activities("sig_pqrs.activity_evidence")
            self_sudo.evidence_preserved_on = False  # what is asked for later needs its own
        self._apply_assessment(were_staff_incidents)
        return result

    def _is_flagged(self):
        return self.involves_staff or self.involves_incident

    def _is_staff_incident(self):
        return self.involves_staff and self.involves_incident

    def _raise_priority(self, before, by_reason):
        """Raise the priority to that of a new reason or flag; ``before`` is ``{id: (reason, whether flagged)}``."""
        for case in self.sudo().filtered(lambda case: case.state in RUNNING):
            reason, was_flagged = before[case.id]
            floor = highest(
                by_reason and case.reason_id != reason and case.reason_id.priority,
                case._is_flagged() and not was_flagged and HIGH,
            )
            if floor > case.priority:  # noqa: PLR1730 - a write is avoided
                case.priority = floor

    def _apply_assessment(self, were_staff_incidents=frozenset()):
        """Do what the assessment asks for and was not done; ``were_staff_incidents`` are ids of cases."""
        cases = self.sudo()
        running = cases.filtered(lambda case: case.state in RUNNING)
        if ended := cases - running:
            ended.activity_unlink(["sig_pqrs.activity_urgent", "sig_pqrs.activity_evidence"])
            # an answered case may still owe the notice to the regulator
            ended.filtered(lambda case: case.state == "cancelled").activity_unlink(["sig_pqrs.activity_regulator"])
        running = running.with_env(self.env)
        incidents = running & cases.filtered(lambda case: case._is_staff_incident())
        incidents.filtered(lambda case: case.id not in were_staff_incidents)._on_flagged()
        if unflagged := (running - incidents).filtered(lambda case: case.id in were_staff_incidents):
            unflagged._record("incident_unflagged")
            unflagged._refresh_terms()
            unflagged._close_activities("sig_pqrs.activity_regulator")
        self.env["sig.case.alarm"]._raise(running)

    def action_immediate_measure(self, text):
        proven = self._check_transition("immediate_measure")
        text = self._require_text(text, self.env._("Write what was done."))
        proven.write({"immediate_measure_on": clock.now()})
        self._record("immediate_measure", text)
        self._close_activities("sig_pqrs.activity_urgent")
        return True

    def _on_flagged(self):
        if not self:
            return
        labels = self.fields_get(["involves_staff", "involves_incident"], ["string"]).values()
        note = ", ".join(label["string"] for label in labels)
        self._record("incident_flagged", note, data={"staff": True, "incident": True})
        self._refresh_terms()
        owing = self.sudo().filtered(lambda case: case._get_duty_date("regulator"))
        owing._notify_director(
            lambda env: env._("Notify the regulator today"), activity_type="sig_pqrs.activity_regulator"
        )

    def action_register_regulator_notice(self, reference):
        """Decreto 356 de 1994, art. 74, num. 28. The reference: filing number, date and medium of each notice."""
        proven = self._check_transition("register_regulator_notice")
        reference = self._require_text(reference, self.env._("Write what proves the notice."))
        self._record("regulator_notified", reference)
        self._close_activities("sig_pqrs.activity_regulator")
        ended = proven.filtered(lambda case: case.state == "closed")
        (self - ended)._refresh_terms()
        for case in ended:
            duties = [duty for duty in case.term_trace["duties"] if duty[1] != "regulator"]
            case.term_trace = {**case.term_trace, "duties": duties}
        ended._end_duties()
        return True

    def _check_regulator_told(self):
        if owing := self.filtered(lambda case: case._get_duty_date("regulator"))[:1]:
            text = self.env._(
                "%s: the authorities must be told of it. Record that, or say that it is no incident.", owing.name
            )
            raise UserError(text)

    def action_register_evidence(self, text):
        """:param str text: what was preserved, where it is kept and who keeps it. May be called once a piece."""
        proven = self._check_transition("register_evidence")
        text = self._require_text(text, self.env._("Write what was preserved, and where it is kept."))
        proven.write({"evidence_preserved_on": clock.now()})
        self._record("evidence_preserved", text)
        self._close_activities("sig_pqrs.activity_evidence")
        return True
