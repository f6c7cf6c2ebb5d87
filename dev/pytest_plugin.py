"""Makes pytest strict: a skipped test is a failed run, because nobody looks at what quietly stopped running."""

import pytest


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
