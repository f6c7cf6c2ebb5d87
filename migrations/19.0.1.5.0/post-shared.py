"""What a company had of its own, under the code of a shared record, stands for it: now it is known which."""

from odoo.tools import SQL

CODED = ("sig_pqrs_type", "sig_survey_dimension", "sig_indicator")


def migrate(cr, version):
    for table in CODED:
        cr.execute(
            SQL(
                """UPDATE %(table)s own SET origin_id = shared.id
                     FROM %(table)s shared
                    WHERE shared.code = own.code AND shared.company_id IS NULL AND own.company_id IS NOT NULL
                      AND own.active""",
                table=SQL.identifier(table),
            )
        )
    cr.execute(
        """UPDATE sig_document own SET origin_id = shared.id
             FROM sig_document shared
            WHERE shared.usage = own.usage AND shared.company_id IS NULL AND own.company_id IS NOT NULL
              AND shared.active AND own.active"""
    )
