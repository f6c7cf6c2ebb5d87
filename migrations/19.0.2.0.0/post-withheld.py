from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Which rows of the surveys that are over are not published is decided with all their tables together."""
    waves = api.Environment(cr, SUPERUSER_ID, {})["sig.survey.wave"].search([("state", "in", ("closed", "reported"))])
    for wave in waves:
        wave.withheld = wave._find_withheld()
