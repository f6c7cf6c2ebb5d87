from typing import NamedTuple

from odoo import api, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class Step(NamedTuple):
    """A step of the set-up.

    :param action: external id of the action of its screen; without one it is the form of the company.
    :param group: external id of the group that may take it.
    """

    key: str
    title: str
    text: str
    action: str = ""
    group: str = "sig_pqrs.group_administrator"


class Setup(models.AbstractModel):
    """The steps that set a company up, on a panel that administrators see.

    Data of the company tell which steps are done. Another addon adds a step by an entry of `_get_steps` and a method
    ``_is_<key>_done`` that takes the company, both as superuser.
    """

    _name = "sig.setup"
    _description = "Set-up of a Company"

    @api.model
    @api.readonly
    def get_panel(self):
        """
        :return: ``{"company": str, "shown": bool, "done": int, "total": int, "steps": [dict]}``; each step has
            ``key title text done allowed``.
        :raises AccessError: for users who are not administrators of the SIG.
        """
        company = self._get_company()
        steps = [
            {
                **{name: getattr(step, name) for name in ("key", "title", "text")},
                "done": bool(getattr(self.sudo(), f"_is_{step.key}_done")(company)),
                "allowed": self.env.user.has_group(step.group),
            }
            for step in self._get_steps()
        ]
        count = {"done": sum(step["done"] for step in steps), "total": len(steps)}
        return {"company": company.name, "shown": company.sig_setup_shown, "steps": steps, **count}

    @api.model
    def action_open_step(self, key):
        company = self._get_company()
        step = next((step for step in self._get_steps() if step.key == key), None)
        if not step:
            raise UserError(self.env._("There is no such step."))
        if not self.env.user.has_group(step.group):
            raise UserError(self.env._("“%s” is done by whoever administers Odoo.", step.title))
        if not step.action:
            return company._get_records_action(context={})
        return self.env["ir.actions.actions"]._for_xml_id(step.action)

    @api.model
    def action_show(self, shown=True):
        self._get_company().sig_setup_shown = bool(shown)
        return True

    def _is_shown(self):
        return self.env.user.has_group("sig_pqrs.group_administrator") and self.env.company.sudo().sig_setup_shown

    def _get_company(self):
        if not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("The set-up is for administrators of the SIG."))
        return self.env.company.sudo()

    def _get_steps(self):
        return [
            Step(
                "company",
                self.env._("Company data"),
                self.env._("Tax number, address, phone and email: letters and the privacy notice say them."),
                group="base.group_erp_manager",
            ),
            Step(
                "direction",
                self.env._("SIG director and service mailbox"),
                self.env._("Who receives what waits for the SIG, and the mailbox that gets a copy of every answer."),
                "sig_pqrs.action_settings",
                "base.group_system",
            ),
            Step(
                "processes",
                self.env._("Processes and leaders"),
                self.env._("Each process, with who approves its answers."),
                "sig_pqrs.action_process",
            ),
            Step(
                "mail_out",
                self.env._("Outgoing mail"),
                self.env._("The server by which acknowledgements and answers leave."),
                "base.action_ir_mail_server_list",
                "base.group_system",
            ),
            Step(
                "website",
                self.env._("PQRS button on the website"),
                self.env._("The address of the website, and its pages where PQRS are filed."),
                "website.action_website_configuration",
                "base.group_system",
            ),
            Step(
                "documents",
                self.env._("Codes of the formats"),
                self.env._("Confirm code, version and positions, and issue them."),
                "sig_pqrs.action_document",
            ),
            Step(
                "targets",
                self.env._("Targets of the indicators"),
                self.env._("Those that top management set, confirmed."),
                "sig_pqrs.action_indicator",
            ),
            Step(
                "notice",
                self.env._("Privacy notice"),
                self.env._("Your own version, published: the one that is shipped is an example."),
                "sig_pqrs.action_privacy_notice",
            ),
            Step(
                "live",
                self.env._("Receive PQRS"),
                self.env._("Switch the company on: until then it has no mailbox and no page where PQRS are filed."),
                "sig_pqrs.action_settings",
                "base.group_system",
            ),
            Step(
                "mail_in",
                self.env._("Mail that becomes cases"),
                self.env._("The mail domain, and the server that brings mail in: done once a mail came in."),
                "base_setup.action_general_configuration",
                "base.group_system",
            ),
        ]

    def _is_company_done(self, company):
        return all(company[name] for name in ("vat", "street", "city", "phone", "email"))

    def _is_direction_done(self, company):
        director = company.sig_director_id
        return company.sig_service_email and director and company._sig_filter_directed(director)

    def _is_processes_done(self, company):
        leaders = [process.leader_id for process in self.env["sig.process"].search([("company_id", "=", company.id)])]
        return leaders and all(leader._sig_filter_active("process_leader", company) for leader in leaders)

    def _is_mail_out_done(self, _company):
        Server = self.env["ir.mail_server"]
        by_configuration = tools.config["smtp_server"] not in (False, "", "localhost")
        return by_configuration or Server.search_count(Server._find_mail_server_allowed_domain(), limit=1)

    def _is_mail_in_done(self, company):
        incoming = [("company_id", "=", company.id), ("direction", "=", "in")]
        return company.alias_domain_id and self.env["sig.pqrs.mail"].search_count(incoming, limit=1)

    def _is_website_done(self, company):
        open_ = [("company_id", "=", company.id), ("domain", "!=", False), ("sig_pqrs_active", "=", True)]
        return self.env["website"].search_count(open_, limit=1)

    def _is_documents_done(self, company):
        Document = self.env["sig.document"]
        documents = Document.search(Document._get_domain_of(company) & Domain("usage", "!=", False))
        return documents and all(documents.mapped("issued"))

    def _is_targets_done(self, company):
        indicators = self.env["sig.indicator"]._get_for(company).filtered("has_target")
        return indicators and all(indicators.mapped("target_confirmed"))

    def _is_notice_done(self, company):
        notice = self.env["sig.privacy.notice"]._get_current(company)
        return notice and notice != self.env.ref("sig_pqrs.privacy_notice_1", raise_if_not_found=False)

    def _is_live_done(self, company):
        return company.sig_active
