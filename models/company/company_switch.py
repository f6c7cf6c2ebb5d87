from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..mixin.transitions import RUNNING


class ResCompany(models.Model):
    """A switch of companies that receive PQRS, which needs a SIG director.

    Without it, the company has no mailbox and no page: no term runs in a case that nobody reads.
    """

    _inherit = "res.company"

    sig_active = fields.Boolean("Receives PQRS", copy=False, prefetch="sig_pqrs")

    @api.constrains("sig_active", "sig_director_id")
    def _check_sig_active(self):
        for company in self.filtered(lambda it: it.sig_active and not it._sig_filter_directed(it.sig_director_id)):
            text = self.env._(
                "%s receives PQRS, and somebody directs its SIG: name an active user of the company with the role "
                "of SIG director.",
                company.name,
            )
            raise ValidationError(text)

    @api.constrains("active")
    def _check_sig_worked_off(self):
        owed = Domain("state", "in", RUNNING) | Domain("next_duty", "!=", False) | Domain("to_notify", "!=", False)
        waiting = {
            "sig.pqrs": owed,
            "sig.pqrs.mail": [("state", "in", ("waiting", "failed"))],
            "sig.pqrs.commitment": [("state", "=", "open")],
            "sig.survey.wave": [("state", "=", "running")],
        }
        gone = self.filtered(lambda each: not each.active)
        waits = gone.filtered(lambda it: any(it._sig_has(model, domain) for model, domain in waiting.items()))
        for company in gone.filtered("sig_active") | waits:
            text = self.env._(
                "%s receives PQRS, or cases, notices, mail, commitments or a survey wait: first end all of that.",
                company.name,
            )
            raise ValidationError(text)

    @api.model_create_multi
    def create(self, vals_list):
        default = self.default_get(["sig_active"])  # cached, mostly; what was made would be read
        companies = super().create(vals_list)
        made = zip(companies, vals_list, strict=True)
        self.browse().union(*(company for company, vals in made if (default | vals).get("sig_active")))._sig_switch()
        return companies

    def write(self, vals):
        changed = self.filtered(lambda company: "sig_active" in vals and company.sig_active != bool(vals["sig_active"]))
        result = super().write(vals)
        changed._sig_switch()
        return result

    def _sig_open(self):
        self.sig_active = True
        self.env["website"].search([("company_id", "in", self.ids)]).sig_pqrs_active = True

    def _sig_switch(self):
        if not self:
            return
        self.env.registry.clear_cache()  # `_sig_get_active_ids`
        self.env.registry.clear_cache("templates")  # pages of websites have the button
        active = self.filtered("sig_active")
        active._sig_set_up()
        active._sig_start_rule()
        for company in (self - active).sudo():
            company.sig_alias_kept = company.sig_alias_name
            company.sig_alias_id.unlink()

    def _sig_start_rule(self):
        """Our rule that depends on time starts a job of core: the host has it once its first company receives PQRS."""
        companies = self.sudo()
        others = companies.search_count([("sig_active", "=", True), ("id", "not in", self.ids)], limit=1)
        rule = companies.env.ref("sig_pqrs.automation_overdue", raise_if_not_found=False)
        if self and rule and not others:
            rule.active = True

    @api.model
    @tools.ormcache("closed")
    def _sig_get_active_ids(self, closed=False):
        """Without queries: each mail of the host asks. Closed are those with a mailbox that receive no PQRS."""
        companies = self.sudo().with_context(active_test=True)  # not as the caller has it
        has_mailbox = Domain("sig_alias_kept", "!=", False) | Domain("sig_service_email", "!=", False)
        domain = Domain("sig_active", "=", not closed) & (has_mailbox if closed else Domain.TRUE)
        return tuple(companies.search(domain)._ids)

    def _sig_filter_directed(self, named=None):
        directors = self._sig_find_users("sig_pqrs.group_sig_director")
        return self & (directors & named if named else directors).company_ids.with_env(self.env)

    def _sig_filter_receiving(self):
        return self.filtered("sig_active")._sig_filter_directed()

    def _sig_has_cases(self):
        return self.sig_active or self._sig_has("sig.pqrs")

    def _sig_has(self, model, domain=()):
        return bool(self.env[model].sudo().search_count(Domain("company_id", "=", self.id) & Domain(domain), limit=1))

    def _sig_check_receives(self):
        own = self.sudo()
        if not own._sig_filter_receiving():
            text = self.env._("%s receives no PQRS here. Nothing was filed: write to it by another means.", own.name)
            raise UserError(text)
