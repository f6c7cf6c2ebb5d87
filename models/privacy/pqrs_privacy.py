from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock

#: what each decision answers
ANSWERS = {"given": "yes", "refused": "no", "revoked": "no"}


class PqrsPrivacy(models.Model):
    _inherit = "sig.pqrs"

    consent_ids = fields.One2many(
        "sig.privacy.consent", "pqrs_id", "Notice and consents", readonly=True, groups="sig_pqrs.group_sig_director"
    )
    notice_told = fields.Boolean(
        "The privacy notice was made known",
        compute="_compute_notice_told",
        inverse="_inverse_notice_told",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
    )
    survey_answer = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Allows surveys",
        compute="_compute_survey_answer",
        inverse="_inverse_survey_answer",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="What the contact answered last, here or elsewhere; “No” if their company refuses. Empty: not asked.",
    )

    notice_script = fields.Text(
        "Say it", compute="_compute_notice_script", compute_sudo=True, groups="sig_pqrs.group_sig_director"
    )

    @api.depends("company_id", "channel")
    @api.depends_context("lang")
    def _compute_notice_script(self):
        for case in self:
            case.notice_script = not case._origin and case._is_oral() and case._get_told_notice().oral_text

    @api.depends("consent_ids.subject")
    def _compute_notice_told(self):
        for case in self:
            case.notice_told = bool(case._get_consents("notice"))

    @api.depends("consent_ids.decision", "consent_ids.partner_id")
    def _compute_survey_answer(self):
        for case in self:
            case.survey_answer = case._get_survey_answers()[0]

    def _get_consents(self, subject):
        return self.sudo().consent_ids.filtered(lambda consent: consent.subject == subject).sorted("date, id")

    def _get_told_notice(self):
        """The notice of which the petitioner was told, or else the one in force; as superuser."""
        Notice = self.env["sig.privacy.notice"]
        return self._get_consents("notice")[:1].notice_id or Notice._get_current(self.company_id)

    def _get_notice_url(self):
        return self._get_page_url(self._get_told_notice()._get_path(self.company_id))

    def _is_notice_told(self):
        return self.sudo().notice_told

    def _inverse_notice_told(self):
        for case in self:
            consents = case._get_consents("notice")
            if case.notice_told and not consents:
                case._record_by_hand(True)
            elif consents and not case.notice_told:
                raise UserError(self.env._("That the notice was made known is on record, and stays."))

    def _inverse_survey_answer(self):
        for case in self:
            answer = case.survey_answer
            if answer and not case._has_survey_answer(answer):
                case._record_by_hand(False, answer == "yes")
            elif not answer and case._get_consents("surveys"):
                raise UserError(self.env._("What the petitioner answered is on record. Record the new answer."))

    def _get_survey_answers(self):
        """(as surveys obey it, of the contact alone): ``yes``, ``no`` or False; without contact, what was said here."""
        case = self._origin.sudo()
        contact = case.partner_id or case.identity_ids.partner_id
        client = contact.commercial_partner_id  # whose refusal is one for all of its people
        decisions = self.env["sig.privacy.consent"]._get_survey_decisions(contact | client, case.company_id)
        decision = decisions.get(contact.id) if contact else case._get_consents("surveys")[-1:].decision
        own, of_client = ANSWERS.get(decision, False), ANSWERS.get(decisions.get(client.id))
        return ("no" if of_client == "no" else own), own

    def _has_survey_answer(self, answer):
        """Whether that is what was said on this case, and the contact did not answer otherwise elsewhere."""
        return answer == self._get_client_survey_answer() == self._get_survey_answers()[1]

    def _record_by_hand(self, notice, consent_surveys=None):
        """Record what somebody of ours told or asked: with the petition while that is being filed, now later on."""
        is_filed = bool(self.sudo().act_ids)
        by_form = self.channel in ("web", "portal", "api") and not is_filed
        how = "oral" if self._is_oral() else "form" if by_form else "written"
        self._record_consent(notice, consent_surveys, how, moment=clock.now() if is_filed else self.date_received)

    def _record_consent(self, notice, consent_surveys=None, how="form", version=None, moment=None):
        """See `_record` of `sig.privacy.consent`. An anonymous case, which holds no personal data, is refused."""
        self.ensure_one()
        if self.anonymous:
            raise UserError(self.env._("An anonymous case keeps no personal data: there is nothing to consent to."))
        asked, moment = [{"pqrs_id": self.id, "channel": self.channel}], moment or clock.now()
        self.env["sig.privacy.consent"]._record(self.company_id, notice, consent_surveys, how, version, asked, moment)

    def _get_client_survey_answer(self):
        """``yes``, ``no``, empty when not asked on this case, None when there is nothing to ask."""
        if self.anonymous or not self.env["sig.privacy.notice"]._get_current(self.company_id):
            return None
        return ANSWERS.get(self._get_consents("surveys")[-1:].decision, "")

    def _tell_privacy_notice(self, moments):
        """The mailed acknowledgement, which left at ``moments``, tells the notice to who did not know it."""
        for case in self.filtered(lambda case: not case.anonymous and not case.notice_told):
            case.with_context(lang=case._get_lang())._record_consent(True, how="mail", moment=moments[case])
