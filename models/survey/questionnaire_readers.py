from odoo import api, models
from odoo.fields import Domain

from .survey import SURVEY_TYPE

#: models of core's surveys, and their paths to the survey
SURVEY_PATHS = {
    "survey.survey": (None,),
    "survey.question": ("survey_id",),
    "survey.question.answer": ("question_id.survey_id", "matrix_question_id.survey_id"),
    "survey.user_input": ("survey_id",),
    "survey.user_input.line": ("survey_id",),
}
#: models of the answers, and their paths to the surveyed client
RECIPIENT_PATHS = {"survey.user_input": "sig_recipient_id", "survey.user_input.line": "user_input_id.sig_recipient_id"}


class IrRule(models.Model):
    """Restrict the SIG to the questionnaires of its companies and the shared ones; none edits those of launched waves.

    Not an ``ir.rule`` record: core evaluates those while only modules that load before this one are present, when
    `survey.survey` has no company yet, and modules with surveys in their data would fail to upgrade.
    """

    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        domain = super()._compute_domain(model_name, mode)
        if model_name not in SURVEY_PATHS or not self.env.user.has_group("sig_pqrs.group_sig_director"):
            return domain  # who is not of the SIG is given none of ours, by rules
        company_ids = self.env.companies.ids
        shared = [False] if mode == "read" or self.env.user._sig_has_all_companies() else []
        refused = Domain("sig_company_id", "not in", [*shared, *company_ids])
        if mode != "read":
            refused |= Domain("sig_frozen", "=", True)
        refused &= Domain("survey_type", "=", SURVEY_TYPE)
        restricted = Domain.OR(Domain(path, "any", refused) if path else refused for path in SURVEY_PATHS[model_name])
        if path := RECIPIENT_PATHS.get(model_name):
            restricted |= Domain(f"{path}.company_id", "not in", company_ids)
        return (domain & ~restricted).optimize(self.env[model_name])
