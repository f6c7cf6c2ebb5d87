from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock


class PqrsPrivacy(models.Model):
    """Of a case, what its petitioner was told about personal data, and whether surveys are allowed."""

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
        help="By phone or in a visit, it was told; with a letter, it was handed over.",
    )
    survey_answer = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Allows surveys",
        compute="_compute_survey_answer",
        inverse="_inverse_survey_answer",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="What the petitioner answered when asked. Empty: not asked. Silence is no consent.",
    )

    notice_script = fields.Text(
        "Say it",
        compute="_compute_notice_script",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="What whoever calls or comes is told about personal data.",
    )

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_notice_script(self):
        for case in self:
            case.notice_script = case._get_told_notice().oral_text

    @api.depends("consent_ids.subject")
    def _compute_notice_told(self):
        for case in self:
            case.notice_told = "notice" in case.consent_ids.mapped("subject")

    @api.depends("consent_ids.decision")
    def _compute_survey_answer(self):
        for case in self:
            case.survey_answer = case._get_survey_answer()

    def _get_told_notice(self):
        """The privacy notice that its petitioner was told, or else the one in force, as superuser; in the language of
        the environment.
        """
        told = self.sudo().consent_ids.filtered(lambda consent: consent.subject == "notice").sorted("id")
        return told[:1].notice_id or self._get_privacy_notice(self.company_id)

    def _get_notice_url(self):
        """Address of the version that was told: what it says does not change when another one is published."""
        return self._get_page_url(f"/pqrs/privacy?version={self._get_told_notice().id}")

    def _is_notice_told(self):
        """Whether the notice was told, for whoever renders a template."""
        return self.sudo().notice_told

    def _inverse_notice_told(self):
        for case in self:
            told = "notice" in case.sudo().consent_ids.mapped("subject")
            if case.notice_told and not told:
                case._record_consent(True, how=case._get_telling(), moment=case._get_telling_moment())
            elif told and not case.notice_told:
                raise UserError(self.env._("That the notice was made known is on record, and stays."))

    def _inverse_survey_answer(self):
        for case in self:
            answer, known = case.survey_answer, case.sudo()._get_survey_answer()
            if answer and answer != known:
                case._record_consent(False, answer == "yes", case._get_telling(), moment=case._get_telling_moment())
            elif not answer and known:
                raise UserError(self.env._("What the petitioner answered is on record. Record the new answer."))

    def _get_survey_answer(self):
        """What the last record says: ``yes``, ``no``, or False."""
        decisions = self.consent_ids.filtered(lambda consent: consent.subject == "surveys").sorted("id")
        return bool(decisions) and ("yes" if decisions[-1].decision == "given" else "no")

    def _get_telling(self):
        """How the notice of this channel is told by whoever registers the case."""
        if self._is_oral():
            return "oral"
        by_form = self.channel in ("web", "portal", "api") and not self.sudo().act_ids
        return "form" if by_form else "written"

    def _get_telling_moment(self):
        """When it was told: with the petition, while that is being filed; now, later on."""
        return clock.now() if self.sudo().act_ids else self.date_received

    def _record_consent(self, notice, consent_surveys=None, how="form", version=None, moment=None):
        """Record what the petitioner was told of personal data, and what they answered about surveys.

        Of anonymous cases nothing is kept: they hold no personal data.

        :param bool notice: whether the privacy notice was read or told.
        :param consent_surveys: True or False as answered; None when not asked, or left open.
        :param str how: see `sig.privacy.consent`.
        :param version: the `sig.privacy.notice` that was shown; the one in force by default.
        :param datetime moment: when; now by default.
        :raises UserError: for an anonymous case.
        """
        self.ensure_one()
        if self.anonymous:
            raise UserError(self.env._("An anonymous case keeps no personal data: there is nothing to consent to."))
        self.env["sig.privacy.consent"]._record(
            self.company_id,
            notice,
            consent_surveys,
            how,
            version,
            [{"pqrs_id": self.id, "channel": self.channel}],
            moment or clock.now(),
        )

    def _client_answer_surveys(self, allows):
        """Allow surveys, or revoke that, as easily as it was allowed; of whoever is not anonymous.

        :param bool allows: what the client says now. Said again, nothing is recorded.
        """
        self._check_is_client()
        answer = "yes" if allows else "no"
        if self._get_client_survey_answer() is None or answer == self.sudo()._get_survey_answer():
            return
        self._with_system_user()._record_consent(False, allows)

    def _get_client_survey_answer(self):
        """``yes``, ``no``, empty when not asked; None when there is nothing to ask."""
        if self.anonymous or not self._get_privacy_notice(self.company_id):
            return None
        return self.sudo()._get_survey_answer() or ""

    def _on_petition_filed(self, petition):
        """Record the notice that was read on the form. A box of surveys left empty answers nothing."""
        result = super()._on_petition_filed(petition)
        if not self.anonymous and (petition.notice or petition.consent_surveys):
            version = self.env["sig.privacy.notice"]._find_published(self.company_id, petition.notice_id)
            self._record_consent(petition.notice, petition.consent_surveys or None, version=version)
        return result

    def _tell_privacy_notice(self, moments):
        """The mailed acknowledgement tells the privacy notice to those who did not know it.

        :param dict moments: ``{case: datetime}`` at which each mail left.
        """
        for case in self.filtered(lambda case: not case.anonymous and not case.notice_told):
            told = case.with_context(lang=case._get_letter_lang())
            told._record_consent(True, how="mail", moment=moments[case])


class AcknowledgementNotice(models.Model):
    _inherit = "sig.pqrs.communication"

    def _on_told(self, purpose, delivery):
        result = super()._on_told(purpose, delivery)
        if purpose == "acknowledgement" and not delivery:
            self.pqrs_id._tell_privacy_notice({each.pqrs_id: each.date for each in self})
        return result
