from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError

from ..mixin.shared_mixin import make_shared_error

#: the type of the surveys of this module
SURVEY_TYPE = "sig_satisfaction"


class Survey(models.Model):
    """Templates, which the SIG edits, and their frozen copies, which waves were launched with."""

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[(SURVEY_TYPE, "Customer satisfaction")], ondelete={SURVEY_TYPE: "set default"}
    )
    sig_frozen = fields.Boolean("Questionnaire of a launched wave", readonly=True, copy=False)
    sig_to_confirm = fields.Boolean(
        "To be confirmed", copy=False, help="A proposal of this software, which the company has not confirmed yet."
    )
    sig_company_id = fields.Many2one("res.company", "Company", copy=False, help="Empty: shared by all companies.")
    sig_origin_id = fields.Many2one("survey.survey", "Copy of", readonly=True, copy=False, index="btree_not_null")
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

    # -- Copies are not edited --------------------------------------------------------------------------------------

    def _check_not_frozen(self):
        if not self.env.su and (frozen := self.sudo().filtered("sig_frozen")):
            raise UserError(
                self.env._(
                    "“%s” is the questionnaire that clients were sent: it is not changed any more. Edit the "
                    "questionnaire from which it was copied, for the next wave.",
                    frozen[0].title,
                )
            )

    def _check_company_is_own(self):
        if not self.env.su and self.sudo().sig_company_id - self.env.companies:
            raise AccessError(self.env._("A questionnaire is of your company, or shared by all."))
        self._check_not_shared()

    def _check_not_shared(self):
        if not self.env.su and (shared := self.filtered("sig_is_foreign")):
            raise make_shared_error(shared)

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_survey_type")

        def is_ours(vals):
            return (vals.get("survey_type") or default) == SURVEY_TYPE

        user = self.env.user
        if not self.env.su and any(map(is_ours, vals_list)) and not user._sig_has_all_companies():
            own = self.env.company.id
            vals_list = [
                {**vals, "sig_company_id": vals.get("sig_company_id") or own} if is_ours(vals) else vals
                for vals in vals_list
            ]
        surveys = super().create(vals_list)
        surveys._check_unfrozen_by_hand(any(surveys.mapped("sig_frozen")))
        surveys._check_company_is_own()
        if any(survey.survey_type == SURVEY_TYPE for survey in surveys):
            self.env.registry.clear_cache()  # `_sig_get_tokens`
        return surveys

    def write(self, vals):
        if any(not name.startswith(("message_", "activity_")) for name in vals):
            self._check_not_frozen()
            self._check_not_shared()
        self._check_unfrozen_by_hand("sig_frozen" in vals)
        result = super().write(vals)
        if "sig_company_id" in vals:
            self._check_company_is_own()
        if not vals.keys().isdisjoint(("survey_type", "access_token")):
            self.env.registry.clear_cache()  # `_sig_get_tokens`
        return result

    @api.model
    @tools.ormcache()
    def _sig_get_tokens(self):
        """Tokens of our questionnaires. Without queries: the pages of all surveys ask."""
        ours = self.sudo().with_context(active_test=False).search([("survey_type", "=", SURVEY_TYPE)])
        return frozenset(ours.mapped("access_token"))

    def _check_unfrozen_by_hand(self, is_frozen):
        if is_frozen and not self.env.su:
            raise UserError(self.env._("A questionnaire is frozen when its wave is launched, and not by hand."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_not_frozen()

    def action_sig_confirm(self):
        self._check_not_frozen()
        self.write({"sig_to_confirm": False})
        return True

    # -- A company's own --------------------------------------------------------------------------------------------

    def action_sig_copy_to_company(self):
        self.ensure_one()
        company = self.env.company
        own = self._sig_get_own(company)
        if own == self and not self.sig_company_id:
            own = self._sig_copy({"sig_company_id": company.id, "sig_origin_id": self.id})
            own.sudo().sig_to_confirm = self.sig_to_confirm
            own._sig_take_own_dimensions()
            drafts = [("company_id", "=", company.id), ("survey_id", "=", self.id), ("state", "=", "draft")]
            self.env["sig.survey.wave"].sudo().search(drafts).survey_id = own
        form = self.env.ref("sig_pqrs.questionnaire_view_form")
        return own._get_records_action(context={}, views=[(form.id, "form")])

    def _sig_get_own(self, company):
        own = self.search([("sig_company_id", "=", company.id), ("sig_origin_id", "in", self.ids)], order="id", limit=1)
        return own or self

    def _sig_take_own_dimensions(self):
        for company, surveys in self.sudo().grouped("sig_company_id").items():
            for dimension, questions in surveys.question_and_page_ids.grouped("sig_dimension_id").items():
                if company and dimension and (own := dimension._get_own(company)) != dimension:
                    questions.sig_dimension_id = own

    def _sig_copy(self, default):
        """Core adds to the title that it is a copy."""
        copied = self.copy(default)
        titles = {code: self.with_context(lang=code).title for code, _name in self.env["res.lang"].get_installed()}
        copied.sudo().update_field_translations("title", {"en_US": self.with_context(lang="en_US").title, **titles})
        return copied

    def _sig_freeze(self, company):
        self.ensure_one()
        frozen = self.sudo()._sig_copy(
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
        frozen._sig_take_own_dimensions()
        return frozen

    def _check_answer_creation(self, user, partner, email, test_entry=False, check_attempts=True, invite_token=False):
        if not test_entry and self.sudo().sig_frozen:
            raise UserError(self.env._("This survey is answered by invitation, once."))
        return super()._check_answer_creation(
            user, partner, email, test_entry=test_entry, check_attempts=check_attempts, invite_token=invite_token
        )

    def _prepare_format(self):
        """Check access: the report renders as superuser."""
        self.check_access("read")
        return self.sudo()

    def _get_format_sections(self, answer=None):
        """``[(title, [dict])]`` of the printed questionnaire, blank or with an answer; see `_get_format_row`."""
        self.ensure_one()
        lines = answer.user_input_line_ids.grouped("question_id") if answer else {}
        sections = []
        for question in self.question_and_page_ids:
            if question.is_page:
                sections.append((question.title, []))
                continue
            if not sections:
                sections.append(("", []))
            sections[-1][1].append(question._get_format_row(lines.get(question)))
        return [section for section in sections if section[1]]
