def migrate(cr, version):
    """Indicators are no longer written by hand: they are archived before a constraint says so."""
    cr.execute("UPDATE sig_indicator SET active = false WHERE kind = 'manual'")
