"""Who answers surveys for a client is said by company: of each, the contact that it chose, else the one marked."""


def migrate(cr, version):
    cr.execute(
        """INSERT INTO sig_survey_contact_rel (partner_id, company_id)
           SELECT DISTINCT ON (client_id, company_id) contact_id, company_id
             FROM (SELECT client.id AS client_id, contact.id AS contact_id, company.id AS company_id, contact.active,
                          1 AS place
                     FROM res_partner client
                     JOIN res_company company ON client.sig_survey_contact_old ? company.id::text
                     JOIN res_partner contact
                       ON contact.id = (client.sig_survey_contact_old ->> company.id::text)::integer
                      AND contact.commercial_partner_id = client.id
                    UNION ALL
                   SELECT contact.commercial_partner_id, contact.id, company.id, contact.active, 2
                     FROM res_partner contact, res_company company
                    WHERE contact.sig_survey_respondent AND contact.active
                      AND contact.commercial_partner_id != contact.id) known
            ORDER BY client_id, company_id, active DESC, place, contact_id"""
    )
    cr.execute("ALTER TABLE res_partner DROP COLUMN sig_survey_contact_old")
