def migrate(cr, _version):
    """A single month beyond the limits is a hint where stable processes have it oftener than 5 % in two years."""
    cr.execute(
        "UPDATE sig_indicator_measure SET signal_is_hint = true"
        " WHERE signal = 'beyond' AND (unit IN ('days', 'points') OR direction = 'neutral')"
    )
