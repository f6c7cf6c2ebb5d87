def migrate(cr, version):
    """A letter that is printed again bears the date of that which is kept: the day on which its file was made."""
    cr.execute(
        """
        UPDATE sig_pqrs c
           SET letter_date = (LEAST(a.create_date, c.date_answered) AT TIME ZONE 'UTC' AT TIME ZONE o.sig_tz)::date
          FROM ir_attachment a, res_company o
         WHERE a.id = c.letter_id AND o.id = c.company_id AND c.letter_date IS NULL
        """
    )
