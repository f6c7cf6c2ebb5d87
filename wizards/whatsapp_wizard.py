from datetime import date

from odoo import fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.channel.pqrs_intake import TEXTS


class WhatsAppWizard(models.TransientModel):
    """An exported chat becomes a case, or comes in a case that exists."""

    _name = "sig.whatsapp.wizard"
    _description = "Chat of WhatsApp"
    _inherit = ["sig.output.mixin"]

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS")
    file = fields.Binary("Exported chat")
    filename = fields.Char()
    date_from = fields.Date(
        "Messages since",
        help="The day of the petition: it was received with the first message of the petitioner since. In a case that "
        "exists, the day on which it was received, unless you say another.",
    )
    author = fields.Char(
        "Name in the chat", help="Who asks, as the chat names them. Empty: who is named in the name of the file."
    )
    type_id = fields.Many2one(
        "sig.pqrs.type",
        default=lambda self: self.env["sig.pqrs.type"]._get_fallback(self.env.company, "peticion", False),
    )
    subject = fields.Char()
    partner_id = fields.Many2one("res.partner", "Petitioner")
    partner_name = fields.Char("Name")
    phone = fields.Char()
    email_from = fields.Char("Email")

    def action_confirm(self):
        self.ensure_one()
        Part, case = self.env["sig.whatsapp.part"], self.pqrs_id
        company = case.company_id or self.env.company
        chat = Part._read(self.filename, self.with_context(bin_size=False).file, company)
        filed_on = case and company._sig_local_date(case.date_received)
        author, since = self._get_author(chat), self.date_from or filed_on or date.min
        new = [each for each in Part._filter_new(chat, company) if each.date.date() >= since]
        first = next((each for each in new if each.author == author), None)
        if not first:
            raise UserError(self.env._("%s wrote nothing in it since then that is not in a case already.", author))
        taken = {each.line for each in new if each.line >= first.line}
        messages = [
            each
            for each, parts in chat.messages.items()
            if each.line in taken or (not parts and each.line > first.line)
        ]
        text = Part._describe(chat, messages, author)
        limit = TEXTS["description"].length
        if len(text) > limit:
            text = f"{text[:limit]}… {self.env._('(it goes on in the exported chat)')}"
        files = self.env["sig.upload"]._prepare_attachments(Part._get_uploads(chat, messages))
        received = company._sig_utc(first.date)
        if case:
            self._attach(text, files, received)
        else:
            case = self._file(text, files, received, author)
        Part._keep(case, chat, messages)
        self.file = False
        return case._get_records_action(context={})

    def _get_author(self, chat):
        """The name that the chat gives to the petitioner; its file is named after who is written with."""
        authors = list(dict.fromkeys(message.author for message in chat.messages))
        title = f"{self.filename} {chat.export.name}"
        found = [each for each in authors if (each == self.author if self.author else each in title)]
        if len(found) != 1:
            raise UserError(self.env._("Write who asks, as the chat names them: %s", ", ".join(authors[:20])))
        return found[0]

    def _attach(self, text, files, received):
        case = self.pqrs_id
        case.check_access("write")
        if case.anonymous or case.anonymized_on:
            raise UserError(self.env._("%s has no petitioner who could have written: file a new case.", case.name))
        Communication = self.env["sig.pqrs.communication"].sudo()
        Communication._receive(case.sudo(), "petitioner", "whatsapp", text, files, received)

    def _file(self, text, files, received, author):
        if not self.subject:
            raise UserError(self.env._("Say in a few words what it is about."))
        is_number = author.startswith("+")  # who is no contact of the telephone
        petitioner = {
            "partner_id": self.partner_id.id,
            "partner_name": not self.partner_id and (self.partner_name or (not is_number and author)),
            "phone": self.phone or (is_number and author),
            "email_from": self.email_from,
        }
        values = {
            **{name: value for name, value in petitioner.items() if value},
            "company_id": self.env.company.id,
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
