"""What years bring besides cases: three files each, and the mail with which it came, by SQL.

What they hold is a few bytes, stored once: how many there are counts.
"""

from odoo.tools import SQL

ANNEXES = 3
COLUMNS = ("type", "company_id", "mimetype", "checksum", "file_size", "store_fname", "create_uid", "write_uid")


def add(env):
    """Annexes of cases and tickets, and the mails of the cases as they came."""
    file = _make_pattern(env)
    _insert(env, file, SQL("SELECT id, n FROM sig_pqrs, generate_series(1, %s) AS n", ANNEXES), "sig.pqrs", "Anexo")
    env.cr.execute(
        """INSERT INTO sig_pqrs_attachment_rel (sig_pqrs_id, ir_attachment_id)
           SELECT res_id, id FROM ir_attachment WHERE res_model = 'sig.pqrs' AND name LIKE 'Anexo %'"""
    )
    env.cr.execute(
        """INSERT INTO sig_pqrs_mail
                  (direction, company_id, pqrs_id, date, date_kept, message_ident, sender, subject, state)
           SELECT 'in', company_id, id, date_received, date_received,
                  '<' || uuid || '@example.com>', email_from, subject, 'filed'
             FROM sig_pqrs"""
    )
    _insert(env, file, SQL("SELECT id, 1 FROM sig_pqrs_mail"), "sig.pqrs.mail", "Correo", field="raw")
    if "helpdesk.ticket" in env:
        rows = SQL("SELECT id, n FROM helpdesk_ticket, generate_series(1, %s) AS n", ANNEXES)
        _insert(env, file, rows, "helpdesk.ticket", "Anexo")
    env.invalidate_all()


def _make_pattern(env):
    return env["ir.attachment"].create({"name": "foto.txt", "raw": b"La porteria, de noche"})


def _insert(env, file, rows, model, name, field=None):
    """A copy of a file for each row of ids and numbers."""
    env.flush_all()
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    env.cr.execute(
        SQL(
            """INSERT INTO ir_attachment (name, res_model, res_id, res_field, create_date, write_date, %(columns)s)
               SELECT %(name)s || ' ' || rows.n, %(model)s, rows.id, %(field)s, now(), now(), %(columns)s
                 FROM ir_attachment CROSS JOIN (%(rows)s) AS rows (id, n) WHERE ir_attachment.id = %(file)s""",
            columns=columns,
            name=name,
            model=model,
            field=field,
            rows=rows,
            file=file.id,
        )
    )
