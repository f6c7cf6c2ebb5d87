from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

#: states in which a client may still answer
OPEN = ("to_send", "sent", "failed", "started", "bounced", "wrong_contact")

#: of these, those in which the one to ask is known
TO_ASK = tuple(state for state in OPEN if state != "wrong_contact")

#: what the SIG edits of a client in a wave
EDITABLE = frozenset({"contact_id", "email", "phone", "channel", "interviewer_id"})


class SurveyRecipient(models.Model):
    """One client in a wave: whom we ask, how, and what became of it."""

    _name = "sig.survey.recipient"
    _description = "Surveyed Client"
    _inherit = ["sig.files.mixin", "mail.thread"]
    _order = "wave_id desc, partner_id, id"
    _rec_name = "partner_id"
    _primary_email = "email"
    _check_company_auto = True

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True, ondelete="restrict", index=True)
    wave_state = fields.Selection(related="wave_id.state", string="State of the wave", store=True, precompute=True)
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one("res.partner", "Client", required=True, readonly=True, ondelete="restrict", index=True)
    contact_id = fields.Many2one(
        "res.partner",
        "Respondent",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who answers for the client. Remembered for the next wave.",
    )
    email = fields.Char()
    phone = fields.Char()
    channel = fields.Selection(
        [("email", "Email"), ("visit", "Visit"), ("phone", "Phone")],
        required=True,
        default="email",
        help="Remembered for the next wave.",
    )
    interviewer_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=lambda self: [
            ("share", "=", False),
            (
                "all_group_ids",
                "in",
                self.env.ref("sig_pqrs.group_interviewer").ids + self.env.ref("sig_pqrs.group_sig_director").ids,
            ),
        ],
        help="Who visits or calls the client. Remembered for the next wave.",
    )
    state = fields.Selection(
        [
            ("to_send", "Waiting to be asked"),
            ("sent", "Sent"),
            ("failed", "Could not be sent"),
            ("started", "Started"),
            ("answered", "Has answered"),
            ("declined", "Does not take part"),
            ("bounced", "Mail returned"),
            ("wrong_contact", "Wrong contact"),
            ("excluded", "Left out"),
        ],
        required=True,
        default="to_send",
        readonly=True,
        index=True,
    )
    reason = fields.Char(readonly=True, help="Why the client was not asked, or does not answer.")
    user_input_id = fields.Many2one(
        "survey.user_input", "Answer", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    date_sent = fields.Datetime("Sent on", readonly=True)
    date_reminded = fields.Datetime("Last reminder", readonly=True)
    reminder_count = fields.Integer("Reminders", readonly=True)
    date_answered = fields.Datetime("Answered on", readonly=True)
    scan = fields.Binary("Scan of the paper", readonly=True, attachment=True)
    scan_name = fields.Char(readonly=True)
    city = fields.Char(readonly=True, help="As it was when the wave was launched.")
    industry_id = fields.Many2one(
        "res.partner.industry", "Client type", readonly=True, help="As it was when the wave was launched."
    )

    _wave_partner_unique = models.UniqueIndex("(wave_id, partner_id)", "The client is in the wave already.")

    # -- Who sets what ----------------------------------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            operation != "write" or self.env.su or field.name in EDITABLE or "sig_pqrs" not in field._modules
        )

    def _check_is_sig(self):
        if not self.env.su and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG runs the surveys."))
        self.check_access("write")

    def _check_is_open(self):
        """
        :raises UserError: for a client who answered, or of a wave that is not running.
        """
        for recipient in self.sudo():
            if recipient.wave_id.state != "running":
                raise UserError(self.env._("%s is not running.", recipient.wave_id.name))
            if recipient.state == "answered":
                raise UserError(self.env._("%s has answered already.", recipient.partner_id.display_name))

    def write(self, vals):
        edited = not self.env.su and EDITABLE & vals.keys()
        if edited:
            self._check_is_sig()
            self._check_is_open()
            respondents = {recipient: recipient.sudo()._get_respondent() for recipient in self}
        result = super().write(vals)
        if edited:
            others = self.filtered(lambda recipient: recipient.sudo()._get_respondent() != respondents[recipient])
            self._after_edit(edited, others)
        return result

    def _after_edit(self, names, others):
        """What the SIG changed of how a client is asked holds at once, and is remembered for the next wave.

        :param names: of the fields.
        :param others: the clients for which another person answers now.
        """
        others.sudo()._hand_over(names)
        self.sudo()._update_answers()
        self._remember(names)
        if "email" in names:
            self._redirect_mails()
        self._ask_again(names)

    def _remember(self, names):
        """What the SIG chose for a client in a wave is what the next one proposes."""
        remembered = {
            "channel": "sig_survey_channel",
            "interviewer_id": "sig_survey_interviewer_id",
            "contact_id": "sig_survey_contact_id",
        }
        for company, recipients in self.sudo().grouped("company_id").items():
            for name in names & remembered.keys():
                for value, theirs in recipients.grouped(name).items():
                    vals = {remembered[name]: value if name == "channel" else value.id}
                    theirs.partner_id.with_company(company).write(vals)

    @api.constrains("contact_id")
    def _check_contact(self):
        for recipient in self.sudo():
            contact = recipient.contact_id
            if contact and contact.commercial_partner_id != recipient.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(client)s.",
                        contact=contact.display_name,
                        client=recipient.partner_id.display_name,
                    )
                )

    def _check_allow_surveys(self):
        """
        :raises UserError: for clients who are not surveyed: they refused, or consent is asked for and not there.
        """
        for company, recipients in self.grouped("company_id").items():
            people = recipients.partner_id | recipients.contact_id
            decisions = self.env["sig.privacy.consent"]._get_survey_decisions(people, company)
            for recipient in recipients:
                if company._sig_get_survey_refusal(recipient.partner_id | recipient.contact_id, decisions):
                    name = recipient._get_respondent().display_name
                    raise UserError(self.env._("%s does not allow surveys. Record first that they do.", name))

    def _hand_over(self, names):
        """Another person answers, as superuser: at their own address, with a sheet and a link of their own.

        :param names: of the fields that were written with it, which stay as they were written.
        :raises UserError: for a person who is not surveyed.
        """
        self._check_allow_surveys()
        self._cancel_mails()
        for recipient in self:
            people = (recipient.contact_id, recipient.partner_id)
            for name in {"email", "phone"} - names:
                recipient[name] = next((person[name] for person in people if person[name]), False)
        self.user_input_id._sig_start_anew()
        self.write({"date_sent": False, "date_reminded": False, "reminder_count": 0, "reminding": False})
        asked = self.filtered(lambda recipient: recipient.state in OPEN)
        mute = asked.filtered(lambda recipient: recipient.channel == "email" and not recipient.email)
        mute.write({"state": "failed", "reason": self.env._("Has no email."), "queued": False})
        (asked - mute).write({"state": "to_send", "reason": False, "queued": True, "resend": True})
        self._trigger_queue()

    def _update_answers(self):
        """The answer sheet is of who answers now."""
        for recipient in self.filtered("user_input_id"):
            respondent = recipient._get_respondent()
            recipient.user_input_id.write(
                {"partner_id": respondent.id, "nickname": respondent.name, "email": recipient.email}
            )

    def _ask_again(self, names):
        """Whoever could not be reached is asked as it was corrected."""
        self_sudo = self.sudo()
        waiting = self_sudo.filtered(lambda recipient: recipient.state in ("failed", "bounced", "wrong_contact"))
        fixed = waiting.filtered(lambda recipient: recipient.email or recipient.channel != "email")
        if fixed and names & {"contact_id", "email", "channel"}:
            fixed.write({"state": "to_send", "reason": False, "queued": True})
            fixed._trigger_queue()
        entered = self_sudo.filtered(lambda recipient: recipient.state == "to_send" and recipient.channel == "email")
        if names & {"channel", "email"}:
            unaddressed = entered.filtered(lambda recipient: not recipient.email)
            unaddressed.write({"state": "failed", "reason": self.env._("Has no email.")})
            entered -= unaddressed
        entered = entered.filtered(lambda recipient: not recipient.date_sent)
        if "channel" in names and entered:
            entered.write({"queued": True})
            self._trigger_queue()

    # -- Who is asked -----------------------------------------------------------------------------------------------

    def _get_respondent(self):
        return self.contact_id or self.partner_id

    def _get_lang(self):
        """The language in which the client is written to."""
        return self._get_respondent().lang or self.company_id._sig_lang()
