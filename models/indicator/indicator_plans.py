from odoo import api, models
from odoo.tools import SQL

from .figure import Figure


class PlanIndicators(models.Model):
    """Figures from the activities of action plans."""

    _inherit = "sig.indicator"

    def _measure_plan_on_time(self, date_from, date_to):
        """Activities done by their date, of those due in the period that were not dropped."""
        self.env["sig.action.plan.line"].flush_model()
        population = SQL(
            """SELECT l.id, p.process_id, (l.deadline_state = 'answered_on_time')::int AS num
                 FROM sig_action_plan_line l
                 JOIN sig_action_plan p ON p.id = l.plan_id
                WHERE p.company_id = %s AND l.date_due BETWEEN %s AND %s AND l.state IN ('open', 'done')
                  AND p.state NOT IN ('draft', 'cancelled')""",
            self.env.company.id, date_from, date_to,
        )  # fmt: skip
        rows = self.env.execute_query(population)
        found = {False: self._make_line_figure(rows)}
        for process_id in {row[1] for row in rows if row[1]}:
            found[process_id] = self._make_line_figure([row for row in rows if row[1] == process_id])
        return self._share(found)

    @api.model
    def _make_line_figure(self, rows):
        hits = [line_id for line_id, _process_id, hit in rows if hit]
        return Figure(len(hits), len(rows), [row[0] for row in rows], hits)

    def _get_record_model(self):
        return "sig.action.plan.line" if self.kind == "plan_on_time" else super()._get_record_model()
