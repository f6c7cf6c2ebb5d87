from odoo import models, tools
from odoo.exceptions import UserError

from ...tools import legal_term
from .. import clock
from ..communication.communication import TOLD, UNTOLD
from ..mixin.transitions import OPEN


class PqrsTermSteps(models.Model):
    """The steps that move the dates of a case: another type, information required and delivered, the extension."""

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
            if name == "extend" and not self.type_id.extension_days:
                return self.env._(
                    "%(case)s: the type %(type)s has no extension.", case=self.name, type=self.type_id.name
                )
        return super()._get_transition_refusal(name)

    # -- The type ---------------------------------------------------------------------------------------------------

    def action_reclassify(self, type_id, reason, authority_deadline=False):
        """Change the legal regime; the date of receipt stays, the deadlines are counted again.

        A shorter term that is over already is no obstacle: the act says so, and the preview of the dialog before it.

        :param int type_id: the new type.
        :param authority_deadline: date and hour, for a requirement of an authority.
        """
        proven = self._check_transition("reclassify")
        reason = self._require_text(reason)
        kind = self._get_record("sig.pqrs.type", type_id)
        by_own = proven.grouped(lambda case: kind._get_own(case.company_id))
        if len(by_own) > 1:  # of companies of which one has a type of its own
            for own, cases in by_own.items():
                cases.with_env(self.env).action_reclassify(own.id, reason, authority_deadline)
            return True
        kind = next(iter(by_own), kind)
        if not kind or not kind.active:
            raise UserError(self.env._("Choose an active type."))
        for case in proven:
            if kind == case.type_id:
                raise UserError(self.env._("%(case)s is a %(type)s already.", case=case.name, type=kind.name))
            if kind.company_id and kind.company_id != case.company_id:
                raise UserError(self.env._("That type belongs to another company."))
            deadline = authority_deadline and case.company_id._sig_moment(authority_deadline)
            if kind.due_by_authority and (not deadline or deadline < case.date_received):
                raise UserError(self.env._("Write the date and hour that the authority set."))
        old = {case: case.type_id.name for case in self}
        found = self._get_reclassifications(kind, authority_deadline)
        warnings = {case.id: sentences for case, (_move, sentences) in found.items()}
        for company, cases in proven.grouped("company_id").items():
            cases.write(
                {
                    "type_id": kind.id,
                    "imported_deadline": False,
                    "authority_deadline": authority_deadline and company._sig_moment(authority_deadline),
                }
            )
        moves = self._refresh_terms()
        self._move_drafts()
        self._record(
            "reclassified",
            {
                case: " ".join(
                    [
                        self.env._("From %(old)s to %(new)s: %(reason)s", old=old[case], new=kind.name, reason=reason),
                        *warnings[case.id].values(),
                    ]
                )
                for case in self
            },
            data={
                case: {
                    "type": kind.code,
                    "deadline": str(case.date_deadline or ""),
                    "warnings": sorted(warnings[case.id]),
                }
                for case in proven
            },
        )
        self.filtered(lambda case: case in moves)._queue_date_notice()
        return True

    def action_mark_claim(self):
        """Record that the personal data carry the mark “claim in process” (Ley 1581 de 2012, art. 15)."""
        self._check_transition("mark_claim")
        self._record("claim_marked", dict.fromkeys(self, self.env._("Personal data marked “claim in process”.")))
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        return True

    # -- Information that the petitioner must deliver ---------------------------------------------------------------

    def action_request_information(self, text):
        """Require what is missing; the term stops (Ley 1755 de 2015, art. 17).

        :param str text: what the petitioner must deliver.
        """
        proven = self._check_transition("request_information")
        text = self._require_text(text, self.env._("Write what the petitioner must deliver."))
        for case in proven:
            today = case.company_id._sig_today()
            received_on = case.company_id._sig_local_date(case.date_received)
            last = case.company_id._sig_calendar(received_on).add(received_on, case.type_id.requirement_days)
            if today > last:
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
        self._clear_client_message()
        self._refresh_terms()
        self._notify_client("requirement", text)
        return True

    def action_register_completion(self, date=False, message_id=False):
        """Record that what was required is complete; the term resumes the day after its *delivery*.

        :param date: when the petitioner delivered it; now by default.
        :param int message_id: the message with which it came.
        """
        proven = self._check_transition("register_completion")
        now = clock.now()
        moments = {}
        for case in proven:
            moment = case.company_id._sig_moment(date) or now
            message = proven._get_record("mail.message", message_id)
            if message:
                if not case._is_about(message):
                    raise UserError(self.env._("That message is not of this case."))
                moment = (date and moment) or case._get_message_moment(message)
            if case.company_id._sig_local_date(moment) > case.company_id._sig_local_date(now):
                raise UserError(self.env._("The information cannot have been delivered in the future."))
            if case.company_id._sig_local_date(moment) < case._get_required_on():
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
            data={"message": message_id} if message_id else None,
        )
        self._void_communications([("purpose", "=", "requirement"), ("state", "in", UNTOLD)])
        self._clear_client_message()
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        self._move_drafts()
        self._queue_date_notice()
        return True

    def action_refuse_completion(self, text):
        """Record that what the petitioner sent is not all that was required. The time to complete does not move.

        :param str text: what is still missing; the petitioner reads it.
        """
        self._check_transition("refuse_completion")
        text = self._require_text(text, self.env._("Write what is still missing."))
        self._record(
            "completion_refused",
            dict.fromkeys(self, text),
            body=self.env._("What the petitioner sent is not complete."),
        )
        self._clear_client_message()
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
        """What the petitioner reads who asked for more time; a day is told once the months run."""
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

    def _is_completion_extended(self):
        """Whether the time to complete what was required last was extended."""
        requirement = self._get_requirement()
        return any(act.kind == "completion_extension" and act.number > requirement.number for act in self.act_ids)

    def _get_required_on(self):
        return self.company_id._sig_local_date(self._get_requirement().date)

    def _get_requirement(self):
        """The last act that required information."""
        return self.act_ids.filtered(lambda act: act.kind == "requirement").sorted("number")[-1:]

    def _is_requirement_told(self):
        """Whether the petitioner knows what was required last."""
        notices = self.communication_ids.filtered(lambda each: each.purpose == "requirement").sorted("id")
        return notices[-1:].state in TOLD

    def _has_unconfirmed_delivery(self):
        """Whether the petitioner sent information for the last requirement, and nobody said what it is worth."""
        acts = self.act_ids.filtered(lambda act: act.number > self._get_requirement().number)
        told = acts.filtered(lambda act: act.kind in ("information_delivered", "completion", "completion_refused"))
        return told.sorted("number")[-1:].kind == "information_delivered"

    # -- The extension ----------------------------------------------------------------------------------------------

    def action_extend(self, days, reason):
        """The legal extension: once, before the term lapses, within the cap of the type, and told to the client.

        The act extends the term; whether the law protects it depends on telling the client before the old term ends
        (see `extension_notice`). The dates do not wait for that: the risk is shown instead.

        :param int days: business days.
        """
        proven = self._check_transition("extend")
        reason = self._require_text(reason)
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise UserError(self.env._("An extension is of one business day or more."))
        for case in proven:
            if case.act_ids.filtered(lambda act: act.kind == "extension"):
                raise UserError(self.env._("%s was extended already: the law allows one extension.", case.name))
            if days > case.type_id.extension_days:
                raise UserError(
                    self.env._(
                        "%(case)s: the law allows at most %(days)s business days more.",
                        case=case.name,
                        days=case.type_id.extension_days,
                    )
                )
            case._check_not_lapsed()
        proven._check_extension_moves(days)
        expiries = {case: case.date_legal for case in proven if case.date_legal}
        self._record(
            "extension",
            dict.fromkeys(self, reason),
            days=days,
            body=self.env._("Extended by 1 business day: %s", reason)
            if days == 1
            else self.env._("Extended by %(days)s business days: %(reason)s", days=days, reason=reason),
        )
        self._refresh_terms()
        self._move_drafts()
        self._notify_client("extension", reason, expiries)
        return True

    def _check_extension_moves(self, days):
        """Refuse the one extension where it gives nothing.

        A term that resumed with nothing left got a day for that, which is one of the days of its extension.
        """
        cases = self.filtered("date_legal")
        supposed = {case: legal_term.Event("extension", case.company_id._sig_today(), days) for case in cases}
        for case, values in cases._get_new_terms(supposed=supposed):
            if values["date_legal"] == case.date_legal:
                raise UserError(
                    self.env._(
                        "%(case)s: with %(days)s business days more the term ends on the same day. Give it more.",
                        case=case.name,
                        days=days,
                    )
                )

    def _check_not_lapsed(self):
        if self.date_legal and self.company_id._sig_today() > self.date_legal:
            raise UserError(
                self.env._(
                    "%(case)s: the term lapsed on %(date)s; it is too late for that.",
                    case=self.name,
                    date=tools.format_date(self.env, self.date_legal),
                )
            )
