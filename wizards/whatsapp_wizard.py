from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.channel.pqrs_intake import TEXTS
from .dialog import PROPOSED

#: newest messages among which the first of the petition is chosen
SHOWN = 500


class WhatsAppWizard(models.TransientModel):
    """An exported chat becomes a case, or comes in a case that exists."""

    _name = "sig.whatsapp.wizard"
    _description = "Chat of WhatsApp"
    _inherit = ["sig.output.mixin"]

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS")
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    file = fields.Binary("Exported chat")
    filename = fields.Char()
    line_ids = fields.One2many("sig.whatsapp.wizard.line", "wizard_id", "Messages", readonly=True)
    line_id = fields.Many2one(
        "sig.whatsapp.wizard.line",
        "First message",
        domain="[('wizard_id', '=', id)]",
        help="The first of the petition: who wrote it is the petitioner, and it was received then.",
    )
    type_id = fields.Many2one(
        "sig.pqrs.type",
        default=lambda self: self.env["sig.pqrs.type"]._get_fallback(self.env.company, "peticion", False),
    )
    subject = fields.Char()
    partner_id = fields.Many2one("res.partner", "Petitioner")
    partner_name = fields.Char("Name", compute="_compute_author", **PROPOSED)
    phone = fields.Char(compute="_compute_author", **PROPOSED)
    email_from = fields.Char("Email")

    @api.depends("pqrs_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.pqrs_id.company_id or self.env.company

    @api.depends("line_id")
    def _compute_author(self):
        """WhatsApp names who is no contact of the telephone by their number."""
        for wizard in self:
            author = wizard.line_id.author or ""
            is_number = author.startswith("+")
            wizard.partner_name = not is_number and author
            wizard.phone = is_number and author

    def action_read(self):
        self.ensure_one()
        Part, company = self.env["sig.whatsapp.part"], self.company_id
        chat = self._read_chat()
        found = Part._filter_new(chat, company)
        # The file is named after who is written with.
        named = {each.author for each in chat.messages if each.author in f"{self.filename} {chat.export.name}"}
        theirs = [each for each in found if not named or each.author in named]
        if not theirs:
            raise UserError(self.env._("All the messages of this chat are in a case already."))
        self.line_ids.unlink()
        lines = self.line_ids.create(
            [
                {
                    "wizard_id": self.id,
                    "line": message.line,
                    "date": company._sig_utc(message.date),
                    "author": message.author,
                    "text": message.text or ", ".join(message.files),
                }
                for message in found[-SHOWN:]
            ]
        )
        self.line_id = lines.filtered(lambda line: line.line >= theirs[0].line)[0]
        return self._get_records_action(target="new", name=self.env._("Chat of WhatsApp"), context={})

    def _read_chat(self):
        return self.env["sig.whatsapp.part"]._read(
            self.filename, self.with_context(bin_size=False).file, self.company_id
        )

    def action_confirm(self):
        self.ensure_one()
        Part, company, case = self.env["sig.whatsapp.part"], self.company_id, self.pqrs_id
        chat = self._read_chat()
        chosen = self.line_id.filtered(lambda line: line.wizard_id == self).mapped("line")
        first = next((each for each in chat.messages if each.line in chosen), None)
        if not first:
            raise UserError(self.env._("Choose the first message of the petition."))
        new = [each for each in Part._filter_new(chat, company) if each.line >= first.line]
        if not any(each.author == first.author for each in new):
            raise UserError(self.env._("All the messages of this chat are in a case already."))
        taken = {each.line for each in new}
        messages = [
            each
            for each, parts in chat.messages.items()
            if each.line in taken or (not parts and each.line > new[0].line)
        ]
        text = Part._describe(chat, messages, first.author)
        limit = TEXTS["description"].length
        if len(text) > limit:
            text = f"{text[:limit]}… {self.env._('(it goes on in the exported chat)')}"
        uploads = Part._get_uploads(chat, messages)
        files = self.env["sig.upload"]._prepare_attachments(uploads)
        received = company._sig_utc(first.date)
        if case:
            self._attach(text, files, received)
        else:
            case = self._file(text, files, received)
        Part._keep(case, chat, messages)
        self.file = False
        self.line_ids.unlink()
        return case._get_records_action(context={})

    def _attach(self, text, files, received):
        case = self.pqrs_id
        case.check_access("write")
        if case.anonymous or case.anonymized_on:
            raise UserError(self.env._("%s has no petitioner who could have written: file a new case.", case.name))
        Communication = self.env["sig.pqrs.communication"].sudo()
        Communication._receive(case.sudo(), "petitioner", "whatsapp", text, files, received)

    def _file(self, text, files, received):
        if not self.subject:
            raise UserError(self.env._("Say in a few words what it is about."))
        known = ("partner_id", "phone", "email_from") if self.partner_id else ("partner_name", "phone", "email_from")
        values = {
            **{name: self._fields[name].convert_to_write(self[name], self) for name in known if self[name]},
            "company_id": self.company_id.id,
            "type_id": self.type_id.id,
            "subject": self.subject,
            "channel": "whatsapp",
            "date_received": received,
            "description": text,
            "attachment_ids": [Command.create({**vals, "res_model": "sig.pqrs"}) for vals in files],
        }
        # pylint: disable-next=context-overridden
        Case = self.env["sig.pqrs"].with_context(tools.clean_context(self.env.context), image_no_postprocess=True)
        return Case.create(values).with_env(self.env)


class WhatsAppWizardLine(models.TransientModel):
    _name = "sig.whatsapp.wizard.line"
    _description = "Message of a Chat"
    _inherit = ["sig.output.mixin"]
    _order = "line"
    _rec_names_search = ["author", "text"]

    wizard_id = fields.Many2one("sig.whatsapp.wizard", required=True, ondelete="cascade")
    line = fields.Integer()
    date = fields.Datetime()
    author = fields.Char("Who wrote")
    text = fields.Text("Message")

    @api.depends("date", "author", "text")
    def _compute_display_name(self):
        for line in self:
            moment = line.date and line.wizard_id.company_id._sig_format_moment(line.date, brief=True)
            line.display_name = f"{moment} · {line.author}: {(line.text or '')[:60]}"
