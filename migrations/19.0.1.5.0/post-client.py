"""A current client is one of a company. Who was one for all is one of the companies that have to do with it; of all
that have cases or waves, when none has.
"""

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(
        """WITH known AS (
               SELECT client_id AS partner_id, company_id FROM sig_pqrs
               UNION SELECT partner_id, company_id FROM sig_survey_recipient
           ), used AS (
               SELECT company_id FROM sig_pqrs UNION SELECT company_id FROM sig_survey_wave
           ), of_company AS (
               SELECT client.id, COALESCE(client.company_id, known.company_id, used.company_id,
                                          (SELECT min(id) FROM res_company)) AS company_id
                 FROM res_partner client
                 LEFT JOIN known ON known.partner_id = client.id
                 LEFT JOIN used ON client.company_id IS NULL AND known.partner_id IS NULL
                WHERE client.sig_client
           )
           UPDATE res_partner client SET sig_is_client = found.companies
             FROM (SELECT id, jsonb_object_agg(company_id, TRUE) AS companies FROM of_company GROUP BY id) found
            WHERE found.id = client.id"""
    )
    named = [("sig_survey_wave", "population_domain"), ("ir_filters", "domain"), ("ir_exports_line", "name")]
    for table, column in (*named, ("base_automation", "filter_domain"), ("base_automation", "filter_pre_domain")):
        cr.execute(
            SQL(
                r"UPDATE %(table)s SET %(column)s = regexp_replace(%(column)s, '\ysig_client\y', 'sig_is_client', 'g')"
                r" WHERE %(column)s ~ '\ysig_client\y'",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
            )
        )
