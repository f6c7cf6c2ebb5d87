from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .indicator import DOUBTS

#: of the data of an act: the deadline of its case had passed
IS_LATE = "%s->>'missed' IS NOT NULL"


class DataQuality(models.Model):
    """What is missing or late in the data of a period, said beside the figures that rest on it."""

    _inherit = "sig.indicator"

    @api.model
    def _get_doubts(self, kinds, date_from, date_to):
        """``{doubt: number}``, not zero, of those that bear on some kinds."""
        queries, domains = [], self._get_doubt_domains(date_from, date_to)
        for doubt in dict.fromkeys(doubt for kind in kinds for doubt in DOUBTS.get(kind, ())):
            records = self.env["sig.pqrs.act" if doubt == "by_staff" else "sig.pqrs"].sudo()
            queries.append(SQL("SELECT %s, (%s)", doubt, records._search(domains[doubt]).select(SQL("COUNT(*)"))))
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries)) if queries else ()
        return {doubt: number for doubt, number in rows if number}

    @api.model
    def _get_doubt_domains(self, date_from, date_to):
        """``{doubt: domain}`` of cases; ``by_staff`` of acts."""
        start, end = self._get_moments(date_from, date_to)
        of_company = Domain("company_id", "=", self.env.company.id)

        def during(name, since=start, until=end):
            return of_company & Domain(name, ">=", since) & Domain(name, "<", until)

        arrived, filed = during("date_received"), Domain("state", "!=", "to_file")
        received = arrived & filed & Domain("outcome", "!=", "spam")
        due = during("date_deadline", date_from, fields.Date.add(date_to, days=1))
        due &= Domain("deadline_state", "in", ("answered_on_time", "answered_late", "overdue"))
        by_staff = Domain([("kind", "=", "rated"), ("user_id.share", "=", False), ("user_id.active", "=", True)])

        def had_act(kind, condition):
            """In the period, with data of which a condition of SQL holds."""
            fits = Domain.custom(
                # pylint: disable-next=sql-injection  # the conditions stand below
                to_sql=lambda _model, alias, _query: SQL(condition, SQL.identifier(alias, "data"))
            )
            return of_company & Domain("act_ids", "any", Domain("kind", "=", kind) & during("date") & fits)

        def recorded_late(_model, alias, _query):
            moments = (SQL.identifier(alias, name) for name in ("date_recorded", "date_received"))
            return SQL("%s > %s + INTERVAL '3 days'", *moments)

        spam = Domain("outcome", "=", "spam")
        return {
            "to_file": arrived & ~filed,
            "recorded_late": received & Domain.custom(to_sql=recorded_late),
            "no_reason": received & Domain("reason_id", "=", False),
            "no_client": received & Domain("client_id", "=", False),
            "no_process": due & Domain("process_ids", "=", False),
            "unrated": during("date_answered") & Domain("rating_state", "in", ("asked", "reminded")),
            "by_staff": during("date") & by_staff,
            "discarded": spam & had_act("cancelled", "%s->>'filed' IS DISTINCT FROM 'false'"),
            "unfiled": spam & had_act("cancelled", "%s->>'filed' = 'false'"),
            "discarded_late": spam & had_act("cancelled", IS_LATE),
            "reclassified_late": had_act("reclassified", IS_LATE),
        }

    @api.model
    def _describe_doubts(self, doubts):
        """``[text]`` of `_get_doubts`."""
        words = {
            "to_file": self.env._("They wait to be filed, and are not counted: %s."),
            "recorded_late": self.env._("Recorded more than three days after their receipt: %s."),
            "no_reason": self.env._("Without a reason: %s."),
            "no_client": self.env._("Without a client: %s."),
            "no_process": self.env._("Without a process: %s."),
            "unrated": self.env._("Answered in the period and not rated: %s."),
            "by_staff": self.env._("Ratings that the SIG recorded for who gave them: %s."),
            "discarded": self.env._("Ended as “not a PQRS” in the period, so they count nowhere: %s."),
            "discarded_late": self.env._("Overdue when they were ended as “not a PQRS”: %s."),
            "unfiled": self.env._("Sent by strangers, and never filed because they are no PQRS: %s."),
            "reclassified_late": self.env._("Overdue when their type was changed: %s."),
        }
        return [words[doubt] % number for doubt, number in doubts.items()]
