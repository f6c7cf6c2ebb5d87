"""Heads of the acts are exported, and not mailed; a verification is a run, and not a row a case."""

import json
import re

from odoo.addons.sig_pqrs.model_rename import rename_model

#: what external ids said, and say
KINDS = ("", "access_", "action_", "menu_", "rule_")
WORDS = [(f"{kind}act_witness", f"{kind}act_head_export") for kind in KINDS]

#: what the acknowledgement said of the act: the frame of each mail says it now
HEAD = (
    r'<p[^>]*>[^<]*<t t-out="object\.act_number"\s*(/>|></t>)'
    r'[^<]*<t t-out="object\.act_head"\s*(/>|></t>)[^<]*</p>\s*'
)


def migrate(cr, version):
    note_recipients(cr)
    rename_model(cr, "sig.act.witness", "sig.act.head.export", WORDS)
    keep_last_check(cr)
    cr.execute(
        """UPDATE ir_rule SET domain_force = %s
            WHERE id = (SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s)""",
        ["[('company_id', 'in', audited_company_ids)]", "sig_pqrs", "rule_act_check_auditor"],
    )
    cr.execute(
        """UPDATE mail_template
              SET body_html = (SELECT jsonb_object_agg(key, regexp_replace(value, %s, ''))
                                 FROM jsonb_each_text(body_html))
            WHERE id = (SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s)""",
        [HEAD, "sig_pqrs", "mail_acknowledgement"],
    )


def note_recipients(cr):
    """To whom a file was mailed, and how many chains did not hold that day, stays known on the file."""
    cr.execute(
        """UPDATE ir_attachment file
              SET description = concat_ws('. ', 'Enviado por correo a: ' || told.names,
                                          'Casos cuya cadena no cuadraba: ' || NULLIF(witness.fault_count, 0))
             FROM sig_act_witness witness
        LEFT JOIN (SELECT rel.sig_act_witness_id AS id, string_agg(partner.name, ', ' ORDER BY partner.name) AS names
                     FROM res_users_sig_act_witness_rel rel JOIN res_users users ON users.id = rel.res_users_id
                     JOIN res_partner partner ON partner.id = users.partner_id GROUP BY rel.sig_act_witness_id) told
               ON told.id = witness.id
            WHERE file.id = witness.attachment_id"""
    )
    cr.execute("DROP TABLE res_users_sig_act_witness_rel")
    cr.execute("DELETE FROM ir_model_relation WHERE name = 'res_users_sig_act_witness_rel'")


def keep_last_check(cr):
    """What was known of each case becomes a run of its company: only what changed since is told."""
    cr.execute(
        """SELECT old.company_id, count(*), COALESCE(sum(old.number), 0), min(old.date), max(old.date),
                  COALESCE(jsonb_object_agg(pqrs.name, old.faults) FILTER (WHERE old.faults IS NOT NULL), '{}')
             FROM sig_act_check old JOIN sig_pqrs pqrs ON pqrs.id = old.pqrs_id
            WHERE old.date IS NOT NULL GROUP BY old.company_id"""
    )
    runs = cr.fetchall()
    cr.execute(
        """TRUNCATE sig_act_check;
           ALTER TABLE sig_act_check
                DROP COLUMN pqrs_id, DROP COLUMN number, DROP COLUMN digest, DROP COLUMN whole_on,
                DROP COLUMN faults, DROP COLUMN mailed_number,
                ADD COLUMN case_count int4, ADD COLUMN act_count int4, ADD COLUMN date_done timestamp,
                ADD COLUMN faults jsonb, ADD COLUMN fault_count int4"""
    )
    for company_id, cases, acts, first, last, texts in runs:
        faults = {
            name: [[int(number), code] for number, code in re.findall(r"(\d+) \((\w+)\)", text)]
            for name, text in texts.items()
        }
        cr.execute(
            """INSERT INTO sig_act_check (company_id, case_count, act_count, date, date_done, faults, fault_count)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [company_id, cases, acts, first, last, json.dumps(faults), len(faults)],
        )
