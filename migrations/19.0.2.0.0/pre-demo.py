"""Clients of the demo are data now: those that a script made before are the same ones."""

import csv

from odoo.tools import misc

FIND = {
    "industry": "SELECT id FROM res_partner_industry WHERE name ->> 'en_US' = %(name)s ORDER BY id LIMIT 1",
    "client": "SELECT id FROM res_partner WHERE name = %(name)s AND is_company ORDER BY id LIMIT 1",
    "contact": "SELECT id FROM res_partner WHERE name = %(name)s AND parent_id = %(parent)s ORDER BY id LIMIT 1",
}


def migrate(cr, version):
    cr.execute("SELECT FROM ir_model_data WHERE module = 'sig_pqrs' AND name = 'partner_roble'")
    if not cr.rowcount:
        return  # without the demo
    known = {}
    for model in ("res.partner.industry", "res.partner"):
        with misc.file_open(f"sig_pqrs/demo/{model}.csv", "r") as file:
            names = file.readline().strip().split(",")
            for row in csv.reader(file):
                values = dict(zip(names, row, strict=True))
                parent = values.get("parent_id:id")
                kind = "industry" if model != "res.partner" else "contact" if parent else "client"
                cr.execute(FIND[kind], {"name": values["name"], "parent": known.get(parent)})
                if found := cr.fetchone():
                    known[values["id"]] = found[0]
                    cr.execute(
                        """INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
                           VALUES ('sig_pqrs', %s, %s, %s, true) ON CONFLICT DO NOTHING""",
                        [values["id"], model, found[0]],
                    )
