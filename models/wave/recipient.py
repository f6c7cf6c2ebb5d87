from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools import clean_text
from .. import clock
from ..mixin.transitions import INTERVIEWER, SIG, Transition

#: states in which a client may still answer
OPEN = ("to_send", "sent", "failed", "started", "bounced", "wrong_contact")

#: of these, those in which the one to ask is known
TO_ASK = tuple(state for state in OPEN if state != "wrong_contact")

#: what the SIG edits of a client in a wave
EDITABLE = frozenset({"contact_id", "email", "phone", "channel", "interviewer_id"})

#: of these, what the contact keeps for the next wave, as ``sig_survey_…``
REMEMBERED = frozenset({"channel", "interviewer_id", "contact_id"})


def _while_running(states, *roles):
    return Transition(dict.fromkeys(states, roles), when=lambda recipient: recipient.wave_state == "running")


class SurveyRecipient(models.Model):
    _name = "sig.survey.recipient"
    _description = "Surveyed Client"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "sig.thread.mixin"]
    _order = "wave_id desc, partner_id, id"
    _rec_name = "partner_id"
    _primary_email = "email"
    _mail_post_access = "read"
    _sig_is_proof = True
    _editable_fields = EDITABLE
    _transitions = {
        "apply": _while_running(OPEN, SIG, INTERVIEWER),
        "transcribe": _while_running(OPEN, SIG, INTERVIEWER),
        "decline": _while_running(OPEN, SIG, INTERVIEWER),
        "wrong_contact": _while_running(TO_ASK, SIG, INTERVIEWER),
        "send": _while_running(OPEN, SIG),
        "edit": _while_running((*OPEN, "declined", "excluded"), SIG),
        "exclude": _while_running((*OPEN, "declined"), SIG),
        "restore": _while_running(("failed", "bounced", "wrong_contact", "declined", "excluded"), SIG),
    }

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True, ondelete="restrict", index=True)
    wave_state = fields.Selection(related="wave_id.state", string="State of the wave", store=True, precompute=True)
    date_end = fields.Date(related="wave_id.date_end")
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one("res.partner", "Client", required=True, readonly=True, ondelete="restrict", index=True)
    contact_id = fields.Many2one(
        "res.partner",
        "Respondent",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    email = fields.Char(help="Of this wave. For the next one, correct the contact too.")
    phone = fields.Char()
    channel = fields.Selection(
        [("email", "Email"), ("visit", "Visit"), ("phone", "Phone")], required=True, default="email"
    )
    interviewer_id = fields.Many2one(
        "res.users", index="btree_not_null", domain=lambda self: self._get_interviewer_domain()
    )
    state = fields.Selection(
        [
            ("to_send", "Waiting to be asked"),
            ("sent", "Sent"),
            ("failed", "Could not be asked"),
            ("started", "Started"),
            ("answered", "Has answered"),
            ("declined", "Does not take part"),
            ("bounced", "Mail returned"),
            ("wrong_contact", "Wrong contact"),
            ("excluded", "Left out"),
        ],
        default="to_send",
        index=True,
    )
    reason = fields.Char(readonly=True)
    user_input_id = fields.Many2one(
        "survey.user_input", "Answer", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    date_sent = fields.Datetime("Sent on", readonly=True)
    date_reminded = fields.Datetime("Last reminder", readonly=True)
    reminder_count = fields.Integer("Reminders", readonly=True)
    date_answered = fields.Datetime("Answered on", readonly=True)
    scan = fields.Binary("Scan of the paper", readonly=True, attachment=True)
    scan_name = fields.Char(readonly=True)
    street = fields.Char(related="partner_id.street")
    city = fields.Char(readonly=True)
    industry_id = fields.Many2one("res.partner.industry", "Client type", readonly=True)

    _wave_partner_unique = models.UniqueIndex("(wave_id, partner_id)", "Both were asked in one wave: they stay two.")

    @api.model
    def _get_interviewer_domain(self):
        groups = self.env.ref("sig_pqrs.group_interviewer") | self.env.ref("sig_pqrs.group_sig_director")
        return [("share", "=", False), ("all_group_ids", "in", groups.ids)]

    @api.constrains("interviewer_id")
    def _check_interviewer(self):
        for company, recipients in self.sudo().grouped("company_id").items():
            able = company._sig_filter_own(recipients.interviewer_id).filtered_domain(self._get_interviewer_domain())
            if unable := recipients.interviewer_id - able:
                args = {"user": unable[0].name, "company": company.name}
                text = self.env._("%(user)s needs the role of interviewer in %(company)s to apply surveys.", **args)
                raise ValidationError(text)

    def _get_transition_depends(self):
        return ["wave_state"]

    def _get_user_roles(self):
        roles = super()._get_user_roles()
        for recipient in self:
            if recipient._is_applied_by(self.env.user):
                roles[recipient].add(INTERVIEWER)
        return roles

    def _get_transition_refusal(self, name):
        if self.wave_state != "running":
            return self.env._("%s is not running.", self.sudo().wave_id.name)
        return super()._get_transition_refusal(name)

    def write(self, vals):
        if vals.get("state") == "declined":  # what is saved late undoes no refusal: who thinks again begins again
            self.user_input_id.filtered(lambda sheet: sheet.state == "in_progress").state = "new"
        names = not self.env.su and EDITABLE & vals.keys()
        if not names:
            return super().write(vals)
        recipients = self._check_transition("edit")
        before = {recipient: recipient._get_reach() for recipient in recipients}
        result = super().write(vals)
        moved = recipients.filtered(lambda recipient: recipient._get_respondent() != before[recipient][0])
        moved._hand_over(names)
        read = tools.email_normalize_all
        changed = (recipients - moved).filtered(lambda one: {*read(before[one][1] or "")} - {*read(one.email or "")})
        changed.filtered(lambda one: one.date_sent and not one.applied_by_id)._start_anew()
        recipients._update_answers()
        recipients._remember(names)
        recipients.filtered(lambda recipient: recipient._get_reach() != before[recipient])._ask_again()
        return result

    def _remember(self, names):
        for company, recipients in self.grouped("company_id").items():
            for name in names & REMEMBERED:
                for value, theirs in recipients.grouped(name).items():
                    vals = {f"sig_survey_{name}": value if name == "channel" else value.id}
                    theirs.partner_id.with_company(company).write(vals)

    def _get_refused(self):
        """``{recipient: why it is not asked}``, where client or respondent do not allow surveys."""
        refused = {}
        for company, recipients in self.grouped("company_id").items():
            people = recipients.partner_id | recipients.contact_id
            decisions = self.env["sig.privacy.consent"]._get_survey_decisions(people, company)
            for recipient in recipients:
                if reason := company._sig_get_survey_refusal(recipient.partner_id | recipient.contact_id, decisions):
                    refused[recipient] = reason
        return refused

    def _check_allow_surveys(self):
        for recipient in self._get_refused():
            name = recipient._get_respondent().display_name
            raise UserError(self.env._("%s does not allow surveys. Record first that they do.", name))

    def _leave_out_refused(self):
        """Who does not allow surveys is neither written to, called nor visited; who was asked counts as asked."""
        for company, recipients in self.grouped("company_id").items():
            refused = recipients._sig_in_language_of(company)._get_refused()
            left_out = recipients.filtered(lambda one, refused=refused: one in refused)
            left_out._cancel_mails()
            for reason, alike in left_out.grouped(refused.get).items():
                alike.write({"reason": reason, "queued": False})
                asked = alike.filtered(lambda one: one.date_sent or one.state == "started")
                asked.state = "declined"
                (alike - asked).state = "excluded"

    def _hand_over(self, names):
        """Another person answers, with their own sheet and link; fields that were written stay."""
        self._check_allow_surveys()
        mails = self.message_ids.filtered(lambda message: message.message_type in ("email", "email_outgoing"))
        mails._sig_as_step().unlink()  # who asks for their data is not found by them
        for recipient in self:
            for name in {"email", "phone"} - names:
                recipient[name] = recipient.contact_id[name] or recipient.partner_id[name]
            recipient._message_log(body=self.env._("Somebody else answers for the client."))
        self._start_anew()

    def _start_anew(self):
        """With another link: whoever has the one that was sent no longer answers."""
        self.user_input_id._sig_start_anew()
        self.write(dict.fromkeys(("date_sent", "date_reminded", "date_answered", "reminder_count", "reminding"), False))
        self.filtered(lambda recipient: recipient.state == "started").state = "to_send"

    def _update_answers(self):
        for recipient in self.filtered("user_input_id"):
            respondent = recipient._get_respondent()
            recipient.user_input_id.write(
                {"partner_id": respondent.id, "nickname": respondent.name, "email": recipient.email}
            )

    def _ask_again(self):
        """By the channel and at the address of now; mails that wait for another do not leave."""
        self._cancel_mails()
        asked = self.filtered(lambda recipient: recipient.state in OPEN)
        mute = asked.filtered(lambda recipient: recipient.channel == "email" and not recipient.email)
        mute.write({"state": "failed", "reason": self.env._("Has no email."), "queued": False})
        asked -= mute
        asked.filtered(lambda recipient: recipient.state == "bounced").date_sent = False
        asked.filtered(lambda recipient: recipient.state != "started").write({"state": "to_send", "reason": False})
        asked.write({"queued": True, "resend": True, "date_reminded": False})
        self._trigger_queue()

    def _get_reach(self):
        return self._get_respondent(), self.email, self.channel

    def _get_respondent(self):
        return self.contact_id or self.partner_id

    def _get_lang(self):
        return self._get_respondent().lang or self.company_id._sig_lang()

    def action_decline(self, reason):
        return self._take_step("decline", "declined", reason)

    def action_wrong_contact(self, reason):
        return self._take_step("wrong_contact", "wrong_contact", reason)

    def action_exclude(self, reason):
        return self._take_step("exclude", "excluded", reason)

    def action_restore(self):
        recipients = self._check_transition("restore")
        recipients._check_allow_surveys()
        for wave, theirs in recipients.grouped("wave_id").items():
            if asked := wave._get_asked_elsewhere(theirs.partner_id)[:1]:
                names = {"client": asked.partner_id.display_name, "wave": asked.wave_id.name}
                raise UserError(self.env._("%(client)s answers in “%(wave)s”, of the same semester.", **names))
            theirs.filtered(lambda recipient: recipient.state not in OPEN).state = "to_send"
        recipients._ask_again()
        return True

    def action_send(self):
        recipients = self._check_transition("send")
        if others := recipients.filtered(lambda recipient: recipient.channel != "email"):
            name = others[0].partner_id.display_name
            raise UserError(self.env._("%s is not asked by email: change the channel first.", name))
        recipients._check_allow_surveys()
        recipients._ask_again()
        return True

    def _take_step(self, step, state, reason):
        reason = self._require_text(reason)
        recipients = self._check_transition(step)
        recipients._cancel_mails()
        recipients.write({"state": state, "reason": reason[:500], "queued": False})
        return True

    def _decline_by_link(self, reason, never):
        """Decline while that is possible.

        :param never: the client refuses all surveys (Ley 1581 de 2012, art. 8e), whatever became of this one.
        """
        self.wave_id._hold_open()
        if "decline" in self.allowed_transitions:
            reason = clean_text.line(reason)[:500]
            own = self._sig_in_language_of(self.company_id).env
            self._take_step("decline", "declined", reason or own._("Declined by the link of the mail."))
        if never:
            people = [{"partner_id": self._get_respondent().id, "channel": "web"}]
            self.env["sig.privacy.consent"]._record(self.company_id, False, False, "form", None, people, clock.now())

    def _get_my_day_row(self, _tile):
        channel, state = (self._get_choices(name)[self[name]] for name in ("channel", "state"))
        return {"name": channel, "subject": self.partner_id.sudo().name, "state": state}

    def _get_format_answer(self):
        answered = self.state == "answered" and (
            self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director") or self.applied_by_id == self.env.user
        )
        return self.sudo().user_input_id if answered else None
