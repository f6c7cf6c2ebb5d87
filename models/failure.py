"""Failures in words for those who read what a job could not do."""

from odoo.exceptions import UserError

#: of what is kept of a failure
MAX_LENGTH = 500


def describe_failure(error):
    """What people read of an exception: one that was raised for them says it all, any other also what it is."""
    text = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return text[:MAX_LENGTH]
