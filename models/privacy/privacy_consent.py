from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from .. import clock
from ..choices import choices_of


class PrivacyConsent(models.Model):
    """Append-only proof that somebody was shown the privacy notice, or answered about surveys (Ley 1581 de 2012,
    art. 12). A revocation is one more record. The person is the petitioner of the case, as the SIG knows them today.
    """

    _name = "sig.privacy.consent"
    _description = "Privacy Consent"
    _inherit = ["sig.record.mixin"]
    _order = "id desc"
    _rec_name = "subject"
    _sig_is_proof = True

    subject = fields.Selection(
        [("notice", "Privacy notice"), ("surveys", "Satisfaction surveys")], "About", required=True, readonly=True
    )
    decision = fields.Selection(
        # "revoked" is of before 19.0.2.0.0
        [("told", "Made known"), ("given", "Allowed"), ("refused", "Not allowed"), ("revoked", "Revoked")],
        required=True,
        readonly=True,
    )
    how = fields.Selection(
        [
            ("form", "Box ticked on the form"),
            ("oral", "Told by word of mouth"),
            ("mail", "In the acknowledgement of receipt"),
            ("written", "In writing"),
        ],
        required=True,
        readonly=True,
    )
    notice_id = fields.Many2one("sig.privacy.notice", required=True, readonly=True, index=True, check_company=True)
    notice_lang = fields.Char("Language", readonly=True)
    notice_digest = fields.Char("Digest", readonly=True, help="SHA-256 of the text that was shown.", exportable=False)
    date = fields.Datetime("When", required=True, readonly=True)
    date_recorded = fields.Datetime("Recorded", required=True, readonly=True)
    channel = fields.Selection(selection=choices_of("sig.pqrs", "channel"), readonly=True)
    user_id = fields.Many2one("res.users", "Recorded by", readonly=True, help="Empty: the person themself.")
    pqrs_id = fields.Many2one(
        "sig.pqrs", "PQRS", readonly=True, ondelete="restrict", index="btree_not_null", check_company=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Contact", compute="_compute_partner_id", store=True, index="btree_not_null"
    )

    @api.depends("pqrs_id.partner_id", "pqrs_id.identity_ids.partner_id")
    def _compute_partner_id(self):
        for consent in self:
            case = consent.pqrs_id
            consent.partner_id = (case.partner_id or case.identity_ids.partner_id) if case else consent.partner_id

    def _get_shown_notices(self):
        """``[(notice, language, {field: text})]``, each once for each language in which it was shown."""
        shown = dict.fromkeys((consent.notice_id, consent.notice_lang) for consent in self)
        return [(notice, self._get_language_name(lang), notice._get_texts(lang)) for notice, lang in shown]

    @api.model
    def _get_language_name(self, code):
        return (self.env["res.lang"]._get_data(code=code).name or code or "").split("/")[-1].strip()

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super  # nobody does, but `_record`
        raise UserError(self.env._("Consents are recorded where they are given, never by hand."))

    def write(self, vals):  # pylint: disable=method-required-super  # nobody does
        raise UserError(self.env._("A consent cannot be changed: record what was said since as another one."))

    @api.model
    def _record(self, company, notice, surveys, how, version, vals_list, moment):
        """Record what people were told and answered; nothing without a notice in force.

        :param bool notice: whether the notice was made known.
        :param surveys: True, False, or None for no answer.
        :param version: the `sig.privacy.notice`; the one in force by default.
        :param list vals_list: one a person, with ``pqrs_id`` or ``partner_id``, and ``channel``.
        """
        company = company.sudo()
        lang = self.env.context.get("lang") or company.partner_id.lang
        version = (version or self.env["sig.privacy.notice"]._get_current(company)).with_context(lang=lang)
        if not version:
            return self.browse()
        common = {
            "how": how,
            "company_id": company.id,
            "notice_id": version.id,
            "notice_lang": lang,
            "notice_digest": version._get_digest(),
            "date": moment,
            "date_recorded": clock.now(),
            "user_id": self.env.user._sig_filter_people().id,
        }
        # A petitioner leaves no trace as a user: the case may be under reserve. Past `create`, which refuses.
        door = super(PrivacyConsent, self.sudo() if common["user_id"] else self.with_user(SUPERUSER_ID))
        rows = []
        for vals in vals_list:
            if notice:
                rows.append({**common, **vals, "subject": "notice", "decision": "told"})
            if surveys is not None:
                rows.append({**common, **vals, "subject": "surveys", "decision": "given" if surveys else "refused"})
        return door.create(rows)

    @api.model
    def _has_confirmed(self, partner, notice, company):
        """Whether somebody ticked themself in HERA, for an earlier case of the company, that they read that version.

        On the website anybody ticks in any name, and the SIG finds the contact afterwards.
        """
        ticked = [("subject", "=", "notice"), ("how", "=", "form"), ("user_id", "=", False), ("channel", "=", "portal")]
        ticked += [("partner_id", "=", partner.id), ("notice_id", "=", notice.id), ("company_id", "=", company.id)]
        return bool(partner and notice and self.sudo().search_count(ticked, limit=1))

    @api.model
    def _get_survey_decisions(self, partners, company):
        domain = [("partner_id", "in", partners.ids), ("subject", "=", "surveys"), ("company_id", "=", company.id)]
        return {consent.partner_id.id: consent.decision for consent in self.sudo().search(domain, order="date, id")}


class ResPartner(models.Model):
    _inherit = "res.partner"

    sig_survey_consent = fields.Selection(
        [("given", "Allows surveys"), ("refused", "Does not allow surveys")],
        "Surveys",
        compute="_compute_sig_survey_consent",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="The last answer. Empty: never asked, and silence is no consent.",
    )

    @api.depends_context("company")
    def _compute_sig_survey_consent(self):
        decisions = self.env["sig.privacy.consent"]._get_survey_decisions(self, self.env.company)
        for partner in self:
            decision = decisions.get(partner._origin.id)
            partner.sig_survey_consent = decision and ("given" if decision == "given" else "refused")

    def action_sig_allow_surveys(self):
        return self._record_survey_answer(True)

    def action_sig_revoke_surveys(self):
        """Ley 1581 de 2012, art. 8 e."""
        return self._record_survey_answer(False)

    def _record_survey_answer(self, allows):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise UserError(self.env._("The SIG records what clients answer about surveys."))
        self.check_access("write")
        if not self.env["sig.privacy.notice"]._get_current(self.env.company):
            raise UserError(self.env._("There is no privacy notice in force. Publish one first."))
        people = [{"partner_id": partner.id} for partner in self]
        self.env["sig.privacy.consent"]._record(self.env.company, False, allows, "oral", None, people, clock.now())
        self.invalidate_recordset(["sig_survey_consent"])
        return True
