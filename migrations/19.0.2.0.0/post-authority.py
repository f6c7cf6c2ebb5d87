"""The hour of an authority that was given before another type was chosen is of no case: cards showed it as its date."""


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_pqrs pqrs
              SET authority_deadline = NULL
             FROM sig_pqrs_type kind
            WHERE kind.id = pqrs.type_id
              AND kind.due_by_authority IS NOT TRUE
              AND pqrs.authority_deadline IS NOT NULL"""
    )
