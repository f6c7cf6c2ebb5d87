from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..models.mixin.transitions import OPEN

#: rows of each list on the sheet
SHOWN = 15

ANSWERED = ("answered_on_time", "answered_late")


class ClientSheet(models.TransientModel):
    """Cases of a client and of the people of its company, for a visit; read with the rights of the user."""

    _name = "sig.client.sheet"
    _description = "Client Sheet"
    _inherit = ["sig.output.mixin"]
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Client", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    date_from = fields.Date("From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date("To", required=True, default=lambda self: self.env.company._sig_today())
    body = fields.Html(compute="_compute_body", sanitize=False)

    def _default_date_from(self):
        return self.env.company._sig_today().replace(day=1) - relativedelta(months=11)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for sheet in self:
            if not sheet.date_from <= sheet.date_to <= sheet.date_from + relativedelta(years=5):
                raise ValidationError(self.env._("The sheet covers up to five years, from one date to a later one."))

    @api.depends("partner_id", "date_from", "date_to")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_body(self):
        for sheet in self:
            dated = sheet.partner_id and sheet.date_from and sheet.date_to
            sheet.body = dated and self.env["ir.qweb"]._render("sig_pqrs.client_sheet_body", {"o": sheet})

    def action_print(self):
        self.ensure_one()
        return self.env.ref("sig_pqrs.report_client_sheet_action").report_action(self, config=False)

    def action_view_cases(self):
        self.ensure_one()
        return self.partner_id.action_view_sig_pqrs()

    def _get_domain(self):
        return Domain(self.partner_id._get_sig_pqrs_domain()) & Domain("state", "not in", ("to_file", "cancelled"))

    def _get_period_domain(self):
        company = self.company_id
        start, end = company._sig_midnight(self.date_from), company._sig_midnight(self.date_to + timedelta(days=1))
        return self._get_domain() & Domain("date_received", ">=", start) & Domain("date_received", "<", end)

    def _get_rated_domain(self):
        return self._get_period_domain() & Domain("rating_state", "=", "rated")

    def _get_figures(self):
        """:return: ``{name: value}`` of the period; ``on_time`` is a percentage, None when nothing was due."""
        Pqrs, is_open = self.env["sig.pqrs"], self._get_domain() & Domain("state", "in", OPEN)
        states = dict(Pqrs._read_group(self._get_period_domain(), ["deadline_state"], ["__count"]))
        answered = sum(states.get(state, 0) for state in ANSWERED)
        due = answered + states.get("overdue", 0)
        days = Pqrs._read_group(
            self._get_period_domain() & Domain("deadline_state", "in", ANSWERED), [], ["response_days:avg"]
        )
        stars = Pqrs._read_group(self._get_rated_domain(), [], ["rating_value:avg", "__count"])
        return {
            "received": sum(states.values()),
            "answered": answered,
            "on_time": 100 * states.get("answered_on_time", 0) / due if due else None,
            "days": days[0][0] if answered else None,
            "open": Pqrs.search_count(is_open),
            "overdue": Pqrs.search_count(is_open & Domain("deadline_state", "=", "overdue")),
            "rating": stars[0][0] if stars[0][1] else None,
            "rated": stars[0][1],
        }

    def _get_open_cases(self):
        is_open = self._get_domain() & Domain("state", "in", OPEN)
        return self.env["sig.pqrs"].search(is_open, order="date_deadline, id", limit=SHOWN)

    def _get_repeated_reasons(self):
        """:return: ``(reason, number, last received)`` of reasons with several cases in the period."""
        return self.env["sig.pqrs"]._read_group(
            self._get_period_domain() & Domain("reason_id", "!=", False),
            ["reason_id"],
            ["__count", "date_received:max"],
            having=[("__count", ">", 1)],
            order="__count DESC",
            limit=SHOWN,
        )

    def _get_ratings(self):
        return self.env["sig.pqrs"].search(self._get_rated_domain(), order="date_answered desc, id desc", limit=SHOWN)

    def _get_commitments(self):
        domain = [("pqrs_id", "any", self._get_domain()), ("state", "=", "open")]
        return self.env["sig.pqrs.commitment"].search(domain, order="date_due, id", limit=SHOWN)

    def _format(self, number, digits=1):
        return "—" if number is None else formatLang(self.env, number, digits=digits)
