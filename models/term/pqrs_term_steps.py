from odoo import models, tools
from odoo.exceptions import UserError

from ...tools import legal_term
from .. import clock
from ..communication.communication import TOLD, UNTOLD


class PqrsTermSteps(models.Model):
    _inherit = "sig.pqrs"

    def action_request_information(self, text):
        """Require what is missing, as ``text`` says; the term is suspended (Ley 1755 de 2015, art. 17)."""
        proven = self._check_transition("request_information")
        text = self._require_text(text, self.env._("Write what the petitioner must deliver."))
        for case in proven:
            last = case._get_last_day_to_require()
            if case.company_id._sig_today() > last:
                args = {"case": case.name, "date": tools.format_date(self.env, last)}
                text = self.env._(
                    "%(case)s: information could be required until %(date)s. Answer with what there is.", **args
                )
                raise UserError(text)
            case._check_not_lapsed()
        self._record("requirement", text, body=self.env._("Information required; the term is suspended: %s", text))
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
                day = tools.format_date(self.env, case._get_required_on())
                text = self.env._("The information cannot have been delivered before it was required, on %s.", day)
                raise UserError(text)
            moments[case] = min(moment, now)
        days = {case: tools.format_date(self.env, case.company_id._sig_local_date(moments[case])) for case in proven}
        self._record(
            "completion",
            {case: self.env._("Delivered on %s.", day) for case, day in days.items()},
            body=self.env._("Information complete; the term resumes the day after its delivery."),
            date=moments,
            data={"communication": message.id} if message else None,
        )
        self._void_communications([("purpose", "=", "requirement"), ("state", "in", UNTOLD)])
        (proven._get_waiting("information") | message)._attend()
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        self.env["sig.pqrs.assignment"]._follow_deadlines(self)
        self.env["sig.client.notice"]._queue_dates(self)
        return True

    def action_refuse_completion(self, text):
        """Tell the petitioner what is still missing, ``text``. The time to complete does not move."""
        self._check_transition("refuse_completion")
        text = self._require_text(text, self.env._("Write what is still missing."))
        self._record("completion_refused", text, body=self.env._("What the petitioner sent is not complete."))
        self._get_waiting("information")._attend()
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
                text = self.env._(
                    "%s: the petitioner asks for it after the requirement, and not in the future.", case.name
                )
                raise UserError(text)
            if (last := case._get_duty_date("complete")) and last < asked_on:
                raise UserError(
                    self.env._("%s: the time to complete had lapsed on the day on which more was asked for.", case.name)
                )
            moments[case] = min(moment, now)
        self._record("completion_extension", reason, date=moments)
        self._refresh_terms()
        for case in self:
            case._write_to_client(case.sudo()._sig_in_language_of(case.company_id)._get_more_time_text())
        return True

    def _get_more_time_text(self):
        """:return: text for the petitioner; without a day while the months do not run yet."""
        last = self._get_duty_date("complete")
        if not last:
            return self.env._("As you asked, you have more time to complete your request.")
        day = tools.format_date(self.env, last, date_format="long")
        return self.env._("As you asked, you have more time to complete your request: until %s.", day)

    def _get_last_day_to_require(self):
        received_on = self._get_term_start()
        return self.company_id._sig_calendar(received_on).add(received_on, self.type_id.requirement_days)

    def _get_requirement(self):
        return self.act_ids.filtered(lambda act: act.kind == "requirement").sorted("number")[-1:]

    def _is_requirement_told(self):
        notices = self.communication_ids.filtered(lambda each: each.purpose == "requirement").sorted("id")
        return notices[-1:].state in TOLD

    def _is_completion_extended(self):
        number = self._get_requirement().number
        return any(act.kind == "completion_extension" and act.number > number for act in self.act_ids)

    def _get_required_on(self):
        return self.company_id._sig_local_date(self._get_requirement().date)

    def _has_unconfirmed_delivery(self):
        """Whether the petitioner sent information for the last requirement that nobody has confirmed or refused."""
        kinds = ("information_delivered", "completion", "completion_refused")
        number = self._get_requirement().number
        deliveries = self.act_ids.filtered(lambda act: act.number > number and act.kind in kinds)
        is_last = deliveries.sorted("number")[-1:].kind == "information_delivered"
        return is_last or bool(self._get_waiting_information())

    def _check_not_lapsed(self):
        if self.date_legal and self.company_id._sig_today() > self.date_legal:
            args = {"case": self.name, "date": tools.format_date(self.env, self.date_legal)}
            raise UserError(self.env._("%(case)s: the term lapsed on %(date)s; it is too late for that.", **args))

    def _has_term_step(self, *kinds):
        return any(step["kind"] in kinds for step in (self.term_trace or {}).get("steps", ()))

    def action_extend(self, days, reason):
        """Extend the term once, before it lapses (Ley 1755 de 2015, art. 14, par.), and notify the petitioner.

        The dates do not wait for the notice; whether the law protects the extension does (`_is_extension_protected`).

        :param int days: business days, up to those of the type.
        """
        proven = self._check_transition("extend")
        reason = self._require_text(reason)
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise UserError(self.env._("An extension is of one business day or more."))
        for case in proven:
            if days > case.type_id.extension_days:
                args = {"case": case.name, "days": case.type_id.extension_days}
                raise UserError(self.env._("%(case)s: the law allows at most %(days)s business days more.", **args))
            case._check_not_lapsed()
        today = {case: case.company_id._sig_today() for case in proven}
        resumed = {case: [legal_term.Event("completion", today[case])] if case.suspended else [] for case in proven}
        extended = {case: [*resumed[case], legal_term.Event("extension", today[case], days)] for case in proven}
        before, after = (dict(proven._get_new_terms(supposed=events)) for events in (resumed, extended))
        for case in proven:
            # A term that resumed with nothing left got one day already; that of the policy may have had less than that,
            # and is extended nonetheless by all that the law gives.
            names = ("date_legal", "date_deadline") if days < case.type_id.extension_days else ("date_legal",)
            dates = [(before[case][name], after[case][name]) for name in names]
            if any(new and new == old for old, new in dates):
                args = {"case": case.name, "days": days}
                text = self.env._(
                    "%(case)s: with %(days)s business days more the term ends on the same day. Give it more.", **args
                )
                raise UserError(text)
        missed = {case: case._get_missed() for case in proven}
        extended = self.env._("Extended. Business days: %(days)s. %(reason)s", days=days, reason=reason)
        self._record("extension", reason, days=days, body=extended, data=missed)
        self._refresh_terms()
        self.env["sig.pqrs.assignment"]._follow_deadlines(self)
        self._notify_client("extension", reason)
        self._follow_expiry()
        return True

    def _get_missed(self):
        """``missed``, for an act: the deadline that had passed by then. What comes later undoes no delay."""
        day = not self.suspended and self.date_deadline
        return {"missed": str(day)} if day and day < self.company_id._sig_today() else {}

    def action_reclassify(self, type_id, reason, authority_deadline=False):
        """Change the type; the date of receipt stays. A new term that has lapsed already is recorded, not refused."""
        proven = self._check_transition("reclassify")
        reason = self._require_text(reason)
        kind = self._get_record("sig.pqrs.type", type_id)._get_own(proven.company_id[:1])
        if not kind or not kind.active:
            raise UserError(self.env._("Choose an active type."))
        authority_deadline = kind.due_by_authority and authority_deadline  # typed before another type was chosen
        for case in proven:
            if kind == case.type_id:
                raise UserError(self.env._("%(case)s is a %(type)s already.", case=case.name, type=kind.name))
            if kind.company_id - case.company_id or kind._get_own(case.company_id) != kind:
                raise UserError(self.env._("That type belongs to another company."))
            deadline = authority_deadline and case.company_id._sig_moment(authority_deadline)
            if kind.due_by_authority and (not deadline or deadline < case.date_received):
                raise UserError(self.env._("Write the date and hour that the authority set."))
        found = self.env["sig.term.change"]._preview_type(proven, kind, authority_deadline)
        notes, data = {}, {}
        for case in proven:
            args = {"old": case.type_id.name, "new": kind.name, "reason": reason}
            changed = self.env._("From %(old)s to %(new)s: %(reason)s", **args)
            _move, warnings = found[case]
            notes[case] = " ".join([changed, *warnings.values()])
            data[case] = {"type": kind.code, "warnings": sorted(warnings), **case._get_missed()}
        for company, cases in proven.grouped("company_id").items():
            deadline = authority_deadline and company._sig_moment(authority_deadline)
            cases.write({"type_id": kind.id, "imported_deadline": False, "authority_deadline": deadline})
        moves = self._refresh_terms()
        # Of a requirement or an extension that the type does not have nobody is told, unless it has them again.
        notices = proven.communication_ids.filtered(lambda each: each.purpose in ("requirement", "extension"))
        proven._void_communications([("id", "in", (notices - notices._filter_holding()).ids)], overtaken=True)
        notices._wait_again()
        self.env["sig.pqrs.assignment"]._follow_deadlines(self)
        for case in proven:
            data[case]["deadline"] = str(case.date_deadline or "")
        self._record("reclassified", notes, data=data)
        self.env["sig.client.notice"]._queue_dates(self.filtered(lambda case: case in moves))
        return True

    def action_mark_claim(self):
        self._check_transition("mark_claim")
        self._record("claim_marked", self.env._("Personal data marked “claim in process”."))
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        return True
