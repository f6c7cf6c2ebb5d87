"""Who answers surveys for a client is said by company: of each, the contact that was marked."""


def migrate(cr, version):
    cr.execute(
        """INSERT INTO sig_survey_contact_rel (partner_id, company_id)
           SELECT marked.id, company.id
             FROM (SELECT DISTINCT ON (commercial_partner_id) id
                     FROM res_partner
                    WHERE sig_survey_respondent AND active AND commercial_partner_id != id
                    ORDER BY commercial_partner_id, id) marked,
                  res_company company"""
    )
