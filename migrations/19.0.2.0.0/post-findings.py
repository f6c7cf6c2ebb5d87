"""Findings of what a company copied are known by the shared record, as they were before the copy."""

from odoo.tools import SQL

#: table, kinds of findings, and the part of their key that holds its id
COPIED = (("sig_indicator", ("missed", "signal", "worsening"), 2), ("sig_pqrs_reason", ("repetition",), 4))


def migrate(cr, version):
    for table, kinds, place in COPIED:
        cr.execute(
            SQL(
                """
            WITH known AS (
                SELECT finding.id, finding.company_id, array_to_string(
                       parts[:%(before)s] || own.origin_id::text || parts[%(after)s:], ':') AS key
                  FROM sig_finding finding
            CROSS JOIN LATERAL string_to_array(finding.key, ':') AS parts
                  JOIN %(table)s own ON own.id::text = parts[%(place)s] AND own.company_id = finding.company_id
                 WHERE finding.kind IN %(kinds)s AND finding.key NOT LIKE 'repetition:site:%%' AND own.origin_id > 0
            )
            UPDATE sig_finding SET key = known.key
              FROM known
             WHERE known.id = sig_finding.id AND NOT EXISTS (
                   SELECT FROM sig_finding other
                    WHERE other.company_id = known.company_id AND other.key = known.key AND other.state = 'open')
                """,
                table=SQL.identifier(table),
                kinds=kinds,
                place=place,
                before=place - 1,
                after=place + 1,
            )
        )
