"""What no duty keeps may be erased; what is handed over leaves by its page alone."""

#: types whose cases no duty keeps, as shipped: what the company edits is not loaded again
FREE_TYPES = ("type_sugerencia", "type_felicitacion")


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_pqrs_type SET duty_years = 0
            WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = 'sig_pqrs' AND name IN %s)""",
        [FREE_TYPES],
    )
    cr.execute(
        """UPDATE ir_attachment SET res_field = 'attachment_id'
             FROM sig_person_export export WHERE ir_attachment.id = export.attachment_id"""
    )
