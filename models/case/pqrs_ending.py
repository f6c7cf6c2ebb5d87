from odoo import models, tools
from odoo.exceptions import UserError

from ..communication.communication import ENDINGS, OF_ANSWERS, UNTOLD


class PqrsEnding(models.Model):
    """How cases end without an answer, and how what was closed is taken up again."""

    _inherit = "sig.pqrs"

    def action_discard(self, reason):
        """Say that what arrived is not a PQRS."""
        self._check_transition("discard")
        return self._settle("cancelled", "spam", "cancelled", self._require_text(reason))

    def action_withdraw(self, reason, tacit=False):
        """Record that the petitioner withdraws, or, when ``tacit``, that nothing was completed in time."""
        proven = self._check_transition("withdraw")
        reason = self._require_text(reason)
        for case in proven if tacit else ():
            if refusal := case._get_tacit_refusal():
                raise UserError(refusal)
        self._settle("closed", "tacitly_withdrawn" if tacit else "withdrawn", "withdrawn", reason)
        self._notify_client("withdrawal", reason)
        return True

    def _get_tacit_refusal(self):
        """Why the case cannot be taken for withdrawn; empty when it can (Ley 1755 de 2015, art. 17).

        The petitioner must have known what was required of them, and have sent nothing that nobody has looked at.
        """
        self.ensure_one()
        case, last = self.sudo(), self._get_duty_date("complete")
        if not case.suspended:
            return self.env._("%s waits for nothing from the petitioner: it cannot be tacitly withdrawn.", case.name)
        if not case._is_requirement_told():
            return self.env._(
                "%s: the petitioner has not been told what was required."
                " The time to complete runs from the day they are.",
                case.name,
            )
        if not last:
            return self.env._("%s: this type gives no time to complete after which it is withdrawn.", case.name)
        if last >= case.company_id._sig_today():
            day = tools.format_date(self.env, last)
            return self.env._(
                "%(case)s: the petitioner has until %(date)s to complete the information.", case=case.name, date=day
            )
        if case._has_unconfirmed_delivery():
            return self.env._("%s: the petitioner sent information. Say first whether it is complete.", case.name)
        if case.activity_search(["sig_pqrs.activity_message"]):  # somebody wrote, and nobody has read it
            return self.env._(
                "%s: somebody wrote about the case. Read it and mark it as done before the case is filed away.",
                case.name,
            )
        return ""

    def action_cancel(self, kind, reason, duplicate_of=False):
        """Take out what is not a case of its own, and tell the petitioner why.

        Nothing that was filed ends in silence: receiving a petition and dropping it is refusing it, which the law
        forbids (Ley 1755 de 2015, art. 15, par. 2). Of what was never filed nobody is told but of a duplicate.

        :param str kind: ``duplicate`` or ``spam``.
        :param int duplicate_of: the case of the same petitioner that answers this one.
        """
        proven = self._check_transition("cancel")
        reason = self._require_text(reason)
        if kind not in ("duplicate", "spam"):
            raise UserError(self.env._("A case is cancelled as a duplicate or because it is not a PQRS."))
        if kind == "duplicate":
            original = self._get_record(self._name, duplicate_of)
            if not original:
                raise UserError(self.env._("Say which case it repeats."))
            for case in proven:
                case._check_same_petitioner(original.sudo())
            proven.write({"duplicate_of_id": original.id})
        told = self.filtered(lambda case: kind == "duplicate" or case.state != "to_file")
        goes_on = {
            case: {"duplicate_of": case._commit_private(case.duplicate_of_id.name)}
            for case in proven
            if case.duplicate_of_id
        }
        self._settle("cancelled", kind, "cancelled", reason, data=goes_on)
        proven.duplicate_of_id._restrict_duplicates()
        told._notify_client("cancellation", reason)
        return True

    def _check_same_petitioner(self, original):
        if original == self or original.state == "cancelled" or original.company_id != self.company_id:
            raise UserError(self.env._("A case repeats another one that stands."))
        own, other = self._get_contact(), original._get_contact()
        same = (
            (own.partner and own.partner == other.partner)
            or (own.mailbox and own.mailbox == other.mailbox)
            or (own.document_key and own.document_key == other.document_key)
        )
        if not same:
            raise UserError(
                self.env._(
                    "Only a case of the same petitioner is a duplicate. Each petitioner keeps the right to an answer."
                )
            )

    def _settle(self, state, outcome, act, reason, date=None, data=None):
        """End the cases without an answer.

        :param reason: text, or ``{case: text}``.
        :param date: moment of the fact, or ``{case: moment}``; now by default.
        :param data: of the acts, or ``{case: dict}``.
        """
        self._close_activities()
        self_sudo = self.sudo()
        self_sudo.assignment_ids._close_activities()
        self._void_communications([("state", "in", UNTOLD)], overtaken=True)
        reasons = reason if isinstance(reason, dict) else dict.fromkeys(self, reason)
        self._record(act, reasons, date=date, data=data)
        self._on_ended()
        self_sudo.write({"state": state, "outcome": outcome, "suspended": False})
        self._end_duties()
        return True

    def _on_ended(self):
        """What follows when cases end, answered or not. Hook for other files and addons."""

    # -- Taking it up again -----------------------------------------------------------------------------------------

    def action_reopen(self, reason):
        """Take up again what was closed: the history and the first dates stay in the acts."""
        proven = self._check_transition("reopen")
        reason = self._require_text(reason)
        self._record(
            "reopened",
            dict.fromkeys(self, reason),
            data={
                case: {"answered": str(case.date_answered or ""), "outcome": case.outcome or ""} for case in proven
            },
        )
        self._void_communications([("purpose", "in", (*ENDINGS, *OF_ANSWERS))])
        proven.delivery_id._supersede()
        self._clear_client_message()
        for approved, cases in proven.grouped(lambda case: case._has_approved_answer()).items():
            cases.write(
                {
                    **self._get_unanswered_values(),
                    "state": "approved" if approved else "received",
                    "delivery_id": False,
                    "letter_id": False,
                    "legal_state": "none",
                    "legal_digest": False,
                    "rating_state": "none",
                    "rating_value": 0,
                    "rating_reason": False,
                    "duplicate_of_id": False,
                    "transfer_recipient": False,
                    "transferred_on": False,
                }
            )
        proven.filtered(lambda case: case.state == "received")._follow_assignments()
        self._refresh_terms()
        proven.communication_ids.filtered("overtaken")._wait_again()
        self._notify_director(lambda env: env._("Case reopened"), reason)
        proven._get_standing_assignments()._ask_again()
        return True

    def _has_approved_answer(self):
        return bool(self.assignment_ids) and all(assignment.state == "approved" for assignment in self.assignment_ids)
