from odoo import api, fields, models, tools
from odoo.fields import Domain

from ...tools import clean_text

#: options of a normal form, by which cases are searched
NORMAL = {"compute": "_compute_keys", "store": True, "precompute": True, "index": "btree_not_null", "exportable": False}


class PetitionerMixin(models.AbstractModel):
    """Normal forms of email and identity document, by which cases of a petitioner are found."""

    _name = "sig.petitioner.mixin"
    _description = "Petitioner"

    email_key = fields.Char(groups="sig_pqrs.group_sig_director", **NORMAL)
    document_key = fields.Char(groups="sig_pqrs.group_sig_director", **NORMAL)

    @api.depends("email_from", "document_number")
    def _compute_keys(self):
        for record in self:
            record.email_key = tools.email_normalize(record.email_from)
            record.document_key = clean_text.document_key(record.document_number or "") or False

    @api.model
    def _get_petitioner_domain(self, partners, mailboxes, documents):
        return (
            Domain("partner_id", "in", partners.ids)
            | Domain("email_key", "in", [mailbox for mailbox in mailboxes if mailbox])
            | Domain("document_key", "in", [document for document in documents if document])
        )
