from odoo import fields, models


class SurveyDimension(models.Model):
    """What a question measures: results are analysed by dimension (ISO 10004)."""

    _name = "sig.survey.dimension"
    _description = "Survey Dimension"
    _inherit = ["sig.shared.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stays the same from one survey to the next, so that they can be compared.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    process_ids = fields.Many2many("sig.process", string="Processes", check_company=True)
    origin_id = fields.Many2one("sig.survey.dimension")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another dimension has that code.")

    def _move_to_own(self, own):
        result = super()._move_to_own(own)
        surveys = self.env["survey.survey"].sudo().with_context(active_test=False)
        surveys.search([("sig_company_id", "=", own.company_id.id)])._sig_take_own_dimensions()
        return result

    def _get_processes(self, company):
        processes = self.sudo().process_ids.sorted()
        return processes.filtered(lambda process: process.active and process.company_id == company)
