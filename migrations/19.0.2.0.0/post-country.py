"""Clients in Colombia save their account without a postal code, as in a new database."""


def migrate(cr, version):
    cr.execute("UPDATE res_country SET zip_required = FALSE WHERE code = 'CO'")
