from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..models.mixin.transitions import OPEN

#: rows of each list on the sheet; the rest are counted
SHOWN = 15

ANSWERED = ("answered_on_time", "answered_late")


class ClientSheet(models.TransientModel):
    """What to know of a client before a visit: the cases of the contact and of the people of its company.

    All is read with the rights of who asks: each sees in it the cases that they may read, and no others.
    """

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
        """Twelve months, this one included."""
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
        """The sheet in PDF."""
        self.ensure_one()
        return self.env.ref("sig_pqrs.report_client_sheet_action").report_action(self, config=False)

    def action_view_cases(self):
        """The cases behind the sheet."""
        self.ensure_one()
        return self.partner_id.action_view_sig_pqrs()

    # -- What the sheet says ----------------------------------------------------------------------------------------

    @property
    def _cases(self):
        """The model, in the client's time: months are those of the company."""
        return self.env["sig.pqrs"].with_context(tz=self.company_id._sig_zone().zone)

    def _get_domain(self):
        """The cases of the client, of any time."""
        return Domain(self.partner_id._get_sig_pqrs_domain()) & Domain("state", "not in", ("to_file", "cancelled"))

    def _get_period_domain(self):
        """Those received between the dates of the sheet."""
        company = self.company_id
        start, end = company._sig_midnight(self.date_from), company._sig_midnight(self.date_to + timedelta(days=1))
        return self._get_domain() & Domain("date_received", ">=", start) & Domain("date_received", "<", end)

    def _get_rated_domain(self):
        return self._get_period_domain() & Domain("rating_state", "=", "rated")

    def _get_open_domain(self):
        return self._get_domain() & Domain("state", "in", OPEN)

    def _get_figures(self):
        """``{name: value}`` of the period; ``on_time`` is a percentage, None when nothing was due."""
        states = dict(self._cases._read_group(self._get_period_domain(), ["deadline_state"], ["__count"]))
        answered = sum(states.get(state, 0) for state in ANSWERED)
        days = self._cases._read_group(
            self._get_period_domain() & Domain("deadline_state", "in", ANSWERED), [], ["response_days:avg"]
        )
        stars = self._cases._read_group(self._get_rated_domain(), [], ["rating_value:avg", "__count"])
        return {
            "received": sum(states.values()),
            "answered": answered,
            "on_time": self._get_on_time(states),
            "days": days[0][0] if answered else None,
            "open": self._cases.search_count(self._get_open_domain()),
            "overdue": self._cases.search_count(self._get_open_domain() & Domain("deadline_state", "=", "overdue")),
            "rating": stars[0][0] if stars[0][1] else None,
            "rated": stars[0][1],
        }

    @api.model
    def _get_on_time(self, states):
        """Percentage answered in time, of what was answered or is overdue; None when there is nothing of it."""
        due = sum(states.get(state, 0) for state in (*ANSWERED, "overdue"))
        return 100 * states.get("answered_on_time", 0) / due if due else None

    def _get_months(self):
        """Rows of the table of months: label, received, on time, late, open, stars."""
        counts, stars = {}, {}
        for month, state, count in self._cases._read_group(
            self._get_period_domain(), ["date_received:month", "deadline_state"], ["__count"]
        ):
            counts.setdefault((month.year, month.month), {})[state] = count
        for month, average in self._cases._read_group(
            self._get_rated_domain(), ["date_received:month"], ["rating_value:avg"]
        ):
            stars[month.year, month.month] = average
        rows = []
        month = self.date_from.replace(day=1)
        while month <= self.date_to:
            states = counts.get((month.year, month.month), {})
            rows.append(
                {
                    "label": tools.format_date(self.env, month, date_format="MMMM yyyy"),
                    "received": sum(states.values()),
                    "on_time": states.get("answered_on_time", 0),
                    "late": states.get("answered_late", 0),
                    "open": sum(count for state, count in states.items() if state not in (*ANSWERED, "not_applicable")),
                    "rating": stars.get((month.year, month.month)),
                }
            )
            month += relativedelta(months=1)
        return rows

    def _get_states(self):
        """Pairs of label and number of the cases of the period, in the order of their life."""
        labels = self._cases._fields["state"]._description_selection(self.env)
        counts = dict(self._cases._read_group(self._get_period_domain(), ["state"], ["__count"]))
        return [(label, counts[state]) for state, label in labels if counts.get(state)]

    def _get_open_cases(self):
        """What the client waits for, the most urgent first."""
        return self._cases.search(self._get_open_domain(), order="date_deadline, id", limit=SHOWN)

    def _get_repeated_reasons(self):
        """``(reason, number, last received)`` of what came more than once in the period."""
        return self._cases._read_group(
            self._get_period_domain() & Domain("reason_id", "!=", False),
            ["reason_id"],
            ["__count", "date_received:max"],
            having=[("__count", ">", 1)],
            order="__count DESC",
            limit=SHOWN,
        )

    def _get_ratings(self):
        """Rated cases of the period, the last first."""
        return self._cases.search(self._get_rated_domain(), order="date_answered desc, id desc", limit=SHOWN)

    def _get_last_contact(self):
        """``(moment, what it was)`` of the last time that the client wrote or was answered, of any time."""
        received, answered = self._cases._read_group(
            self._get_domain(), [], ["date_received:max", "date_answered:max"]
        )[0]
        moments = [(received, self.env._("PQRS received")), (answered, self.env._("Answer sent"))]
        return max((pair for pair in moments if pair[0]), default=(False, ""))

    def _get_commitments(self):
        """What was promised to the client and is not done, the most urgent first."""
        commitments = self._cases.env["sig.pqrs.commitment"].search(
            [("pqrs_id", "any", self._get_domain()), ("state", "=", "open")], order="date_due, id", limit=SHOWN
        )
        return [
            {
                "name": commitment.name,
                "case": commitment.pqrs_id.name,
                "user": commitment.user_id.name,
                "date": commitment.date_due,
                "overdue": commitment.deadline_state == "overdue",
            }
            for commitment in commitments
        ]

    def _get_contacts(self):
        """People of the client whom one may write or call."""
        partner = self.partner_id
        people = partner.child_ids.filtered(lambda child: child.type == "contact") if partner.is_company else partner
        return people[:SHOWN]

    def _format(self, number, digits=1):
        """A figure as the reader writes it, or a dash for none."""
        return "—" if number is None else formatLang(self.env, number, digits=digits)

    def _format_day(self, moment):
        if not moment:
            return "—"
        return tools.format_date(self.env, self.company_id._sig_date(moment), date_format="dd/MM/yyyy")
