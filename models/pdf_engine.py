"""The PDF engine, and how long it may take: core waits for it for ever, and with it whoever prints, or the job."""

import os
import signal
import subprocess
from contextlib import contextmanager
from contextvars import ContextVar
from shutil import which
from weakref import WeakSet

from odoo.addons.base.models import ir_actions_report as core

#: seconds in which the engine says what it is
ANSWER_SECONDS = 15

#: cursors of transactions in which the engine was stopped
stopped_in = WeakSet()

_seconds = ContextVar("seconds that the PDF engine may take", default=None)
_run_for_ever = core._run_wkhtmltopdf


class EngineHangs(Exception):
    """The PDF engine took longer than it may, and was stopped."""


@contextmanager
def limited_to(seconds):
    """What prints meanwhile, in this thread, ends after so many seconds.

    :raises EngineHangs: when it was stopped.
    """
    token = _seconds.set(seconds)
    try:
        answers()
        yield
    finally:
        _seconds.reset(token)


def answers():
    """Have the engine say what it is, which core remembers, and would wait for as well.

    :raises EngineHangs: when it does not say it.
    """
    if not core._wkhtml.cache_info().currsize and (engine := which("wkhtmltopdf")):
        _run([engine, "--version"], ANSWER_SECONDS)


def _run(command, seconds):
    # A session of its own: some engines are scripts, and what they started has to end too.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise EngineHangs from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _run_wkhtmltopdf(args):
    """As core runs the engine, with an end where one was set."""
    seconds = _seconds.get()
    return _run_for_ever(args) if seconds is None else _run([core._wkhtml().bin, *args], seconds)


# Core has no hook around its call of the engine.
core._run_wkhtmltopdf = _run_wkhtmltopdf
