"""Makes pytest strict: a skipped test is a failed run, because nobody looks at what quietly stopped running. And gives
each worker of a run the files of its database."""

import contextlib
import os
import shutil

import pytest
import pytest_odoo

from odoo.tests import common as odoo_tests
from odoo.tools import config as odoo_config

# A browser may take longer to start than the ten seconds after which core skips the test.
odoo_tests.CHECK_BROWSER_ITERATIONS *= 4


@contextlib.contextmanager
def _own_filestore(original, name):
    """pytest-odoo lets workers share files, where each sweeps away what the others still need."""
    if name == original:
        yield
        return
    files = odoo_config.filestore(name)
    shutil.copytree(odoo_config.filestore(original), files, copy_function=os.link)  # Odoo never rewrites a stored file
    try:
        yield
    finally:
        shutil.rmtree(files)


assert hasattr(pytest_odoo, "_shared_filestore"), "pytest-odoo shares files in another way now"
pytest_odoo._shared_filestore = _own_filestore


def _skipped(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    if exitstatus == pytest.ExitCode.OK and _skipped(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, exitstatus):
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.section("skipped tests fail the run", red=True)
        terminalreporter.write_line(f"{skipped} skipped: make them run, or delete them. The reasons are below.")
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        terminalreporter.section("no test ran", red=True)
        terminalreporter.write_line("Nothing was collected: check the arguments, or whether tests/ has test_*.py.")
