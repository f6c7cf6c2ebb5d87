def migrate(cr, _version):
    """Indicators are no longer written by hand: those that were are archived, with what they said.

    Another version of the formula says that nothing calculates their figures again.
    """
    cr.execute("UPDATE sig_indicator SET active = false, formula_version = formula_version + 1 WHERE kind = 'manual'")
