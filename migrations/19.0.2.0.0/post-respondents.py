"""Who answers surveys for a client is said of the client: of each company that remembers nobody, the contact marked."""


def migrate(cr, version):
    cr.execute(
        """UPDATE res_partner client
              SET sig_survey_contact_id = marked.companies || COALESCE(jsonb_strip_nulls(sig_survey_contact_id), '{}')
             FROM (SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id,
                          (SELECT jsonb_object_agg(company.id, contact.id) FROM res_company company) AS companies
                     FROM res_partner contact
                    WHERE sig_survey_respondent AND active AND commercial_partner_id != id
                    ORDER BY commercial_partner_id, id) marked
            WHERE client.id = marked.commercial_partner_id"""
    )
