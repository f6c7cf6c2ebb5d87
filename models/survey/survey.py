from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mixin.shared_mixin import make_shared_error
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
    sig_origin_id = fields.Many2one(
        "survey.survey", "Copy of", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    sig_is_foreign = fields.Boolean(
        "Shared, and not the user's to change", compute="_compute_sig_is_foreign", compute_sudo=False
    )

    @api.depends("survey_type", "sig_company_id")
    @api.depends_context("uid")
    def _compute_sig_is_foreign(self):
        ours = self.filtered(lambda survey: survey.id and survey.survey_type == SURVEY_TYPE)
        shared = ours.filtered(lambda survey: not survey.sig_company_id)
        self.sig_is_foreign = False
        if shared and not self.env.user._sig_has_all_companies():
            shared.sig_is_foreign = True

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
        :raises AccessError: when a questionnaire is given to a company of which the user is not, or to all of them.
        """
        if not self.env.su and self.sudo().sig_company_id - self.env.companies:
            raise AccessError(self.env._("A questionnaire is of your company, or shared by all."))
        self._check_not_shared()

    def _check_not_shared(self):
        """
        :raises AccessError: when it is shared by companies that are not all the user's.
        """
        if not self.env.su and (shared := self.filtered("sig_is_foreign")):
            raise make_shared_error(shared)

    @api.model
    def _sig_give_company(self, vals):
        """The values of a questionnaire, of the user's company unless it is theirs to share."""
        kind = vals.get("survey_type") or self.env.context.get("default_survey_type")
        if kind != SURVEY_TYPE or vals.get("sig_company_id") or self.env.su or self.env.user._sig_has_all_companies():
            return vals
        return {**vals, "sig_company_id": self.env.company.id}

    @api.model_create_multi
    def create(self, vals_list):
        surveys = super().create([self._sig_give_company(vals) for vals in vals_list])
        if not self.env.su and any(surveys.mapped("sig_frozen")):
            surveys._refuse_freezing()
        surveys._check_company_is_own()
        return surveys

    def write(self, vals):
        if any(not name.startswith(("message_", "activity_")) for name in vals):
            self._check_not_frozen()
            self._check_not_shared()
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

    # -- A company's own --------------------------------------------------------------------------------------------

    def action_sig_copy_to_company(self):
        """Make a copy of a shared questionnaire the current company's own.

        :return: the action that opens it.
        """
        self.ensure_one()
        company = self.env.company
        own = self._sig_get_own(company)
        if own == self and not self.sig_company_id:
            own = self.copy({"sig_company_id": company.id, "sig_origin_id": self.id})
            copy_texts(self.sudo(), own.sudo())  # core adds to the title that it is a copy
            own.sudo().sig_to_confirm = self.sig_to_confirm
            own._sig_take_own_dimensions()
            drafts = [("company_id", "=", company.id), ("survey_id", "=", self.id), ("state", "=", "draft")]
            self.env["sig.survey.wave"].sudo().search(drafts).survey_id = own
        form = self.env.ref("sig_pqrs.questionnaire_view_form")
        return own._get_records_action(context={}, views=[(form.id, "form")])

    def _sig_get_own(self, company):
        """The copy that a company has, or the questionnaire itself."""
        own = self.search([("sig_company_id", "=", company.id), ("sig_origin_id", "in", self.ids)], order="id", limit=1)
        return own or self

    def _sig_take_own_dimensions(self):
        """Let the questions of companies' own questionnaires measure the companies' own dimensions."""
        for company, surveys in self.sudo().grouped("sig_company_id").items():
            for dimension, questions in surveys.question_and_page_ids.grouped("sig_dimension_id").items():
                if company and dimension and (own := dimension._get_own(company)) != dimension:
                    questions.sig_dimension_id = own

    def _sig_freeze(self, company):
        """Copy the questionnaire for a wave, as superuser: one answer a client, by invitation alone.

        :param company: ``res.company`` of the wave.
        """
        self.ensure_one()
        frozen = self.sudo().copy(
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
        frozen._sig_take_own_dimensions()
        return frozen

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
