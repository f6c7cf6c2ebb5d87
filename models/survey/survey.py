from odoo import api, fields, models, tools
from odoo.exceptions import UserError

#: the type of the surveys of this module
SURVEY_TYPE = "sig_satisfaction"


class Survey(models.Model):
    """Templates, which the SIG edits, and their frozen copies, which waves were launched with."""

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[(SURVEY_TYPE, "Customer satisfaction")], ondelete={SURVEY_TYPE: "set default"}
    )
    sig_frozen = fields.Boolean("Questionnaire of a launched wave", readonly=True, copy=False)
    sig_to_confirm = fields.Boolean("To be confirmed", copy=False)
    sig_company_id = fields.Many2one(
        "res.company", "Company", copy=False, default=lambda self: self._sig_get_default_company()
    )
    sig_is_foreign = fields.Boolean("Shared, and not the user's to change", compute="_compute_sig_is_foreign")

    @api.model
    def _sig_get_default_company(self):
        """Who edits no shared questionnaires makes, and duplicates, those of the company."""
        user = self.env.user
        is_of_one = not self.env.su and user.has_group("sig_pqrs.group_sig_director")
        return self.env.company if is_of_one and not user._sig_has_all_companies() else False

    @api.depends("survey_type", "sig_company_id")
    @api.depends_context("uid")
    def _compute_sig_is_foreign(self):
        shared = self.filtered(lambda each: each.id and each.survey_type == SURVEY_TYPE and not each.sig_company_id)
        self.sig_is_foreign = False
        if shared and not self.env.user._sig_has_all_companies():
            shared.sig_is_foreign = True

    @api.model_create_multi
    def create(self, vals_list):
        surveys = super().create(vals_list)
        if any(survey.survey_type == SURVEY_TYPE for survey in surveys):
            self.env.registry.clear_cache()  # `_sig_get_tokens`
        return surveys

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("sig_company_id", "sig_frozen")):
            self.check_access("write")  # of what it is now, too
        if not vals.keys().isdisjoint(("survey_type", "access_token")):
            self.env.registry.clear_cache()  # `_sig_get_tokens`
        return result

    @api.model
    @tools.ormcache()
    def _sig_get_tokens(self):
        """Tokens of our questionnaires. Without queries: the pages of all surveys ask."""
        surveys = self.sudo().with_context(active_test=False).search([("survey_type", "=", SURVEY_TYPE)])
        return frozenset(surveys.mapped("access_token"))

    def _sig_take_own_dimensions(self):
        for company, surveys in self.sudo().grouped("sig_company_id").items():
            for dimension, questions in surveys.question_and_page_ids.grouped("sig_dimension_id").items():
                if company and dimension and (own := dimension._get_own(company)) != dimension:
                    questions.sig_dimension_id = own

    def _sig_freeze(self, company):
        self.ensure_one()
        frozen = self.sudo().copy(
            {
                "sig_frozen": True,
                "sig_company_id": company.id,
                "survey_type": SURVEY_TYPE,
                "access_mode": "token",
                "questions_selection": "all",
                "scoring_type": "no_scoring",
                "attempts_limit": 1,
                **dict.fromkeys(("is_attempts_limited", "active"), True),
                **dict.fromkeys(("users_login_required", "is_time_limited", "restrict_user_ids", "user_id"), False),
            }
        )
        # core adds to the title that it is a copy
        titles = {code: self.with_context(lang=code).title for code, _name in self.env["res.lang"].get_installed()}
        frozen.update_field_translations("title", {"en_US": self.with_context(lang="en_US").title, **titles})
        frozen._sig_take_own_dimensions()
        return frozen

    def _check_answer_creation(self, user, partner, email, test_entry=False, check_attempts=True, invite_token=False):
        if not test_entry and self.sudo().sig_frozen:
            raise UserError(self.env._("This survey is answered by invitation, once."))
        return super()._check_answer_creation(user, partner, email, test_entry, check_attempts, invite_token)

    def _get_format_sections(self, answer=None):
        """``[(title, [dict])]`` of the printed questionnaire, blank or with an answer; see `_get_format_row`."""
        self.ensure_one()
        lines = answer.user_input_line_ids.grouped("question_id") if answer else {}
        sections = [("", [])]
        for question in self.question_and_page_ids:
            if question.is_page:
                sections.append((question.title, []))
            else:
                sections[-1][1].append(question._get_format_row(lines.get(question)))
        return [section for section in sections if section[1]]
