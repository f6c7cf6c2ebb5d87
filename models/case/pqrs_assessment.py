from datetime import timedelta
from operator import methodcaller

from odoo import api, fields, models

from .. import clock
from ..mixin.transitions import OPEN, RUNNING
from .priority import HIGH, URGENT, highest

#: what bears on how a case is taken up
ASSESSED = frozenset({"reason_id", "priority", "involves_staff", "involves_incident", "preserve_evidence", "state"})


class PqrsAssessment(models.Model):
    """How serious a case is, and what that sets in motion (ISO 10002, 7.5).

    - A reason, or the flags of the sector's rule, raise the priority; none lowers what a person set.
    - Danger to life or integrity is told at once to the SIG and to the processes (Ley 1755 de 2015, art. 20).
    - Staff, or an incident, raise the priority; an incident in which staff is involved is told to the regulator and the
      other competent authorities, as its type says (Decreto 356 de 1994, art. 74, nums. 19 and 28).
    - Evidence that may be erased is preserved within 24 hours.
    """

    _inherit = "sig.pqrs"

    severity = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
        tracking=True,
        help="How serious the facts are, for whom and how often (ISO 10002, 7.5).",
    )
    involves_staff = fields.Boolean(
        "Involves our staff",
        tracking=True,
        help="Staff took part in the facts, by act or omission.",
    )
    involves_incident = fields.Boolean(
        "Involves an incident",
        tracking=True,
        help="Facts against the goods or persons protected, such as a theft or an injury. When staff is involved too, "
        "the regulator and the other competent authorities are told at once (Decreto 356 de 1994, art. 74, num. 28).",
    )
    regulator_notice = fields.Char(related="type_id.regulator_notice")
    preserve_evidence = fields.Boolean(
        tracking=True, help="Video or logbook that may be erased: to be preserved within 24 hours."
    )
    evidence_preserved_on = fields.Datetime(readonly=True)
    immediate_measure_on = fields.Datetime("Immediate measure on", readonly=True)
    urgent_told_ids = fields.Many2many(
        "res.users", "sig_pqrs_urgent_told_rel", string="Told of the urgency", readonly=True
    )

    _triage_index = models.Index("(company_id, date_deadline, id) WHERE state IN ('to_file', 'received')")
    _urgent_index = models.Index(
        "(company_id, date_deadline, id)"
        f" WHERE priority = '{URGENT}' AND state IN ('to_file', 'received', 'assigned', 'approved')"
    )
    _evidence_index = models.Index("(company_id, date_deadline, id) WHERE preserve_evidence IS TRUE")

    # -- What an assessment sets in motion --------------------------------------------------------------------------

    @api.model
    def _complete_filing_values(self, vals, kind, now):
        vals = super()._complete_filing_values(vals, kind, now)
        reason = self.env["sig.pqrs.reason"].sudo().browse(vals.get("reason_id") or [])
        reason = reason._get_own(self.env["res.company"].browse(vals["company_id"]))
        vals["reason_id"] = reason.id
        flagged = vals.get("involves_staff") or vals.get("involves_incident")
        vals["priority"] = highest(vals.get("priority"), reason.priority, flagged and HIGH)
        return vals

    def _on_filed(self):
        result = super()._on_filed()
        self._follow_assessment()
        return result

    @api.onchange("reason_id", "involves_staff", "involves_incident")
    def _onchange_priority(self):
        self.priority = highest(self.priority, self.reason_id.priority, self._is_flagged() and HIGH)

    def write(self, vals):
        if vals.keys().isdisjoint(ASSESSED):
            return super().write(vals)
        self_sudo = self.sudo()
        before = {case.id: (case.reason_id, case._is_flagged()) for case in self_sudo}
        were_staff_incidents = set(self_sudo.filtered(lambda case: case._is_staff_incident()).ids)
        were_urgent = self_sudo.filtered(lambda case: case.priority == URGENT)
        result = super().write(vals)
        urgent = self_sudo.filtered(lambda case: case.priority == URGENT)
        (were_urgent - urgent)._on_danger_over()
        (urgent - were_urgent)._on_danger_again()
        if not vals.keys().isdisjoint({"reason_id", "involves_staff", "involves_incident"}):
            self._raise_priority(before, by_reason="priority" not in vals)
        if vals.get("preserve_evidence") is False:
            self._close_activities("sig_pqrs.activity_evidence")
        self._follow_assessment(were_staff_incidents)
        return result

    def _is_flagged(self):
        """Whether it is more serious by the rule of the sector."""
        return self.involves_staff or self.involves_incident

    def _is_staff_incident(self):
        """Whether the authorities must be told."""
        return self.involves_staff and self.involves_incident

    def _raise_priority(self, before, by_reason):
        """Give the cases the priority of the reason now chosen and of the flags now set, when it is higher."""
        raised = {}
        self_sudo = self.sudo()
        for case in self_sudo:
            reason, was_flagged = before[case.id]
            floor = highest(
                by_reason and case.reason_id != reason and case.reason_id.priority,
                case._is_flagged() and not was_flagged and HIGH,
            )
            if floor > case.priority:
                raised.setdefault(floor, []).append(case.id)
        for floor, ids in raised.items():
            self_sudo.browse(ids).write({"priority": floor})

    def _follow_assessment(self, were_staff_incidents=frozenset()):
        """What the assessment of the cases, as it is now, asks for; nothing that was done is done again.

        :param were_staff_incidents: ids of the cases that were before.
        """
        cases = self.sudo()
        running = cases.filtered(lambda case: case.state in RUNNING)
        self._drop_tasks(cases - running)
        running = running.with_env(self.env)
        incidents = running.filtered(lambda case: case.sudo()._is_staff_incident())
        incidents.filtered(lambda case: case.id not in were_staff_incidents)._on_flagged()
        (running - incidents).filtered(lambda case: case.id in were_staff_incidents)._on_unflagged()
        running._ask_evidence()
        running._tell_urgent()

    @api.model
    def _drop_tasks(self, ended):
        """What ended waits for nobody; what was answered may still owe the regulator its notice."""
        if ended:
            ended.activity_unlink(["sig_pqrs.activity_urgent", "sig_pqrs.activity_evidence"])
            ended.filtered(lambda case: case.state == "cancelled").activity_unlink(["sig_pqrs.activity_regulator"])

    # -- Danger to life or integrity --------------------------------------------------------------------------------

    def action_immediate_measure(self, text):
        """Record what was done at once about a danger to life or integrity."""
        proven = self._check_transition("immediate_measure")
        text = self._require_text(text, self.env._("Write what was done."))
        proven.write({"immediate_measure_on": clock.now()})
        self._record("immediate_measure", dict.fromkeys(self, text))
        self._close_activities("sig_pqrs.activity_urgent")
        return True

    def _on_danger_over(self):
        """The cases are not urgent any more. After a measure, another danger is told as the first one was."""
        self.activity_unlink(["sig_pqrs.activity_urgent"])
        self.filtered("immediate_measure_on").write(
            {"immediate_measure_on": False, "urgent_told_ids": [fields.Command.clear()]}
        )

    def _on_danger_again(self):
        """The cases are urgent again, without a measure: who was told has it to do again, without another mail."""
        told = self.filtered(lambda case: case.urgent_told_ids and case.state in RUNNING)
        if not told:
            return
        people = {case: users & case.urgent_told_ids for case, users in told._get_urgent_people().items()}
        self._schedule_urgent(people)

    def _tell_urgent(self):
        """Tell who must act of the urgent cases: at once, each person once for each danger."""
        urgent = self.sudo().filtered(lambda case: case.priority == URGENT and case.state in RUNNING)
        self._in_isolation(urgent, methodcaller("_send_urgent_notices"))

    def _send_urgent_notices(self):
        people = {case: users - case.urgent_told_ids for case, users in self._get_urgent_people().items()}
        cases = self.filtered(lambda case: people[case])
        if not cases:
            return
        self._schedule_urgent(people)
        People = self.env["sig.people"]
        People._mail(
            [
                (
                    user,
                    case.company_id,
                    user.with_context(lang=user.lang).env._("URGENT – danger to life: %s", case.name),
                    case.with_context(lang=user.lang)._get_urgent_text(),
                    People._get_url(case),
                )
                for case in cases
                for user in people[case]
            ]
        )
        for case in cases:
            case.urgent_told_ids |= people[case]
        self._trigger_mail_queue()

    @api.model
    def _schedule_urgent(self, people):
        """An activity of today for each person.

        :param dict people: ``{case: users}``.
        """
        today = {case: case.company_id._sig_today() for case in people}
        self.env["sig.people"]._schedule_activities(
            self.browse(case.id for case in people), people, "sig_pqrs.activity_urgent", today
        )

    def _get_urgent_people(self):
        """``{case: users}``: the SIG, and who drafts and approves for the processes of each. Hook for other addons."""
        people = {case: case.company_id._sig_get_director() for case in self}
        for assignment, approver in self._get_standing_assignments()._get_approvers().items():
            people[assignment.pqrs_id] |= assignment.user_id | approver
        return {
            case: users.filtered(lambda user, case=case: user.active and case._is_seen_by(user))
            for case, users in people.items()
        }

    def _is_seen_by(self, user):
        return not self.restricted or self.with_user(user).has_access("read")

    def _get_urgent_text(self):
        """What the mail says; it names nobody."""
        return "\n".join(
            filter(
                None,
                [
                    f"{self.type_id.name} · {self.subject}",
                    self.site,
                    self.env._("Take the immediate measures now and record them on the case."),
                ],
            )
        )

    # -- The notice to the regulator --------------------------------------------------------------------------------

    def _on_flagged(self):
        """Staff is involved in an incident: an act, the duty that follows from it, and the SIG told at once."""
        if not self:
            return
        self_sudo = self.sudo()
        self._record(
            "incident_flagged",
            {case: case._get_flag_text() for case in self_sudo},
            data={case: {"staff": case.involves_staff, "incident": case.involves_incident} for case in self_sudo},
        )
        self._refresh_terms()
        owing = self_sudo.filtered(lambda case: case._get_duty_date("regulator"))
        owing._notify_director(
            lambda env: env._("Notify the regulator today"), activity_type="sig_pqrs.activity_regulator"
        )
        self._in_isolation(owing, methodcaller("_mail_regulator_duty"))

    def _on_unflagged(self):
        """The flags were wrong: no notice is owed."""
        if not self:
            return
        self._record("incident_unflagged", dict.fromkeys(self, ""))
        self._refresh_terms()
        self._close_activities("sig_pqrs.activity_regulator")

    def _get_flag_text(self):
        labels = self.fields_get(["involves_staff", "involves_incident"], ["string"])
        return ", ".join(label["string"] for name, label in labels.items() if self[name])

    def _mail_regulator_duty(self):
        directors = {case: case.company_id._sig_get_director() for case in self}
        People = self.env["sig.people"]
        People._mail(
            [
                (
                    user,
                    case.company_id,
                    user.with_context(lang=user.lang).env._("Notify the regulator today: %s", case.name),
                    "\n".join(
                        [
                            f"{case.type_id.with_context(lang=user.lang).name} · {case.subject}",
                            user.with_context(lang=user.lang).env._(
                                "To be told at once: %s.", case.with_context(lang=user.lang).regulator_notice
                            ),
                        ]
                    ),
                    People._get_url(case),
                )
                for case, user in directors.items()
                if user and user != self.env.user
            ]
        )
        self._trigger_mail_queue()

    def action_register_regulator_notice(self, reference):
        """Record the notice to the authorities of an incident with staff (Decreto 356 de 1994, art. 74, num. 28).

        An answered case may still owe it.

        :param str reference: what proves the notice to each: its filing number, date and medium.
        """
        proven = self._check_transition("register_regulator_notice")
        reference = self._require_text(reference, self.env._("Write what proves the notice."))
        self._record("regulator_notified", dict.fromkeys(self, reference))
        self._close_activities("sig_pqrs.activity_regulator")
        ended = proven.filtered(lambda case: case.state == "closed")
        (self - ended)._refresh_terms()
        for case in ended:
            duties = [duty for duty in case.term_trace["duties"] if duty[1] != "regulator"]
            case.term_trace = {**case.term_trace, "duties": duties}
        ended._end_duties()
        return True

    # -- Evidence ---------------------------------------------------------------------------------------------------

    def action_register_evidence(self, text):
        """Record what evidence was preserved; each piece may be recorded apart.

        :param str text: what it is, where it is kept and who keeps it.
        """
        proven = self._check_transition("register_evidence")
        text = self._require_text(text, self.env._("Write what was preserved, and where it is kept."))
        proven.write({"evidence_preserved_on": clock.now()})
        self._record("evidence_preserved", dict.fromkeys(self, text))
        self._close_activities("sig_pqrs.activity_evidence")
        return True

    def _ask_evidence(self):
        """One activity, due in 24 hours, on each case whose evidence is to be preserved; it follows its responsible."""
        cases = self.sudo()
        pending = cases.filtered(
            lambda case: case.preserve_evidence and not case.evidence_preserved_on and case.state in OPEN
        )
        if not pending:
            return
        kind = self.env.ref("sig_pqrs.activity_evidence")
        asked = (
            cases.env["mail.activity"]
            .search([("res_model", "=", self._name), ("res_id", "in", pending.ids), ("activity_type_id", "=", kind.id)])
            .grouped("res_id")
        )
        keepers = {case: case._get_evidence_keeper() for case in pending}
        for case in pending.filtered(lambda case: case.id in asked):
            moved = asked[case.id].filtered(
                lambda activity, keeper=keepers[case]: keeper and activity.user_id != keeper
            )
            if moved:
                moved.with_context(mail_activity_quick_update=True).user_id = keepers[case]
        self.env["sig.people"]._schedule_activities(
            pending.filtered(lambda case: case.id not in asked),
            keepers,
            "sig_pqrs.activity_evidence",
            deadlines={case: case.company_id._sig_local_date(clock.now() + timedelta(hours=24)) for case in pending},
        )

    def _get_evidence_keeper(self):
        """The responsible of the first process; the SIG while there is none."""
        users = self._get_standing_assignments().sorted("id").user_id
        return users.filtered(lambda user: user.active and self._is_seen_by(user))[:1] or (
            self.company_id._sig_get_director()
        )

    def _follow_assignments(self):
        result = super()._follow_assignments()
        self._ask_evidence()
        return result


class AssignmentAssessment(models.Model):
    _inherit = "sig.pqrs.assignment"

    def _notify_drafters(self):
        """Whoever takes up an urgent case, or evidence to preserve, is told so too."""
        result = super()._notify_drafters()
        self.pqrs_id._tell_urgent()
        self.pqrs_id._ask_evidence()
        return result

    def _hand_over(self, user, reason):
        result = super()._hand_over(user, reason)
        self.pqrs_id._tell_urgent()
        self.pqrs_id._ask_evidence()
        return result

    def _notify_named(self):
        result = super()._notify_named()
        self.pqrs_id._tell_urgent()
        return result
