"""Who was named to approve in a case works on it: the rules on that are those of who works on it.

Absences of one's own are of all collaborators, by a rule of another name.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["ir.rule"].search([("domain_force", "like", "is_named_approver")]).unlink()
    if rule := env.ref("sig_pqrs.rule_absence_leader", raise_if_not_found=False):
        rule.unlink()
