"""An extension protects if it is told before the term ends without it, which a suspension moves, or takes away."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sig.pqrs"].search([("state", "in", ("to_file", "received", "assigned", "approved"))])._follow_expiry()
