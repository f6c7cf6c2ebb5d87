from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .models.survey.survey import SURVEY_TYPE


def uninstall_hook(env):
    """Take away what Odoo, which removes the models with all their cases, would leave behind."""
    sequences = env["ir.sequence"].with_context(active_test=False).search([("code", "=like", "sig.%")])
    sequences.date_range_ids.unlink()  # with them, so that their sequences in PostgreSQL go too
    sequences.unlink()
    env["ir.config_parameter"].search([("key", "=like", "sig\\_pqrs.%")]).unlink()
    env["rating.rating"].search([("res_model", "=like", "sig.%")]).unlink()
    env["website.menu"].search([("url", "=", "/pqrs")]).unlink()  # each website has a copy of ours
    _remove_questionnaires(env(context={**env.context, MODULE_UNINSTALL_FLAG: True, "active_test": False}))
    # Their tables go as a whole: one by one, what cases name cannot be deleted.
    env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=like", "sig.%")]).unlink()
    ours = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=like", "ir.actions.%")])
    homes = env["res.users"].with_context(active_test=False).search([("action_id", "in", ours.mapped("res_id"))])
    homes.action_id = False  # a home action that is gone locks its user out
    env.cr.execute("DROP FUNCTION IF EXISTS sig_pqrs_words CASCADE; DROP TABLE IF EXISTS sig_pqrs_words")


def _remove_questionnaires(env):
    """Core would keep them, with what clients answered, as surveys of its own."""
    surveys = env["survey.survey"].search([("survey_type", "=", SURVEY_TYPE)])
    recipients, answers = env["sig.survey.recipient"].search([]), surveys.user_input_ids
    recipients.user_input_id = answers.sig_recipient_id = False  # each keeps the other
    for records in (recipients, answers, env["sig.survey.wave"].search([]), surveys):
        records.unlink()
