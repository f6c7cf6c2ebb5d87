"""Who was named to approve in a case works on it: the rules on that are those of who works on it. Ratings are kept back
by the id of our model, as its name is stored late."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["ir.rule"].search([("domain_force", "like", "is_named_approver")]).unlink()
    rating = env.ref("sig_pqrs.rule_rating", raise_if_not_found=False)
    if rating and rating.domain_force == "[('res_model', '!=', 'sig.pqrs')]":
        rating.domain_force = str([("res_model_id", "!=", env["ir.model"]._get_id("sig.pqrs"))])
