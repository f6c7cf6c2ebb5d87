def migrate(cr, _version):
    """A review that was held once is kept: it is not prepared again any more, and may be changed until it is closed."""
    cr.execute("UPDATE sig_management_review SET state = 'held' WHERE state = 'draft' AND date_held IS NOT NULL")
