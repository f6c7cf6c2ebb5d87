from odoo import api, fields, models

from ..choices import choices_of

#: what a case keeps of who asks, and gives away under reserve of identity
IDENTITY_FIELDS = (
    "partner_id",
    "partner_name",
    "email_from",
    "phone",
    "city",
    "person_type",
    "document_type",
    "document_number",
)


class PqrsIdentity(models.Model):
    """Who asks in a case under reserve of identity, and whatever names them: mails, letters, private annexes.

    It is kept apart from the case because rights on fields go by field, not by record: of what the case does not hold,
    no list, search, export, message or file of the case can tell. The SIG reads it; the steps of the case write it.
    """

    _name = "sig.pqrs.identity"
    _description = "Reserved Identity"
    _rec_names_search = ["pqrs_id"]
    _inherit = ["sig.petitioner.mixin", "sig.files.mixin", "mail.thread"]
    _order = "id desc"
    _primary_email = "email_from"
    _check_company_auto = True
    _mail_post_access = "read"
    _sig_keeps_messages = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    partner_id = fields.Many2one("res.partner", "Petitioner", readonly=True, index="btree_not_null")
    client_id = fields.Many2one("res.partner", readonly=True, help="When the client tells who asks.")
    partner_name = fields.Char("Name", readonly=True)
    email_from = fields.Char("Email", readonly=True)
    phone = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    person_type = fields.Selection(
        selection=choices_of("sig.pqrs", "person_type"),
        readonly=True,
    )
    document_type = fields.Selection(
        selection=choices_of("sig.pqrs", "document_type"),
        readonly=True,
    )
    document_number = fields.Char(readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_identity_attachment_rel",
        string="Private annexes",
        readonly=True,
        bypass_search_access=True,
    )
    text_ids = fields.One2many("sig.pqrs.reserved.text", "identity_id", "Texts to decide on", readonly=True)
    act_users = fields.Json(
        groups=fields.NO_ACCESS, help="Users of the acts that the petitioner took, by number of the act."
    )

    _pqrs_unique = models.Constraint("UNIQUE(pqrs_id)", "A case has one identity.")

    @api.depends("pqrs_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for identity in self:
            identity.display_name = self.env._("Identity of the petitioner of %s", identity.pqrs_id.sudo().name)

    @api.model
    def _store(self, cases, values):
        """Store the identities of cases, in the record that each has already if it was reserved before.

        :param dict values: ``{case: values of the identity}``.
        """
        values = {case.id: vals for case, vals in values.items()}
        self = self.sudo().with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        known = self.search([("pqrs_id", "in", list(values))])
        for identity in known:
            identity.write(values.pop(identity.pqrs_id.id))
        self.create([{"pqrs_id": case_id, **vals} for case_id, vals in values.items()])
        cases.sudo().invalidate_recordset(["identity_ids"])

    def action_allow_texts(self):
        """Let those who work on the case read all its texts."""
        return self.text_ids.action_allow()

    def _message_post_after_hook(self, message, msg_values):
        """What the petitioner answers here is heard by the case."""
        result = super()._message_post_after_hook(message, msg_values)
        self.pqrs_id._hear(message)
        return result

    def _message_receive_bounce(self, email, partner):
        """What comes back of a mail to the petitioner comes back to the case."""
        result = super()._message_receive_bounce(email, partner)
        self.sudo().pqrs_id._message_receive_bounce(email, partner)
        return result

    # -- What names the petitioner ----------------------------------------------------------------------------------

    def _take_messages(self, messages):
        """Take messages, with their mails, out of the thread where the processes read them.

        Who was told of them, besides the SIG, can no longer read them either.
        """
        self.ensure_one()
        others = (messages.partner_ids | messages.notification_ids.res_partner_id).filtered(
            lambda partner: not any(user.has_group("sig_pqrs.group_sig_director") for user in partner.user_ids)
        )
        messages.notification_ids.filtered(
            lambda notification: notification.res_partner_id in others and not notification.res_partner_id.partner_share
        ).unlink()
        messages.write(
            {
                "model": self._name,
                "res_id": self.id,
                "partner_ids": [fields.Command.unlink(partner.id) for partner in others if not partner.partner_share],
            }
        )

    def _take_attachments(self, attachments):
        """Take files; the links that were given for them open nothing any more."""
        attachments.write({"res_model": self._name, "res_id": self.id, "access_token": False})
