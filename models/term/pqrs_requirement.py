from odoo import models, tools
from odoo.exceptions import UserError

from .. import clock
from ..communication.communication import TOLD, UNTOLD
from ..mixin.transitions import OPEN


class PqrsRequirement(models.Model):
    """Information that the petitioner must deliver: while it is required, the term is suspended."""

    _inherit = "sig.pqrs"

    def _get_transition_refusal(self, name):
        if self.state in OPEN:
            if name in ("register_completion", "extend_completion", "refuse_completion") and not self.suspended:
                return self.env._("%s waits for no information from the petitioner.", self.name)
            if name == "refuse_completion":
                return self.env._("%s: the petitioner has sent nothing that waits to be confirmed.", self.name)
            if name == "request_information" and self.suspended:
                return self.env._("%s waits already for information from the petitioner.", self.name)
            if name == "request_information" and not self.type_id.requirement_allowed:
                return self.env._(
                    "%(case)s: for the type %(type)s no information is required from the petitioner.",
                    case=self.name,
                    type=self.type_id.name,
                )
            if name == "extend_completion" and not self.type_id.completion_extension_months:
                return self.env._(
                    "%(case)s: for the type %(type)s the law gives no more time to complete (%(basis)s).",
                    case=self.name,
                    type=self.type_id.name,
                    basis=self.type_id.legal_basis or self.env._("company policy"),
                )
        return super()._get_transition_refusal(name)

    def action_request_information(self, text):
        """Require what is missing; the term is suspended (Ley 1755 de 2015, art. 17).

        :param str text: what the petitioner must deliver.
        """
        proven = self._check_transition("request_information")
        text = self._require_text(text, self.env._("Write what the petitioner must deliver."))
        for case in proven:
            received_on = case._get_term_start()
            last = case.company_id._sig_calendar(received_on).add(received_on, case.type_id.requirement_days)
            if case.company_id._sig_today() > last:
                raise UserError(
                    self.env._(
                        "%(case)s: information could be required until %(date)s. Answer with what there is.",
                        case=case.name,
                        date=tools.format_date(self.env, last),
                    )
                )
            case._check_not_lapsed()
        self._record(
            "requirement",
            dict.fromkeys(self, text),
            body=self.env._("Information required; the term is suspended: %s", text),
        )
        self.communication_ids._attend()
        self._refresh_terms()
        self._notify_client("requirement", text)
        return True

    def action_register_completion(self, date=False, message_id=False):
        """Record that what was required is complete; the term resumes the day after its *delivery*.

        :param date: when the petitioner delivered it; now by default.
        :param int message_id: the communication with which it came.
        """
        proven = self._check_transition("register_completion")
        now = clock.now()
        message = proven._get_record("sig.pqrs.communication", message_id)
        moments = {}
        for case in proven:
            company = case.company_id
            if message_id and (message.pqrs_id, message.direction) != (case, "in"):
                raise UserError(self.env._("That message is not of this case."))
            moment = company._sig_moment(date) or message.date or now
            if company._sig_local_date(moment) > company._sig_local_date(now):
                raise UserError(self.env._("The information cannot have been delivered in the future."))
            if company._sig_local_date(moment) < case._get_required_on():
                raise UserError(
                    self.env._(
                        "The information cannot have been delivered before it was required, on %s.",
                        tools.format_date(self.env, case._get_required_on()),
                    )
                )
            moments[case] = min(moment, now)
        self._record(
            "completion",
            {
                case: self.env._(
                    "Delivered on %s.", tools.format_date(self.env, case.company_id._sig_local_date(moment))
                )
                for case, moment in moments.items()
            },
            body=self.env._("Information complete; the term resumes the day after its delivery."),
            date=moments,
            data={"communication": message.id} if message else None,
        )
        self._void_communications([("purpose", "=", "requirement"), ("state", "in", UNTOLD)])
        self.communication_ids._attend()
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        self._move_drafts()
        self.env["sig.client.notice"]._queue_dates(self)
        return True

    def action_refuse_completion(self, text):
        """Record that what the petitioner sent is not complete. The time to complete does not move.

        :param str text: what is still missing, written to the petitioner.
        """
        self._check_transition("refuse_completion")
        text = self._require_text(text, self.env._("Write what is still missing."))
        self._record(
            "completion_refused",
            dict.fromkeys(self, text),
            body=self.env._("What the petitioner sent is not complete."),
        )
        self.communication_ids._attend()
        for case in self:
            case._write_to_client(text)
        return True

    def action_extend_completion(self, reason, date=False):
        """Give the petitioner, who asked for it in time, the months more that the type allows, once.

        :param date: when the petitioner asked for it; now by default. It may be recorded after the lapse.
        """
        proven = self._check_transition("extend_completion")
        reason = self._require_text(reason)
        now = clock.now()
        moments = {}
        for case in proven:
            if case._is_completion_extended():
                raise UserError(self.env._("%s: the time to complete was extended already.", case.name))
            moment = case.company_id._sig_moment(date) or now
            asked_on = case.company_id._sig_local_date(moment)
            if not case._get_required_on() <= asked_on <= case.company_id._sig_today():
                raise UserError(
                    self.env._(
                        "%s: the petitioner asks for it after the requirement, and not in the future.", case.name
                    )
                )
            if (last := case._get_duty_date("complete")) and last < asked_on:
                raise UserError(
                    self.env._("%s: the time to complete had lapsed on the day on which more was asked for.", case.name)
                )
            moments[case] = min(moment, now)
        self._record("completion_extension", dict.fromkeys(self, reason), date=moments)
        self._refresh_terms()
        for case in self:
            told = case.sudo().with_context(lang=case.company_id._sig_lang())
            case._write_to_client(told._get_more_time_text())
        return True

    def _get_more_time_text(self):
        """:return: text for the petitioner; without a day while the months do not run yet."""
        if last := self._get_duty_date("complete"):
            return self.env._(
                "As you asked, you have more time to complete your request: until %s.",
                tools.format_date(self.env, last, date_format="long"),
            )
        months = self.type_id.completion_extension_months
        return (
            self.env._("As you asked, you have one month more to complete your request.")
            if months == 1
            else self.env._("As you asked, you have %s months more to complete your request.", months)
        )

    def _get_requirement(self):
        return self.act_ids.filtered(lambda act: act.kind == "requirement").sorted("number")[-1:]

    def _is_completion_extended(self):
        number = self._get_requirement().number
        return any(act.kind == "completion_extension" and act.number > number for act in self.act_ids)

    def _get_required_on(self):
        return self.company_id._sig_local_date(self._get_requirement().date)

    def _is_requirement_told(self):
        """Whether the petitioner was notified of the last requirement."""
        notices = self.communication_ids.filtered(lambda each: each.purpose == "requirement").sorted("id")
        return notices[-1:].state in TOLD

    def _has_unconfirmed_delivery(self):
        """Whether the petitioner sent information for the last requirement that nobody has confirmed or refused."""
        kinds = ("information_delivered", "completion", "completion_refused")
        number = self._get_requirement().number
        deliveries = self.act_ids.filtered(lambda act: act.number > number and act.kind in kinds)
        return deliveries.sorted("number")[-1:].kind == "information_delivered"
