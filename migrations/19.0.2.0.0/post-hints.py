def migrate(cr, _version):
    """A single month beyond the limits is a hint where stable processes have it oftener than 5 % in two years: the
    statistics of the measure say so, and it is no signal.
    """
    cr.execute(
        "UPDATE sig_indicator_measure SET signal = NULL, signal_is_bad = false"
        " WHERE signal = 'beyond' AND (unit IN ('days', 'points') OR direction = 'neutral')"
    )
