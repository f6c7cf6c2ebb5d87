from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.privacy.person_data import Held
from .dialog import PROPOSED, get_shown

#: fields that say who it is
SOUGHT = ("partner_id", "email", "document_number")

#: what is chosen of what was found
CHOSEN = {"case_ids": "found_ids", "recipient_ids": "found_recipient_ids", "mail_ids": "found_mail_ids"}


class PersonWizard(models.TransientModel):
    _name = "sig.person.wizard"
    _description = "What Is Held on a Person"
    _inherit = ["sig.output.mixin"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact")
    email = fields.Char(compute="_compute_email", **PROPOSED)
    document_number = fields.Char("Document number")
    request_id = fields.Many2one(
        "sig.pqrs",
        "Query that it answers",
        domain="[('company_id', '=', company_id), ('type_id.personal_data', '=', True), ('anonymized_on', '=', False)]",
    )
    is_of_another = fields.Boolean("Of somebody else than who asks", compute="_compute_found")
    reason = fields.Text(
        "Why, and how the identity was checked",
        help="Without a claim or query: who asks, by which letter or mail, its date, and where it is kept.",
    )
    is_known = fields.Boolean(compute="_compute_found")
    found_ids = fields.Many2many("sig.pqrs", compute="_compute_found")
    case_ids = fields.Many2many("sig.pqrs", string="PQRS", compute="_compute_chosen", **PROPOSED)
    found_recipient_ids = fields.Many2many("sig.survey.recipient", compute="_compute_found")
    recipient_ids = fields.Many2many("sig.survey.recipient", string="Surveys", compute="_compute_chosen", **PROPOSED)
    shown = fields.Json()  # who was looked for, and what was found
    client_case_ids = fields.Many2many("sig.pqrs", string="PQRS of others", compute="_compute_found")
    found_mail_ids = fields.Many2many("sig.pqrs.mail", compute="_compute_found")
    mail_ids = fields.Many2many("sig.pqrs.mail", string="Mails not filed", compute="_compute_chosen", **PROPOSED)

    @api.depends("partner_id", "request_id")
    def _compute_email(self):
        for wizard in self:
            wizard.request_id.check_access("read")
            contact = wizard.request_id._get_contact() if wizard.request_id else None
            before = wizard.partner_id.browse((wizard.shown or {}).get("partner_id"))
            typed = wizard.email if wizard.email != before.email else False
            wizard.email = typed or wizard.partner_id.email or (contact and contact.mailbox)

    @api.onchange("request_id")
    def _onchange_request_id(self):
        self.request_id.check_access("read")
        if self.request_id and not self.partner_id and not self.document_number:
            contact = self.request_id._get_contact()
            self.partner_id = contact.partner
            self.document_number = contact.document_number

    def _get_person(self):
        return self.env["sig.person.data"]._get_person(self.partner_id, self.email, self.document_number)

    @api.depends("partner_id", "email", "document_number", "company_id", "request_id")
    def _compute_found(self):
        Data = self.env["sig.person.data"]
        for wizard in self:
            request = wizard.request_id
            request.check_access("read")
            try:
                person = wizard._get_person()
            except UserError:
                wizard.update(dict.fromkeys(("is_known", "is_of_another", "client_case_ids", *CHOSEN.values()), False))
                continue
            wizard.is_known = True
            wizard.is_of_another = request and not Data._is_petitioner(person, request)
            wizard.client_case_ids = Data._find_client_cases(wizard.company_id, person)
            wizard.update(dict(zip(CHOSEN.values(), Data._find_held(wizard.company_id, person), strict=True)))

    @api.depends(*CHOSEN.values())
    def _compute_chosen(self):
        """What was taken out stays out, until another person is looked for; more that is known makes no other one."""
        for wizard in self:
            kept, before, now = {name: wizard[name] for name in CHOSEN}, wizard.shown or {}, get_shown(wizard, SOUGHT)
            if wizard.is_known:
                is_same = all(before.get(name) in (None, False, now[name]) for name in SOUGHT)
                for name, found in CHOSEN.items():
                    taken_out = {*before.get(found, ())} - {*kept[name].ids} if is_same else ()
                    kept[name] = wizard[found].filtered(lambda record, out=taken_out: record._origin.id not in out)
                wizard.shown = {**now, **{found: wizard[found].ids for found in CHOSEN.values()}}
            wizard.update(kept)

    def _get_asked(self):
        self.ensure_one()
        held = Held(self.case_ids, self.recipient_ids, self.mail_ids)
        return (self._get_person(), held, self.request_id, self.reason)

    def action_simulate_erasing(self):
        runs = self.env["sig.anonymization"].with_company(self.company_id)
        return runs._simulate_request(*self._get_asked())._get_records_action(context={})

    def action_export(self):
        exports = self.env["sig.person.export"].with_company(self.company_id)
        return exports._make(*self._get_asked()).action_download()
