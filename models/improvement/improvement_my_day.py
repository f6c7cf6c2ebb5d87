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
        make, quiet = self._make_tile, {"quiet": True, "order": "date, id"}
        button = {"method": "action_open_month", "method_label": self.env._("Record the month")}
        measure = {"model": "sig.indicator.measure", "order": "date_from, id", "quiet": True, **button}
        waiting, found = [("state", "=", "open")], self.env._("Findings to analyse")
        today = company._sig_today().isoformat()
        over = [("state", "=", "draft"), ("is_breakdown", "=", False), ("date_to", "<", today)]
        late = list(self.env["sig.indicator.measure"]._get_unregistered_domain(company))
        return [
            make("findings", waiting, found, "warning", "sig.finding", **quiet),
            make("measures", over, self.env._("Indicators to confirm"), "warning", **measure),
            make("unregistered", late, self.env._("Not registered in QVO in time"), "danger", **measure),
        ]

    @api.model
    def _get_plan_tiles(self):
        own, today = ("user_id", "=", self.env.uid), self.env.company._sig_today().isoformat()
        make, plan = self._make_tile, {"model": "sig.action.plan", "quiet": True}
        mine = [own, ("state", "=", "open"), ("plan_state", "=", "in_progress")]
        unfinished = [own, ("state", "in", ("draft", "in_progress")), ("line_ids", "not any", [("state", "=", "open")])]
        directed = self.env.companies.filtered(lambda company: company._sig_get_director() == self.env.user)
        ours = ["&", ("verifier_id", "=", False), ("company_id", "in", directed.ids)]
        verified = ["|", ("verifier_id", "=", self.env.uid), *ours]
        to_verify = [("state", "=", "to_verify"), ("verification_date", "<=", today), *verified]
        activities = self.env._("My activities in action plans")
        finish = self.env._("My plans, to complete or to send to verification")
        return [
            make("plan_lines", mine, activities, "info", "sig.action.plan.line", quiet=True, rises=True),
            make("plans_to_finish", unfinished, finish, "warning", order="id", **plan),
            make("plans_to_verify", to_verify, self.env._("Effectiveness to verify"), "warning", **plan),
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
