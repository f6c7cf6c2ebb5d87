from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Drafts of reviews get the second reading, as their first section."""
    reviews = api.Environment(cr, SUPERUSER_ID, {})["sig.management.review"].search([("state", "=", "draft")])
    reviews._add_sections()
    reviews.section_ids.filtered(lambda section: section.code == "reading").sequence = 0
