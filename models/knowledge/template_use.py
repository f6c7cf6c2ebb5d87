from odoo import api, fields, models

#: stars from which a petitioner is satisfied with the answer
SATISFIED = 4


class ResponseTemplate(models.Model):
    _inherit = "sig.response.template"

    use_count = fields.Integer(
        "Used", compute="_compute_use", help="Parts of answers that were given and began with it, of those you read."
    )
    rated_count = fields.Integer("Rated", compute="_compute_use")
    well_rated_count = fields.Integer("With 4 or 5 stars", compute="_compute_use")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_use(self):
        given = [("template_id", "in", self.ids), ("answer_id", "!=", False)]
        groups = self.env["sig.pqrs.assignment"]._read_group(
            given, ["template_id", "answer_id.rating_value"], ["__count"]
        )
        for template in self:
            stars = [(value, count) for used, value, count in groups if used == template]
            template.use_count = sum(count for _value, count in stars)
            template.rated_count = sum(count for value, count in stars if value)
            template.well_rated_count = sum(count for value, count in stars if value >= SATISFIED)
