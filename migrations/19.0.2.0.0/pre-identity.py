"""Who checked an identity, and who ordered a legal hold, stands with the day in the text that says why."""


def migrate(cr, version):
    # The field says as whom they were checked.
    cr.execute(
        """ALTER TABLE sig_pqrs ALTER COLUMN identity_checked TYPE varchar
           USING CASE WHEN identity_checked THEN COALESCE(identity_capacity, 'holder') END"""
    )
    for text, day, user in (
        ("identity_evidence", "identity_checked_on", "identity_checked_by_id"),
        ("legal_hold_reason", "legal_hold_since", "legal_hold_by_id"),
    ):
        cr.execute(
            f"""UPDATE sig_pqrs
                   SET {text} = concat(to_char({day} AT TIME ZONE 'UTC' AT TIME ZONE 'America/Bogota', 'DD/MM/YYYY'),
                                       ' · ', partner.name, ': ', {text})
                  FROM res_users users JOIN res_partner partner ON partner.id = users.partner_id
                 WHERE users.id = {user} AND {text} IS NOT NULL"""  # noqa: S608  # what is put in is written here
        )
    cr.execute(
        """UPDATE ir_filters SET domain = replace(domain, 'identity_capacity', 'identity_checked')
            WHERE model_id = 'sig.pqrs'"""
    )
