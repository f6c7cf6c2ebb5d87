"""The one place that tells what time it is.

History (demo data, benchmarks) is built by the same methods that users call, at moments in the past. The moment is held
in a context variable, so that only code of this process, in this thread, can set it: no caller over RPC can.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from odoo import fields

_moment: ContextVar[datetime | None] = ContextVar("sig_pqrs.moment", default=None)


def now() -> datetime:
    """The current moment, naive UTC, whole seconds."""
    return _moment.get() or fields.Datetime.now()


def held() -> datetime | None:
    """The moment in which the past is being built; None in the present."""
    return _moment.get()


@contextmanager
def at(moment: datetime):
    """Run what follows as if it were ``moment`` (naive UTC)."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
