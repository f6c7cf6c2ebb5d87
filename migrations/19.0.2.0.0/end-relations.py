"""Tables of links whose field is gone are dropped: the update of a module leaves them to its uninstallation."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    links = [field for model in env.registry.values() for field in model._fields.values() if field.type == "many2many"]
    used = {field.relation for field in links if field.store}
    for relation in env["ir.model.relation"].search([("module.name", "=", "sig_pqrs")]):
        if relation.name not in used:
            cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(relation.name)))
            relation.unlink()
