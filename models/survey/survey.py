from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .copied_texts import copy_texts, copy_texts_of_lines

#: the type of the surveys of this module
SURVEY_TYPE = "sig_satisfaction"


class Survey(models.Model):
    """The questionnaires of satisfaction: templates that the SIG edits, and the copies with which waves were made.

    A copy is what clients answered: nobody edits it, or its results would no longer be those of its questions.
    """

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[(SURVEY_TYPE, "Customer satisfaction")], ondelete={SURVEY_TYPE: "set default"}
    )
    sig_frozen = fields.Boolean("Questionnaire of a launched wave", readonly=True, copy=False)
    sig_to_confirm = fields.Boolean(
        "To be confirmed", copy=False, help="A proposal of this software, which the company has not confirmed yet."
    )
    sig_company_id = fields.Many2one("res.company", "Company", copy=False, help="Empty: shared by all companies.")

    def _compute_allowed_survey_types(self):
        """The SIG makes surveys of satisfaction; survey officers make the others."""
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("sig_pqrs.group_sig_director"):
            for survey in self:
                survey.allowed_survey_types = [*(survey.allowed_survey_types or []), SURVEY_TYPE]
        return result

    # -- Copies are not edited --------------------------------------------------------------------------------------

    def _check_not_frozen(self):
        """
        :raises UserError: for the questionnaire of a wave that was launched.
        """
        if not self.env.su and (frozen := self.sudo().filtered("sig_frozen")):
            raise UserError(
                self.env._(
                    "“%s” is the questionnaire that clients were sent: it is not changed any more. Edit the "
                    "questionnaire from which it was copied, for the next wave.",
                    frozen[0].title,
                )
            )

    @api.model
    def _refuse_freezing(self):
        raise UserError(self.env._("A questionnaire is frozen when its wave is launched, and not by hand."))

    def _check_company_is_own(self):
        """
        :raises AccessError: when a questionnaire is given to a company of which the user is not.
        """
        if not self.env.su and self.sudo().sig_company_id - self.env.companies:
            raise AccessError(self.env._("A questionnaire is of your company, or shared by all."))

    @api.model_create_multi
    def create(self, vals_list):
        surveys = super().create(vals_list)
        if not self.env.su and any(surveys.mapped("sig_frozen")):
            surveys._refuse_freezing()
        surveys._check_company_is_own()
        return surveys

    def write(self, vals):
        if any(not name.startswith(("message_", "activity_")) for name in vals):
            self._check_not_frozen()
        if not self.env.su and "sig_frozen" in vals:
            self._refuse_freezing()
        result = super().write(vals)
        if "sig_company_id" in vals:
            self._check_company_is_own()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_not_frozen()

    def action_sig_confirm(self):
        """The company makes the questionnaire its own."""
        self._check_not_frozen()
        self.write({"sig_to_confirm": False})
        return True

    def _sig_freeze(self, company):
        """Copy the questionnaire for a wave, as superuser: one answer a client, by invitation alone.

        :param company: ``res.company`` of the wave.
        """
        self.ensure_one()
        return self.sudo().copy(
            {
                "sig_frozen": True,
                "sig_company_id": company.id,
                "survey_type": SURVEY_TYPE,
                "access_mode": "token",
                "users_login_required": False,
                "is_attempts_limited": True,
                "attempts_limit": 1,
                "is_time_limited": False,
                "questions_selection": "all",
                "scoring_type": "no_scoring",
                "restrict_user_ids": False,
                "user_id": False,
                "active": True,
            }
        )

    def copy_translations(self, new, excluded=()):
        """Of the copy for a wave, all texts in all languages at once: core writes each text of each answer apart."""
        return self._sig_copy_texts(new) if new.sig_frozen else super().copy_translations(new, excluded)

    def _sig_copy_texts(self, new):
        copy_texts(self, new)
        copy_texts_of_lines(self, new, "question_and_page_ids")
        for name in ("suggested_answer_ids", "matrix_row_ids"):
            copy_texts_of_lines(*(survey.question_and_page_ids.sorted("id") for survey in (self, new)), name)

    def _check_answer_creation(self, user, partner, email, test_entry=False, check_attempts=True, invite_token=False):
        """The clients of a wave are asked by the wave: nobody else gets an answer sheet, and nobody a second one."""
        if not test_entry and self.sudo().sig_frozen:
            raise UserError(self.env._("This survey is answered by invitation, once."))
        return super()._check_answer_creation(
            user, partner, email, test_entry=test_entry, check_attempts=check_attempts, invite_token=invite_token
        )
