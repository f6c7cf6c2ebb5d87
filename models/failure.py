"""Steps that may fail apart, and failures in words for those who read what a job could not do."""

import logging

from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: of what is kept of a failure
MAX_LENGTH = 500


def describe_failure(error):
    """What people read of an exception: one that was raised for them says it all, any other also what it is."""
    text = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return text[:MAX_LENGTH]


def attempt(cr, step, *told):
    """The result of a step; None when it fails: then it alone is undone, and the log has ``told``. What conflicts with
    another transaction is raised, for core to try again.
    """
    try:
        with cr.savepoint():
            return step()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception:
        _logger.exception(*told)
        return None
