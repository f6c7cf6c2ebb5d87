from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .. import clock

#: days of one grant; a longer audit is granted again
MAXIMUM_DAYS = 366


class AuditAccess(models.Model):
    """Read-only access between two dates (ISO 9001, 9.2). It never changes but for being revoked, so that its history
    stays true. The record rules of auditors ask `_get_audited_company_ids` at every reading: it ends with its last day.
    """

    _name = "sig.audit.access"
    _description = "Access for an Audit"
    _inherit = ["sig.record.mixin"]
    _order = "date_to desc, id desc"
    _rec_name = "user_id"
    _sig_is_proof = True

    user_id = fields.Many2one(
        "res.users",
        "Auditor",
        required=True,
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    date_from = fields.Date("From", required=True, default=lambda self: self.env.company._sig_today())
    date_to = fields.Date("To", required=True)
    reason = fields.Char("Audit", required=True, help="Which audit it is for, and who asked for it.")
    granted_by_id = fields.Many2one(
        "res.users", "Given by", required=True, readonly=True, default=lambda self: self.env.user
    )
    revoked_on = fields.Datetime("Taken back on", readonly=True)
    revoked_by_id = fields.Many2one("res.users", "Taken back by", readonly=True)
    state = fields.Selection(
        [("upcoming", "To come"), ("current", "Current"), ("over", "Over"), ("revoked", "Taken back")],
        compute="_compute_state",
    )

    _dates = models.Constraint("CHECK (date_to >= date_from)", "The period ends before it begins.")

    @api.depends("date_from", "date_to", "revoked_on", "company_id")
    def _compute_state(self):
        for access in self:
            today = access.company_id._sig_today()
            if access.revoked_on:
                access.state = "revoked"
            elif not access.date_from or not access.date_to or access.date_from > today:
                access.state = "upcoming"
            else:
                access.state = "current" if access.date_to >= today else "over"

    @api.constrains("user_id", "company_id", "date_from", "date_to")
    def _check_grant(self):
        for access in self:
            access.company_id._sig_check_own(access.user_id)
            if (access.date_to - access.date_from).days >= MAXIMUM_DAYS:
                raise ValidationError(self.env._("An audit has access for %s days at most.", MAXIMUM_DAYS))
            if access.date_to < access.company_id._sig_today():
                raise ValidationError(self.env._("The last day of the access is over already."))

    @api.model_create_multi
    def create(self, vals_list):
        given = dict.fromkeys(("revoked_on", "revoked_by_id"), False) | {"granted_by_id": self.env.uid}
        accesses = super().create([vals | given for vals in vals_list])
        self.env.ref("sig_pqrs.group_auditor").sudo().user_ids = [Command.link(user.id) for user in accesses.user_id]
        self.env.registry.clear_cache()
        accesses.user_id._sig_propose_home()
        return accesses

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def action_revoke(self):
        self.browse().check_access("create")  # who gives access takes it back
        self.check_access("read")
        standing = self.filtered(lambda access: not access.revoked_on)
        standing.sudo().write({"revoked_on": clock.now(), "revoked_by_id": self.env.uid})
        return True

    @api.model
    def _get_audited_company_ids(self):
        """Sorted, by the local date of each. Without queries: record rules ask this at every reading."""
        standing = () if self.env.su else self._get_standing(self.env.uid)
        Company = self.env["res.company"].sudo()
        return sorted(
            {
                company_id
                for company_id, date_from, date_to in standing
                if date_from <= Company.browse(company_id)._sig_today() <= date_to
            }
        )

    @api.model
    def _may_make_files(self, companies):
        """Whether the user may print and pack cases of the companies: SIG, top management, who audits all today."""
        user = self.env.user
        if user.has_group("sig_pqrs.group_sig_director") or user.has_group("sig_pqrs.group_top_management"):
            return True
        audited = self._get_audited_company_ids()
        return bool(audited) and set(companies.ids) <= set(audited)

    @api.model
    @tools.ormcache("user_id")
    def _get_standing(self, user_id):
        """Tuple of ``(company id, first day, last day)`` of the grants of an auditor that were not revoked."""
        if not self.env["res.users"].browse(user_id).has_group("sig_pqrs.group_auditor"):
            return ()
        accesses = self.sudo().search([("user_id", "=", user_id), ("revoked_on", "=", False)])
        return tuple((access.company_id.id, access.date_from, access.date_to) for access in accesses)
