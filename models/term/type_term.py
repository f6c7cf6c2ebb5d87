from datetime import timedelta

from odoo import models

from ...tools import legal_term
from .pqrs_term import pick_duty


class TypeTerm(models.Model):
    _inherit = "sig.pqrs.type"

    def _get_term_values(
        self, company, received_on, events, authority_deadline, today, calendar=None, imported_deadline=False
    ):
        """:return: values of the dates of a case of this type.

        :param date received_on: in the company's time zone.
        :param events: `tools.legal_term.Event`s.
        :param date today: for the next duty.
        :param calendar: in place of the company's, for a preview.
        :param date imported_deadline: in place of the term of the type.
        """
        if not self.regulator_notice:
            events = [event for event in events if event.kind != "incident_flagged"]
        trace = {"received_on": received_on.isoformat()}
        if self.due_by_authority:
            suspended = False
            deadline = date_legal = company._sig_local_date(authority_deadline) if authority_deadline else False
            duties = legal_term.get_notices(events)
            trace.update(authority=True, steps=[])
        else:
            term = self._get_term()
            if not calendar:
                dates = [received_on, *(event.date for event in events), *filter(None, [imported_deadline])]
                # Two calendar days a business day reach beyond any term.
                reach = max(dates) + timedelta(days=2 * (term.days + term.extension_days))
                calendar = company._sig_calendar(*dates, reach)
            if imported_deadline:
                term = term.ending(received_on, imported_deadline, calendar)
            due = legal = legal_term.due(received_on, term, events, calendar)
            if company.sig_policy_days and company.sig_policy_days < term.days and not imported_deadline:
                due = legal_term.due(received_on, term.capped(company.sig_policy_days), events, calendar)
            suspended, deadline, date_legal = due.suspended, due.date or False, legal.date or False
            duties = legal.duties
            running = [step for step in due.trace if step.kind == "counted"]
            trace.update(
                term=term.days,
                policy=company.sig_policy_days if due is not legal else 0,
                total=due.used + due.left,
                used=due.used,
                since=running[-1].start.isoformat() if running and not due.suspended else None,
                legal=legal.date and legal.date.isoformat(),
                imported=imported_deadline and imported_deadline.isoformat(),
                steps=[step.as_dict() for step in due.trace],
            )
        trace["duties"] = [[duty.date.isoformat(), duty.kind] for duty in duties]
        next_duty, next_duty_date = pick_duty(trace["duties"], date_legal, today)
        return {
            "date_deadline": deadline,
            "date_legal": date_legal,
            "suspended": suspended,
            "next_duty": next_duty,
            "next_duty_date": next_duty_date,
            "term_trace": trace,
        }
