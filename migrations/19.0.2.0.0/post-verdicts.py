"""The verdict that a plan has is the first of those that it keeps."""


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_action_plan
              SET verdicts = jsonb_build_array(jsonb_build_object(
                  'date', date_verified, 'moment', date_verified, 'verdict', effective,
                  'note', COALESCE(verification_note, ''), 'who', verified_by_id))
            WHERE effective IS NOT NULL AND verdicts IS NULL"""
    )
