"""Who was named to approve in a case works on it: the rules on that are those of who works on it."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["ir.rule"].search([("domain_force", "like", "is_named_approver")]).unlink()
