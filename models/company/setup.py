from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval


class Step(NamedTuple):
    """A step of the set-up.

    :param group: external id of the group without which a user cannot take it: Odoo's own settings are not of the SIG.
    :param optional: the set-up is complete without it.
    """

    key: str
    title: str
    text: str
    group: str = "sig_pqrs.group_administrator"
    optional: bool = False


class Setup(models.AbstractModel):
    """What a company sets up before its first case: the panel that administrators see over their day.

    Nobody ticks a step: it is done when the data of the company say so. Another addon adds one by an entry of
    `_get_steps` and two methods that take the company, as superuser: ``_is_<key>_done``; and ``_open_<key>``, which
    gives the action of the screen where it is done.
    """

    _name = "sig.setup"
    _description = "Set-up of a Company"

    # -- The panel --------------------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_panel(self):
        """The steps of the current company, in order.

        :return: ``{"company": str, "shown": bool, "done": int, "total": int, "steps": [dict]}``, optional steps not
            counted; each step has ``key title text optional done allowed``.
        :raises AccessError: for who is not an administrator of the SIG.
        """
        company = self._get_company()
        steps = [
            {
                "key": step.key,
                "title": step.title,
                "text": step.text,
                "optional": step.optional,
                "done": bool(getattr(self, f"_is_{step.key}_done")(company)),
                "allowed": self.env.user.has_group(step.group),
            }
            for step in self._get_steps()
        ]
        needed = [step["done"] for step in steps if not step["optional"]]
        return {
            "company": company.name,
            "shown": company.sig_setup_shown,
            "done": sum(needed),
            "total": len(needed),
            "steps": steps,
        }

    @api.model
    def action_open_step(self, key):
        """The screen where a step is done.

        :param str key: of `get_panel`.
        :raises UserError: for a step that there is not, or that the user cannot take.
        """
        company = self._get_company()
        step = next((step for step in self._get_steps() if step.key == key), None)
        if not step:
            raise UserError(self.env._("There is no such step."))
        if not self.env.user.has_group(step.group):
            raise UserError(self.env._("“%s” is done by whoever administers Odoo.", step.title))
        return getattr(self, f"_open_{key}")(company)

    @api.model
    def action_show(self, shown=True):
        """Show the panel to the administrators of the current company, or hide it."""
        self._get_company().sig_setup_shown = bool(shown)
        return True

    @api.model
    def _is_shown(self):
        """Whether the day of the current user begins with the panel."""
        return self.env.user.has_group("sig_pqrs.group_administrator") and self.env.company.sudo().sig_setup_shown

    @api.model
    def _get_company(self):
        """The current company, as superuser, for its administrators alone."""
        if not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("The set-up is for administrators of the SIG."))
        return self.env.company.sudo()

    # -- The steps --------------------------------------------------------------------------------------------------

    @api.model
    def _get_steps(self):
        """The steps, in the order in which they are best taken."""
        return [
            Step(
                "company",
                self.env._("Company data"),
                self.env._("Tax number, address, phone and email: letters and the privacy notice say them."),
                "base.group_erp_manager",
            ),
            Step(
                "direction",
                self.env._("SIG director and service mailbox"),
                self.env._("Who receives what waits for the SIG, and the mailbox that gets a copy of every answer."),
                "base.group_system",
            ),
            Step(
                "processes",
                self.env._("Processes and leaders"),
                self.env._("Each process, with who approves its answers."),
            ),
            Step(
                "mail_out",
                self.env._("Outgoing mail"),
                self.env._("The server by which acknowledgements and answers leave."),
                "base.group_system",
            ),
            Step(
                "mail_in",
                self.env._("Mail that becomes cases"),
                self.env._("The mail domain, and the server that brings in what clients write."),
                "base.group_system",
            ),
            Step(
                "website",
                self.env._("PQRS button on the website"),
                self.env._("The address of the website, and its button or menu that leads to the PQRS."),
                "base.group_system",
            ),
            Step(
                "documents",
                self.env._("Codes of the formats"),
                self.env._("Confirm code, version and positions, and issue them."),
            ),
            Step(
                "targets",
                self.env._("Targets of the indicators"),
                self.env._("Those that top management set, confirmed."),
            ),
            Step(
                "notice",
                self.env._("Privacy notice"),
                self.env._("Your own version, published: the one that is shipped is an example."),
            ),
            Step(
                "live",
                self.env._("Receive PQRS"),
                self.env._("Switch the company on: until then it has no mailbox and no page where PQRS are filed."),
                "base.group_system",
            ),
            Step(
                "history",
                self.env._("Cases of the past"),
                self.env._("Import the register that you kept until today, with its numbers and dates."),
                optional=True,
            ),
        ]

    @api.model
    def _is_company_done(self, company):
        return all(company[name] for name in ("vat", "street", "city", "phone", "email"))

    @api.model
    def _open_company(self, company):
        return company._get_records_action(context={})

    @api.model
    def _is_direction_done(self, company):
        return company.sig_director_id.active and company.sig_service_email

    @api.model
    def _open_direction(self, _company):
        return self._open("sig_pqrs.action_settings")

    @api.model
    def _is_processes_done(self, company):
        processes = self.env["sig.process"].sudo().search_fetch([("company_id", "=", company.id)], ["leader_id"])
        return processes and all(process.leader_id.active for process in processes)

    @api.model
    def _open_processes(self, _company):
        return self._open("sig_pqrs.action_process")

    @api.model
    def _is_mail_out_done(self, company):
        """There is a server that takes mail of the service mailbox, or of the address for which the domain writes."""
        Server = self.env["ir.mail_server"].sudo()
        filters = Server.search(Server._find_mail_server_allowed_domain()).mapped("from_filter")
        if tools.config["smtp_server"] not in (False, "", "localhost"):
            filters.append(Server._get_default_from_filter())
        senders = (company._sig_get_contact_email(), company.alias_domain_id.default_from_email)
        return any(
            not wanted or (sender and Server._match_from_filter(sender, wanted))
            for wanted in filters
            for sender in senders
        )

    @api.model
    def _open_mail_out(self, _company):
        return self._open("base.action_ir_mail_server_list")

    @api.model
    def _is_mail_in_done(self, company):
        """Mail comes in by a server that was tried, or came already: by a pipe, which Odoo does not know of."""
        if not company.alias_domain_id:
            return False
        servers = self.env["fetchmail.server"].sudo().search([("state", "=", "done")])
        if servers.filtered(lambda server: self._is_mailbox_of(company, server)):
            return True
        return (
            self.env["sig.pqrs.mail"]
            .sudo()
            .search_count([("company_id", "=", company.id), ("direction", "=", "in")], limit=1)
        )

    @api.model
    def _is_mailbox_of(self, company, server):
        """Whether a server fetches a mailbox of the company.

        One that makes cases of what it fetches, and whose mailbox is of no company, makes them for the company of the
        user of its job.
        """
        mailbox = tools.email_normalize(server.user or "")
        if mailbox in company._sig_get_own_addresses():
            return True
        others = self.env["res.company"].sudo().search([("id", "!=", company.id)])
        if server.object_id.model != "sig.pqrs" or any(mailbox in other._sig_get_own_addresses() for other in others):
            return False
        job = self.env.ref("mail.ir_cron_mail_gateway_action", raise_if_not_found=False)
        return bool(job) and job.sudo().user_id.company_id == company

    @api.model
    def _open_mail_in(self, company):
        """Whatever is missing first."""
        if not self.env["mail.alias.domain"].sudo().search_count([], limit=1):
            return self._open("mail.mail_alias_domain_action")
        if not company.alias_domain_id:
            return self._open("base_setup.action_general_configuration")
        return self._open("mail.action_email_server_tree", default_object_id=self.env["ir.model"]._get_id("sig.pqrs"))

    @api.model
    def _is_website_done(self, company):
        websites = (
            self.env["website"]
            .sudo()
            .search([("company_id", "=", company.id), ("domain", "!=", False), ("sig_pqrs_active", "=", True)])
        )
        return websites.filtered("sig_pqrs_button") or self.env["website.menu"].sudo().search_count(
            [("website_id", "in", websites.ids), ("url", "=", "/pqrs")], limit=1
        )

    @api.model
    def _open_website(self, company):
        website = self.env["website"].sudo().search([("company_id", "=", company.id)], limit=1)
        return self._open("website.action_website_configuration", website_id=website.id)

    @api.model
    def _is_documents_done(self, company):
        Document = self.env["sig.document"].sudo()
        documents = Document.search(Document._get_domain_of(company) & Domain("usage", "!=", False))
        return documents and all(documents.mapped("issued"))

    @api.model
    def _open_documents(self, _company):
        return self._open("sig_pqrs.action_document")

    @api.model
    def _is_targets_done(self, company):
        indicators = self.env["sig.indicator"]._get_for(company).filtered("has_target")
        return indicators and all(indicators.mapped("target_confirmed"))

    @api.model
    def _open_targets(self, _company):
        return {**self._open("sig_pqrs.action_indicator"), "views": [(False, "list"), (False, "form")]}

    @api.model
    def _is_notice_done(self, company):
        notice = self.env["sig.pqrs"]._get_privacy_notice(company)
        return notice and notice != self.env.ref("sig_pqrs.privacy_notice_1", raise_if_not_found=False)

    @api.model
    def _open_notice(self, _company):
        return self._open("sig_pqrs.action_privacy_notice")

    @api.model
    def _is_live_done(self, company):
        return company.sig_active

    @api.model
    def _open_live(self, _company):
        return self._open("sig_pqrs.action_settings")

    @api.model
    def _is_history_done(self, company):
        return (
            self.env["sig.pqrs"]
            .sudo()
            .search_count([("company_id", "=", company.id), ("import_source", "!=", False)], limit=1)
        )

    @api.model
    def _open_history(self, _company):
        return self._open("sig_pqrs.action_import_wizard")

    # -- Screens ----------------------------------------------------------------------------------------------------

    @api.model
    def _open(self, xmlid, **context):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        if context:
            action["context"] = {**safe_eval(action["context"] or "{}", {"uid": self.env.uid}), **context}
        return action


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_setup_shown = fields.Boolean(
        "Set-up steps", default=True, help="Administrators of the SIG see them over their day until they are hidden."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sig_setup_shown = fields.Boolean(related="company_id.sig_setup_shown", readonly=False)
