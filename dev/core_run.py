"""Run the tests of modules of Odoo in a database where all is loaded, and write what became of each: see dev/core.

    core_run.py DATABASE FOLDER [--no-tours] MODULE… [-- option of Odoo…]

A file a module, a line of JSON a test: its name, how it ended, what was wrong, the queries that it counted itself
(``assertQueryCount``) and its seconds. A module may be followed by what to run of it: ``mail:TestPerformance.test_x``.
Tests that core runs while modules are installed run here too: what others have must work beside us, not only before us.
"""

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest

arguments = sys.argv[1:]
options = []
if "--" in arguments:
    arguments, options = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
with_tours = "--no-tours" not in arguments
database, folder, *specs = (argument for argument in arguments if argument != "--no-tours")

from odoo.tools import config  # noqa: E402

tags = ",".join(f"/{spec}" for spec in specs)
config.parse_config(["-d", database, "--test-tags", tags, "--stop-after-init", *options], setup_logging=True)

import odoo.cli  # noqa: E402

odoo.cli.COMMAND = "server"

from odoo import api, modules  # noqa: E402
from odoo.modules.registry import Registry  # noqa: E402
from odoo.service import server  # noqa: E402


class Recorder:
    """Writes a line when a test has ended."""

    def open(self, path):
        self.file = path.open("w")
        self.begin("")

    def begin(self, name):
        self.name, self.outcome, self.message, self.queries, self.start = name, "passed", "", [], time.time()

    def spoil(self, outcome, error):
        if self.outcome not in ("failed", "error"):
            self.outcome = outcome
            self.message = f"{error[0].__name__}: {error[1]}"[:600]

    def end(self):
        row = {
            "test": self.name,
            "outcome": self.outcome,
            "message": self.message,
            "queries": self.queries,
            "seconds": round(time.time() - self.start, 2),
        }
        self.file.write(json.dumps(row) + "\n")

    def add(self, name, outcome, error=None):
        """What is not a test: a class that could not be prepared."""
        self.begin(name)
        self.outcome, self.message = outcome, str(error[1])[:600] if error else ""
        self.end()


recorder = Recorder()


def get_name(test):
    return test.id().removeprefix("odoo.addons.").replace(".tests.", ".", 1)


def make_result_class():
    from odoo.tests import case, result

    class Result(result.OdooTestResult):
        def startTest(self, test):
            super().startTest(test)
            recorder.begin(get_name(test))

        def stopTest(self, test):
            super().stopTest(test)
            recorder.end()

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            if isinstance(test, case.TestCase):
                recorder.spoil("skipped", (SkipTest, reason))

        def logError(self, flavour, test, error):
            super().logError(flavour, test, error)
            outcome = "failed" if flavour == "FAIL" else "error"
            if isinstance(test, case.TestCase) or hasattr(test, "test_case"):
                recorder.spoil(outcome, error)
            else:
                recorder.add(str(test), outcome, error)

    return Result


def count_queries():
    """Keep what tests count, whether it is what they expect or not."""
    from odoo.tests.common import BaseCase

    original = BaseCase.assertQueryCount

    @contextmanager
    def counted(self, default=0, flush=True, **counters):
        with original(self, default, flush, **counters):
            before, was_warm = self.cr.sql_log_count, self.warm
            yield
            if was_warm:
                if flush:
                    self.env.flush_all()
                    self.env.cr.flush()
                recorder.queries.append([self.env.user.login, self.cr.sql_log_count - before])

    BaseCase.assertQueryCount = counted


def skip_tours():
    from odoo.tests.common import HttpCase

    def browser_js(self, *_args, **_kwargs):
        raise SkipTest("no browser")

    HttpCase.browser_js = browser_js


def run(names):
    (name,) = names
    config["test_enable"] = False  # while modules load, core would run tests of each before the next is there
    registry = Registry(name)
    config["test_enable"] = True
    from odoo.tests import loader

    count_queries()
    if with_tours:
        with registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["ir.qweb"]._pregenerate_assets_bundles()
    else:
        skip_tours()
    result = registry._assertion_report = make_result_class()()  # core looks there when the server stops
    for module in dict.fromkeys(spec.partition(":")[0] for spec in specs):
        part = Path(folder, f"{module}.part")
        recorder.open(part)
        for position in ("at_install", "post_install"):
            modules.module.current_test = True
            loader.make_suite([module], position)(result)
            modules.module.current_test = False
        recorder.file.close()
        part.rename(part.with_suffix(""))
    return 0


server.preload_registries = run
sys.exit(server.start(preload=[database], stop=True))
