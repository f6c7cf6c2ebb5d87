from odoo import fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock
from ..communication.communication import OVERTAKEN


class PqrsEnding(models.Model):
    """Endings without an answer: discard, withdrawal, cancellation, transfer."""

    _inherit = "sig.pqrs"

    transfer_recipient = fields.Char(readonly=True)
    transferred_on = fields.Datetime("Forwarded on", readonly=True)

    def action_discard(self, reason):
        self._check_transition("discard")._check_regulator_told()
        return self._settle("cancelled", "spam", "cancelled", self._require_text(reason))

    def action_withdraw(self, reason, tacit=False):
        """End cases that the petitioner withdraws or, when ``tacit``, did not complete in time."""
        proven = self._check_transition("withdraw")
        reason = self._require_text(reason)
        for case in proven if tacit else ():
            if refusal := case._get_tacit_refusal():
                raise UserError(refusal)
        self._settle("closed", "tacitly_withdrawn" if tacit else "withdrawn", "withdrawn", reason)
        self._notify_client("withdrawal", reason)
        return True

    def _get_tacit_refusal(self):
        """:return: why the case is not tacitly withdrawn; empty when it is (Ley 1755 de 2015, art. 17)."""
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
        """Cancel cases that are not cases of their own, and notify the petitioner why.

        Nothing that was filed ends in silence (Ley 1755 de 2015, art. 15, par. 2). Who sent what was never filed is
        notified of a duplicate only.

        :param str kind: ``duplicate`` or ``spam``.
        :param int duplicate_of: the case of the same petitioner that goes on.
        """
        proven = self._check_transition("cancel")
        reason = self._require_text(reason)
        if kind not in ("duplicate", "spam"):
            raise UserError(self.env._("A case is cancelled as a duplicate or because it is not a PQRS."))
        if kind == "spam" and proven.answer_ids:
            raise UserError(self.env._("What was answered is a PQRS: it is not cancelled as anything else."))
        if kind == "duplicate":
            original = self._get_record(self._name, duplicate_of)
            if not original:
                raise UserError(self.env._("Say which case it repeats."))
            original_sudo = original.sudo()
            for case in proven:
                case._check_same_petitioner(original_sudo)
            proven.write({"duplicate_of_id": original.id})
        if kind == "spam" or not proven.duplicate_of_id._is_staff_incident():  # it is told of where it goes on
            proven._check_regulator_told()
        told = self.filtered(lambda case: kind == "duplicate" or case.state != "to_file")
        repeating = proven.filtered("duplicate_of_id")
        goes_on = {case: {"duplicate_of": case._commit_private(case.duplicate_of_id.name)} for case in repeating}
        self._settle("cancelled", kind, "cancelled", reason, data=goes_on)
        proven.duplicate_of_id._restrict_duplicates()
        told._notify_client("cancellation", reason)
        return True

    def _settle(self, state, outcome, act, reason, data=None):
        """End the cases without an answer, for a reason (text, or ``{case: text}``); ``data`` is of the acts."""
        self._close_activities()
        self_sudo = self.sudo()
        self_sudo.assignment_ids._close_activities()
        self._void_communications(OVERTAKEN, overtaken=True)
        if outcome == "spam":  # what the figures say of it: `data_quality`
            data = {case: {"filed": case.state != "to_file", **case._get_missed()} for case in self_sudo}
        self._record(act, reason, data=data)
        self._on_ended()
        self_sudo.answer_ids._filter_corrected().counts = True
        self_sudo.write({"state": state, "outcome": outcome, "suspended": False})
        self._end_duties()
        self._ask_to_notify()
        return True

    def _on_ended(self):
        """Close what waits in cases that end, answered or not, and take the mark “claim in process” off."""
        self._close_activities("sig_pqrs.activity_silence", "sig_pqrs.activity_legal")
        marks = Domain("pqrs_id", "in", self.ids) & Domain("kind", "in", ("claim_marked", "claim_unmarked"))
        last = {act.pqrs_id: act.kind for act in self.env["sig.pqrs.act"].sudo().search(marks, order="number")}
        if marked := self.filtered(lambda case: last.get(case) == "claim_marked"):
            note = self.env._("The claim is decided: take the mark “claim in process” off the personal data.")
            marked._record("claim_unmarked", note)

    def action_transfer(self, recipient, reason):
        """Close the case as of who is competent. The letter that forwards it is made here: the petitioner gets a copy,
        and its delivery is owed, and registered on its communication.
        """
        proven = self._check_transition("transfer")
        recipient = self._require_text(recipient, self.env._("Write to whom it is transferred."))
        reason = self._require_text(reason)
        now, data = clock.now(), {}
        proven.write({"transfer_recipient": recipient, "transferred_on": now})
        reasons = dict.fromkeys(proven, self.env._("To %(recipient)s: %(reason)s", recipient=recipient, reason=reason))
        opened = self.env["sig.pqrs.communication"]._open(proven, "forwarding", text=reason, medium="letter")
        for forwarding in opened:
            case = forwarding.pqrs_id
            found = case._get_forwarding_data(now)
            if not found["in_time"]:
                last_day = tools.format_date(self.env, found["last_day"])
                reasons[case] += " " + self.env._("Late: the law gave until %s.", last_day)
            forwarding.date_due = found["last_day"] or forwarding.date_due
            self.env["sig.letter"]._store_transfer(forwarding)
            bound = self.env["sig.case.binding"]._bind_records(case, files=forwarding.letter_id)
            data[case] = {**found, **bound}
        self._settle("closed", "transferred", "transfer", reasons, data=data)
        self._notify_client("transfer", reason)
        return True

    def _finish_forwarding(self, moments, delivery):
        data = {}
        for case, moment in moments.items():
            case.transferred_on = moment
            proof = delivery.get_data(case, case._get_forwardings()[:1].proof_ids)
            data[case] = {**case._get_forwarding_data(moment), **proof}
        self._record("forwarded", self._log_on_identity(delivery.text, ""), date=moments, data=data)
        # with the text of the first notice, if that had no letter
        untold = self.filtered(lambda case: not case._get_forwardings()[:1].letter_id)
        if delivery.attachments and untold:
            told = untold.communication_ids.filtered(lambda each: each.purpose == "transfer").sorted("id")
            texts = {each.pqrs_id: each.body for each in told}
            untold._void_communications([("purpose", "=", "transfer")])
            for text, cases in untold.grouped(texts.get).items():
                cases._notify_client("transfer", text)

    def _get_forwardings(self):
        """:return: communications to who is competent, the last one first."""
        return self.communication_ids.filtered(lambda each: each.purpose == "forwarding").sorted("id", reverse=True)

    def _get_last_day_to_transfer(self):
        """:return: last day that the law gives, counted from receipt; False when the type sets none."""
        company, days = self.company_id, self.type_id.transfer_days
        if not days:
            return False
        received_on = self._get_term_start()
        return company._sig_calendar(received_on).add(received_on, days)

    def _get_forwarding_data(self, moment):
        last_day = self._get_last_day_to_transfer()
        in_time = not last_day or self.company_id._sig_local_date(moment) <= last_day
        return {"last_day": str(last_day or ""), "in_time": in_time}
