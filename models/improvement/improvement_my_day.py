from functools import partial

from odoo import api, fields, models

from ..indicator.indicator import TONES


class ImprovementMyDay(models.AbstractModel):
    _inherit = "sig.my.day"

    @api.model
    def _get_my_day_tiles(self):
        tiles = super()._get_my_day_tiles()
        user = self.env.user
        if user.has_group("sig_pqrs.group_sig_director"):
            tiles += self._get_improvement_tiles()
        if user.has_group("sig_pqrs.group_collaborator"):
            tiles += self._get_plan_tiles()
        return tiles

    @api.model
    def _get_improvement_tiles(self):
        company = self.env.company
        findings = self._make_tile(
            *("findings", [("state", "=", "open")], self.env._("Findings to analyse"), "warning", "sig.finding"),
            order="date, id",
            quiet=True,
        )
        make_measure_tile = partial(
            self._make_tile,
            model="sig.indicator.measure",
            order="date_from, id",
            quiet=True,
            method="action_open_month",
            method_label=self.env._("Record the month"),
        )
        over = [
            ("state", "=", "draft"),
            ("is_breakdown", "=", False),
            ("date_to", "<", company._sig_today().isoformat()),
        ]
        late = list(self.env["sig.indicator.measure"]._get_unregistered_domain(company))
        return [
            findings,
            make_measure_tile("measures", over, self.env._("Indicators to confirm"), "warning"),
            make_measure_tile("unregistered", late, self.env._("Not registered in QVO in time"), "danger"),
        ]

    @api.model
    def _get_plan_tiles(self):
        own = ("user_id", "=", self.env.uid)
        make_plan_tile = partial(self._make_tile, model="sig.action.plan", quiet=True)
        unfinished = [own, ("state", "in", ("draft", "in_progress")), ("line_ids", "not any", [("state", "=", "open")])]
        directed = self.env.companies.filtered(lambda company: company._sig_get_director() == self.env.user)
        ours = ["&", ("verifier_id", "=", False), ("company_id", "in", directed.ids)]
        return [
            self._make_tile(
                "plan_lines",
                [own, ("state", "=", "open"), ("plan_state", "=", "in_progress")],
                self.env._("My activities in action plans"),
                "info",
                "sig.action.plan.line",
                quiet=True,
                rises=True,
            ),
            make_plan_tile(
                "plans_to_finish",
                unfinished,
                self.env._("My plans, to complete or to send to verification"),
                "warning",
                order="id",
            ),
            make_plan_tile(
                "plans_to_verify",
                [
                    ("state", "=", "to_verify"),
                    ("verification_date", "<=", self.env.company._sig_today().isoformat()),
                    *("|", ("verifier_id", "=", self.env.uid), *ours),
                ],
                self.env._("Effectiveness to verify"),
                "warning",
            ),
        ]


class MeasureMyDay(models.Model):
    _inherit = "sig.indicator.measure"

    @api.model
    def _get_my_day_fields(self):
        return ["indicator_id", "process_id", "date_from", "date_to", "value", "unit", "has_data", "status"]

    def _get_my_day_row(self, tile):
        return {
            "id": self.id,
            "name": self.value_text,
            "subject": " · ".join(filter(None, [self.indicator_id.name, self.process_id.name])),
            "date": fields.Date.to_string(self.date_to),
            "date_text": self.period_name,
            "state": dict(self._fields["status"]._description_selection(self.env))[self.status],
            "tone": TONES.get(self.status, "muted"),
            "urgent": False,
        }

    @api.model
    def action_open_month(self):
        return self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_indicator_month")
