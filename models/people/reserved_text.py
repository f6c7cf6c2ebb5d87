from odoo import api, fields, models, tools

#: what a content holds besides texts
PLACES = frozenset({"model", "res_id", "note_salt", "instead"})


class ReservedText(models.Model):
    """The SIG reads it, and may allow it to those who work on the case: then it is written back."""

    _name = "sig.pqrs.reserved.text"
    _description = "Text under Reserve of Identity"
    _inherit = ["sig.record.mixin"]
    _rec_names_search = ["identity_id.pqrs_id.name"]

    identity_id = fields.Many2one("sig.pqrs.identity", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="identity_id.company_id", store=True, precompute=True)
    model = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    res_id = fields.Integer(required=True, readonly=True, groups=fields.NO_ACCESS)
    content = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    name = fields.Char("Where", compute="_compute_text", compute_sudo=True)
    text = fields.Text(compute="_compute_text", compute_sudo=True)

    @api.depends("model", "res_id", "content")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            record = self.env[row.model].browse(row.res_id).exists()
            texts = [text for name, text in (row.content or {}).items() if name not in PLACES]
            if row.model == "mail.message":
                texts = [record.subject, record.body, *record.attachment_ids.mapped("name")]
                row.name = record.author_id.name or record.email_from
            elif row.model == "sig.pqrs.act":
                kinds = record._get_choices("kind")
                row.name = f"{record.number}. {kinds.get(record.kind, '')}"
            else:
                row.name = self.env["ir.model"]._get(row.model).name
            row.text = "\n".join(tools.html2plaintext(text).strip() for text in texts if text)

    @api.model
    def _store(self, identity, records, content):
        """Store texts that are removed from records: ``content``, if any, is written back on each."""
        return self.sudo().create(
            [
                {"identity_id": identity.id, "model": records._name, "res_id": record.id, "content": content}
                for record in records
                if content
            ]
        )

    def _get_written(self, record, name):
        """What was written in a field of a record, which shows something else until it is allowed."""
        waiting = self.filtered(
            lambda text: (text.model, text.res_id) == (record._name, record.id) and name in text.content
        )
        return waiting[-1:].content[name] if waiting and record[name] else record[name]

    def action_allow(self):
        self.check_access("read")
        texts_sudo = self.sudo()
        for identity, texts in texts_sudo.grouped("identity_id").items():
            body = self.env._("Allowed to those who work on the case: %s", ", ".join(texts.mapped("name")))
            identity._message_log(body=body, author_id=self.env.user.partner_id.id)
        texts_sudo._restore()
        return True

    def _restore(self):
        for text in self:
            record = self.env[text.model].browse(text.res_id).exists()
            content = dict(text.content)
            instead = content.pop("instead", None)
            if text.model == "sig.pqrs.act":
                record._restore_note(**content)
            elif text.model == "sig.pqrs":
                # after what the SIG wrote meanwhile
                written = {name: record[name] for name in content if record[name] not in (False, instead)}
                record.write(
                    {name: "\n\n".join([*filter(None, [written.get(name)]), content[name]]) for name in content}
                )
            else:
                record.write(content)
            if text.model == "mail.message":
                files = record.attachment_ids.filtered(lambda file: file.res_model == "sig.pqrs.identity")
                (files - text.identity_id.attachment_ids).write({"res_model": record.model, "res_id": record.res_id})
        self.unlink()
