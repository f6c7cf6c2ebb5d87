"""Each company allows by itself to see in HERA the requests of the whole client; what was allowed is so in all."""

from odoo.tools import SQL, sql


def migrate(cr, version):
    if not sql.column_exists(cr, "res_partner", "sig_hera_company"):
        return
    cr.execute(
        """UPDATE res_partner SET sig_hera_colleagues_of =
                  (SELECT jsonb_object_agg(id, res_partner.commercial_partner_id) FROM res_company)
            WHERE sig_hera_company"""
    )
    for table, column in (("ir_filters", "domain"), ("ir_exports_line", "name")):
        names = SQL.identifier(table), SQL.identifier(column)
        replaced = SQL("replace(%s, 'sig_hera_company', 'sig_hera_colleagues')", names[1])
        cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s LIKE '%%sig_hera_company%%'", *names, replaced, names[1]))
