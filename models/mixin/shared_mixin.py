from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL


class SharedMixin(models.AbstractModel):
    """Configuration of a company, or of all without one. Models declare ``origin_id`` with themselves as comodel.

    Only users with all companies change shared records. Other companies make copies, which replace them there.
    """

    _name = "sig.shared.mixin"
    _description = "Of a Company or Shared"
    _inherit = ["sig.record.mixin"]

    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: False if self.env.user._sig_has_all_companies() else self.env.company.id,
        help="Empty: shared by all companies.",
    )
    origin_id = fields.Many2one(
        "sig.shared.mixin", "Copy of", readonly=True, copy=False, index="btree_not_null", check_company=True
    )
    is_foreign = fields.Boolean("Shared, and not the user's to change", compute="_compute_is_foreign")

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_is_foreign(self):
        has_all = self.env.user._sig_has_all_companies()
        for record in self:
            record.is_foreign = not has_all and not record.company_id and bool(record.id)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if result or operation == "read" or self.env.su or not self.ids:
            return result
        shared = self.filtered(lambda record: not record.sudo().company_id)
        if not shared or self.env.user._sig_has_all_companies():
            return None
        return shared, lambda: AccessError(
            self.env._(
                "“%s” is shared by all companies: who has all of them changes it. Use “Make a copy for my company”, "
                "and change the copy.",
                shared[:1].sudo().display_name,
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def action_copy_to_company(self):
        company = self.env.company
        for record in self.filtered(lambda record: not record.company_id):
            if record._get_own(company) == record:
                record._move_to_own(record._copy_for(company))
        return self._get_own(company)._get_records_action(context={})

    def _copy_for(self, company):
        return self.copy(self._get_copy_values(company))

    def _get_copy_values(self, company):
        values = {"company_id": company.id, "origin_id": self.id}
        for name, field in self._fields.items():
            if field.comodel_name == "sig.process":
                processes = self.sudo()[name].filtered(lambda process: process.company_id == company)
                values[name] = field.convert_to_write(processes, self)
        return values

    def _move_to_own(self, own):
        """Replace the shared record by its new copy in records of the company: both are equal still."""
        self.env.flush_all()
        for model in self.env.registry.values():
            if model._name == self._name or not model._auto or model._abstract or model._transient:
                continue
            company = model._fields.get("company_id")
            for field in model._fields.values() if company and company.store else ():
                if field.type == "many2one" and field.comodel_name == self._name and field.store:
                    table, column = SQL.identifier(model._table), SQL.identifier(field.name)
                    ours = SQL("%s = %s AND company_id = %s", column, self.id, own.company_id.id)
                    self.env.cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s", table, column, own.id, ours))
        self.env.invalidate_all()

    @api.model
    @tools.ormcache("company_id")
    def _get_own_ids(self, company_id):
        """``{id of shared record: id of the company's copy}``, archived copies too."""
        copies = self.sudo().with_context(active_test=False)
        copies = copies.search([("company_id", "=", company_id), ("origin_id", "!=", False)], order="id desc")
        return {own.origin_id.id: own.id for own in copies}

    def _get_own(self, company):
        own = self._get_own_ids(company.id)
        return self.browse([own.get(id_, id_) for id_ in self.ids])

    @api.model
    def _get_domain_of(self, company):
        """Records of a company: its own, and shared ones without a copy."""
        shared = Domain("company_id", "=", False) & Domain("id", "not in", list(self._get_own_ids(company.id)))
        return shared | Domain("company_id", "=", company.id)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Without shared records that all selected companies have copies of."""
        hidden = set.intersection(*(set(self._get_own_ids(company.id)) for company in self.env.companies))
        return super().name_search(name, Domain(domain or []) & Domain("id", "not in", list(hidden)), operator, limit)
