import re
from itertools import chain, count

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools.mail_text import without_tag

DEFAULT_ALIAS = "servicioalcliente"

#: domains where anybody has an address
PUBLIC_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.es", "icloud.com", "live.com", "msn.com",
        "outlook.com", "outlook.es", "proton.me", "protonmail.com", "yahoo.com", "yahoo.com.co", "yahoo.es",
    }
)  # fmt: skip


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_alias_id = fields.Many2one("mail.alias", "PQRS alias", readonly=True, copy=False, prefetch="sig_pqrs")
    sig_alias_name = fields.Char(
        "PQRS mailbox", compute="_compute_sig_alias_name", inverse="_inverse_sig_alias_name", compute_sudo=True
    )
    sig_alias_kept = fields.Char("PQRS mailbox before it was closed", readonly=True, copy=False, prefetch="sig_pqrs")
    sig_trusted_relays = fields.Char("Own mail servers", prefetch="sig_pqrs")

    @api.depends("sig_alias_id.alias_name")
    def _compute_sig_alias_name(self):
        for company in self:
            company.sig_alias_name = company.sig_alias_id.alias_name

    def _inverse_sig_alias_name(self):
        for company in self.sudo():
            if company.sig_alias_id:
                company.sig_alias_id.alias_name = company.sig_alias_name
            elif company.sig_alias_name:
                if not company.sig_active:
                    raise UserError(self.env._("%s has a mailbox once it receives PQRS.", company.name))
                company._sig_create_alias(company.sig_alias_name)

    @api.constrains("sig_trusted_relays")
    def _check_sig_trusted_relays(self):
        for company in self:
            for name in company._sig_get_trusted_relays():
                if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", name):
                    raise ValidationError(self.env._("“%s” is not the name of a mail server.", name))

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"sig_alias_kept", "sig_service_email"}):
            self.env.registry.clear_cache()  # of `_sig_get_active_ids`
        if "alias_domain_id" in vals:
            for company in self.sudo().filtered("sig_alias_id"):
                name = company._sig_find_free_alias(company.sig_alias_name)
                company.sig_alias_id.write({"alias_domain_id": company.alias_domain_id.id, "alias_name": name})
        return result

    def _sig_set_up(self):
        result = super()._sig_set_up()
        for company in self.sudo().filtered(lambda company: company.sig_active and not company.sig_alias_id):
            company._sig_create_alias(company.sig_alias_kept or company._sig_get_default_alias())
        return result

    def _sig_get_default_alias(self):
        first = self.sudo().search([("alias_domain_id", "=", self.alias_domain_id.id)], order="id", limit=1)
        return DEFAULT_ALIAS if self == first else f"{DEFAULT_ALIAS}-{self.env['ir.http']._slugify(self.name)}"

    def _sig_create_alias(self, name):
        vals = {
            "alias_name": self._sig_find_free_alias(name),
            "alias_domain_id": self.alias_domain_id.id,
            "alias_model_id": self.env["ir.model"]._get_id("sig.pqrs"),
            "alias_defaults": repr({"company_id": self.id}),
            "alias_contact": "everyone",
        }
        self.sig_alias_id = self.env["mail.alias"].sudo().create(vals)

    def _sig_find_free_alias(self, name):
        Alias = self.env["mail.alias"].sudo()
        name = Alias._sanitize_alias_name(name)
        domain = self.alias_domain_id
        others = Alias.search([("alias_domain_id", "=", domain.id), ("id", "!=", self.sig_alias_id.id)])
        taken = {*others.mapped("alias_name"), domain.bounce_alias, domain.catchall_alias}
        candidates = chain([name], (f"{name}-{number}" for number in count(2)))
        if name and name in taken:
            text = self.env._("“%s” is another mailbox: that of PQRS gets a number behind its name.", name)
            self.env.user._bus_send("simple_notification", {"type": "warning", "sticky": True, "message": text})
        return name and next(candidate for candidate in candidates if candidate not in taken)

    @api.model
    def _sig_get_mailboxes(self, closed=False):
        """``{address: company}`` of aliases and service mailboxes; or of former aliases, of who receives no PQRS."""
        companies = self.sudo().browse(self._sig_get_active_ids(closed))
        mailboxes = {tools.email_normalize(company.sig_service_email): company for company in reversed(companies)}
        for company in companies.filtered("sig_alias_kept") if closed else ():
            mailboxes[f"{company.sig_alias_kept}@{company.alias_domain_id.name}"] = company
        mailboxes.pop(False, None)
        aliases = self.env["mail.alias"].sudo().search([("alias_full_name", "in", list(mailboxes))])
        for alias in aliases - companies.sig_alias_id:
            mailboxes.pop(alias.alias_full_name, None)
        for company in companies.filtered(lambda own: own.sig_alias_id.alias_domain_id and own.sig_alias_id.alias_name):
            mailboxes[company.sig_alias_id.alias_full_name] = company
        return mailboxes

    @api.model
    def _sig_find_by_recipients(self, addresses, closed=False):
        """The companies of the mailboxes among some addresses; ``mailbox+tag@domain`` is a mailbox too."""
        mailboxes = self._sig_get_mailboxes(closed)
        found = [mailboxes[key] for address in addresses for key in (address, without_tag(address)) if key in mailboxes]
        return self.sudo().union(*found).sorted("id")

    def _sig_get_own_addresses(self):
        addresses, domain = [self.sig_alias_id.alias_full_name, self.sig_service_email], self.alias_domain_id
        addresses += [domain.bounce_email, domain.catchall_email, domain.default_from_email]
        return set(filter(None, map(tools.email_normalize, addresses)))

    def _sig_get_trusted_relays(self):
        return [name.strip().lower().strip(".") for name in (self.sig_trusted_relays or "").split(",") if name.strip()]

    def _sig_get_mail_domains(self):
        addresses = [self.sig_alias_id.alias_full_name, self.sig_service_email]
        return {*filter(None, map(tools.email_domain_extract, addresses))} - PUBLIC_DOMAINS
