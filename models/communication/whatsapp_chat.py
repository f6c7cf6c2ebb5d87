import base64
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import whatsapp_chat
from ..channel.upload import MAX_FILE_MB, Upload

#: files of one petition, and their megabytes together: a person of ours exported the chat
MAX_FILES = 100
MAX_TOTAL_MB = 40

#: megabytes that are unpacked at most, with what is not accepted
MAX_READ_MB = 300
_MB = 1024 * 1024


class Chat(NamedTuple):
    """``messages`` with the digests of their parts; ``uploads`` are the accepted files, by name."""

    export: whatsapp_chat.Export
    messages: dict[whatsapp_chat.Message, list[str]]
    uploads: dict[str, Upload]


class WhatsAppPart(models.Model):
    """Part of a message of an exported chat that a case has: it comes in once, however the chat grows."""

    _name = "sig.whatsapp.part"
    _description = "Part of an Exported Chat"
    _inherit = ["sig.record.mixin"]
    _rec_name = "digest"

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    digest = fields.Char(readonly=True, help="Empty once the personal data of the case are erased.", exportable=False)

    _digest_unique = models.UniqueIndex("(company_id, digest)", "A message of this chat is in a case already.")

    @api.model
    def _read(self, name, file, company):
        """The `Chat` of an exported file, whose content is in base64."""
        try:
            export = whatsapp_chat.Export(name or "", base64.b64decode(file or b""))
            messages = whatsapp_chat.parse(export.text, company._sig_today())
            uploads = self._read_files(export, dict.fromkeys(each for message in messages for each in message.files))
        except whatsapp_chat.ChatError as error:
            raise UserError(self._get_refusal(error)) from error
        identified = whatsapp_chat.identify(messages, {each: upload.checksum for each, upload in uploads.items()})
        return Chat(export, dict(zip(messages, identified, strict=True)), uploads)

    def _read_files(self, export, names):
        Upload_, uploads, total, unpacked = self.env["sig.upload"], {}, 0, 0
        for name in names:
            content = export.extract(name, MAX_FILE_MB * _MB)
            unpacked += len(content)
            if unpacked > MAX_READ_MB * _MB:
                raise whatsapp_chat.ChatError("too_large")
            upload = Upload(Upload_._clean_name(name), content)
            if not content or Upload_._check_upload(upload):
                continue  # the text says that it did not come
            uploads[name], total = upload, total + len(content)
            if len(uploads) > MAX_FILES or total > MAX_TOTAL_MB * _MB:
                raise whatsapp_chat.ChatError("too_large")
        return uploads

    def _get_refusal(self, error):
        return {
            "too_large": self.env._(
                "The chat is too large: at most %(files)s files and %(limit)s MB. Export it without files, and attach "
                "those that matter.",
                files=MAX_FILES,
                limit=MAX_TOTAL_MB,
            ),
            "too_long": self.env._(
                "The chat has more than %s messages, which WhatsApp does not export at once. Export it again.",
                whatsapp_chat.MAX_MESSAGES,
            ),
            "unreadable": self.env._("This file cannot be read. Export the chat again."),
            "not_a_chat": self.env._("This is no exported chat: choose its .txt, or the .zip with its files."),
        }[error.args[0]]

    @api.model
    def _find_known(self, digests, company):
        known = self.sudo().search_fetch([("company_id", "=", company.id), ("digest", "in", list(digests))], ["digest"])
        return set(known.mapped("digest"))

    @api.model
    def _filter_new(self, chat, company):
        """The messages of which the company has no case yet; one without text or file, as it lost it, never is."""
        known = self._find_known({digest for parts in chat.messages.values() for digest in parts}, company)
        return [message for message, parts in chat.messages.items() if not known.issuperset(parts)]

    @api.model
    def _keep(self, case, chat, messages):
        digests = {digest for message in messages for digest in chat.messages[message]}
        digests -= self._find_known(digests, case.company_id)
        self.sudo().create([{"pqrs_id": case.id, "digest": digest} for digest in sorted(digests)])

    @api.model
    def _describe(self, chat, messages, petitioner):
        """The messages as a text; the petitioner is not named."""
        lines = []
        for message in messages:
            author = self.env._("Petitioner") if message.author == petitioner else message.author
            lines.append(f"{message.date:%d/%m/%Y %H:%M} · {author}: {message.text}".rstrip())
            for name in message.files:
                upload, lost = chat.uploads.get(name), self.env._("%s (it did not come, or is not accepted)", name)
                lines.append(f"📎 {upload.name if upload else lost}")
            if message.omitted:
                lines.append(f"📎 {self.env._('(file that was not exported)')}")
        return "\n".join(lines)

    @api.model
    def _get_uploads(self, chat, messages):
        """The text as it was exported, from the first of the messages on, and their files."""
        text = whatsapp_chat.cut(chat.export.text, messages[0].line)
        name = self.env["sig.upload"]._clean_name(chat.export.name or "chat.txt")
        names = dict.fromkeys(name for message in messages for name in message.files if name in chat.uploads)
        return [Upload(name, text), *(chat.uploads[name] for name in names)]
