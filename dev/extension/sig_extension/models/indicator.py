from odoo import fields, models
from odoo.addons.sig_pqrs.models.indicator.indicator import DOUBTS
from odoo.tools import SQL

DOUBTS["first_contact"] = ("recorded_late",)


class Indicator(models.Model):
    _inherit = "sig.indicator"

    kind = fields.Selection(
        selection_add=[("first_contact", "Mean time to the first contact")],
        ondelete={"first_contact": lambda indicators: indicators.write({"active": False})},
    )

    def _measure_first_contact(self, date_from, date_to):
        return self._share(self._query_figures(self._select_first_contact(date_from, date_to)))

    def _select_first_contact(self, date_from, date_to):
        """Business days from the receipt until the petitioner was told something else than that it was received."""
        told = SQL(
            """SELECT received.id, %(received_on)s, %(told_on)s
                 FROM (%(received)s) received
                 JOIN sig_pqrs c USING (id)
                 JOIN LATERAL (SELECT MIN(date) AS date FROM sig_pqrs_communication
                                WHERE pqrs_id = c.id AND direction = 'out' AND state IN ('sent', 'delivered')
                                  AND purpose != 'acknowledgement') first ON first.date IS NOT NULL""",
            received_on=self._get_local_date(SQL("c.date_received")),
            told_on=self._get_local_date(SQL("first.date")),
            received=self._select_received(date_from, date_to),
        )
        self._flush_figures()
        rows = self.env.execute_query(told)
        calendar = self.env.company._sig_calendar(date_from, date_to, *(day for row in rows for day in row[1:]))
        days = [calendar.count(received_on, told_on) for _id, received_on, told_on in rows]
        return SQL(
            "SELECT *, NULL::int AS answer_id, 1 AS den FROM unnest(%s::int[], %s::int[]) contact(id, num)",
            [row[0] for row in rows],
            days,
        )


class PublicFigures(models.AbstractModel):
    _inherit = "sig.public.figures"

    def _get_names(self):
        return {**super()._get_names(), "first_contact": self.env._("Mean time to the first contact")}


class IndicatorsInput(models.Model):
    _inherit = "sig.management.section"

    def _get_indicator_card(self, indicator, row, before):
        card = super()._get_indicator_card(indicator, row, before)
        return {**card, "key": card["key"] or indicator.kind == "first_contact"}
