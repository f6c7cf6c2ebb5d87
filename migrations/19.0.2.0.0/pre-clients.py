"""Whether who asks is a contact of the client: computed, all cases would be read whole into memory."""

from odoo.tools import sql


def migrate(cr, version):
    if sql.column_exists(cr, "sig_pqrs", "of_client"):
        return
    cr.execute("ALTER TABLE sig_pqrs ADD COLUMN of_client boolean")
    cr.execute(
        """UPDATE sig_pqrs SET of_client = TRUE FROM res_partner contact
            WHERE contact.id = partner_id AND contact.commercial_partner_id = client_id"""
    )
