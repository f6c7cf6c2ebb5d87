from odoo import fields, models


class ActivityMixin(models.AbstractModel):
    """Activities of records. What lists show of the next one is read once a request, and depends on nothing: core would
    look on each of our models for what to compute again, at every activity of the host.
    """

    _name = "sig.activity.mixin"
    _description = "Activities"
    _inherit = "mail.activity.mixin"

    activity_user_id = fields.Many2one(depends=())
    activity_type_id = fields.Many2one(depends=())
    activity_type_icon = fields.Char(depends=())
    activity_date_deadline = fields.Date(depends=())
    my_activity_date_deadline = fields.Date(depends=(), depends_context=("uid",))
    activity_summary = fields.Char(depends=())
    activity_exception_icon = fields.Char(depends=())

    def _without_activity(self, activity_type):
        return self - self.browse(self.sudo().activity_search([activity_type]).mapped("res_id"))

    def _close_other_activities(self, company, *types):
        """No other record of a company keeps activities of the types: what they said holds no more."""
        kinds = [self.env.ref(each).id for each in types]
        reminded = self.search([("company_id", "=", company.id), ("activity_ids.activity_type_id", "in", kinds)])
        (reminded - self).activity_unlink(types)
