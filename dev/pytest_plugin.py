"""Makes pytest strict: a skipped test is a failed run, because nobody looks at what quietly stopped running. Gives each
worker of a run the files of its database, hands out first what takes longest, and makes once what each test would make
again."""

import contextlib
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import freezegun.api
import pytest
import pytest_odoo
from passlib.context import CryptContext

from odoo import api, service
from odoo.addons.base.models.res_users import ResUsersPatchedInTest
from odoo.modules.registry import Registry
from odoo.tests import common as odoo_tests
from odoo.tools import config as odoo_config
from odoo.tools.lru import LRU

#: tests that drive a browser, and what their pages load
BROWSER = re.compile(r"\b(open_browser|start_tour|browser_js)\(")
BUNDLES = (
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
    "web.assets_tests",
    "web.assets_emoji",
    "bus.websocket_worker_assets",
    "web.report_assets_common",
    "survey.survey_assets",
)

# A browser may take longer to start than the ten seconds after which core skips the test.
odoo_tests.CHECK_BROWSER_ITERATIONS *= 4


def _get_module_key(module):
    """freezegun asks it of some four thousand modules whenever a clock stops; its own key lists their names."""
    return id(module), len(getattr(module, "__dict__", ()))


assert hasattr(freezegun.api, "_get_module_attributes_hash"), "freezegun knows modules in another way now"
freezegun.api._get_module_attributes_hash = _get_module_key
freezegun.configure(extend_ignore_list=["_pytest.timing"])  # how long a test takes


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


class _CountedCache(LRU):
    """An ormcache that counts how often it was cleared."""

    __slots__ = ("cleared",)

    def __init__(self, count):
        super().__init__(count)
        self.cleared = 0

    def clear(self):
        self.cleared += 1
        super().clear()


class _WarmCaches:
    """Caches of a registry across what is rolled back.

    Core empties them after each test; to fill them again took a quarter of the time of a run. Whoever changes what a
    value depends on clears its cache. So what stands in one that was not cleared is as right after the rollback as
    before; one that was cleared gets the values of before.
    """

    def __init__(self, registry):
        self.registry = registry
        self.models = self._get_models()
        self.caches = registry._Registry__caches
        for name, cache in self.caches.items():
            if not isinstance(cache, _CountedCache):
                self.caches[name] = _CountedCache(cache.count)
        self.values = {name: (cache.cleared, dict(cache._values)) for name, cache in self.caches.items()}

    def _get_models(self):
        return self.registry.registry_sequence, self.registry.registry_invalidated

    def end(self):
        """Call it before the rollback."""
        same_models = self._get_models() == self.models
        for name, (cleared, values) in self.values.items():
            if not same_models:
                values.clear()
            elif self.caches[name].cleared == cleared:
                values.update(self.caches[name]._values)

    def restore(self):
        """Call it after core has emptied them."""
        for name, (cleared, values) in self.values.items():
            cache = self.caches[name]
            cache.cleared, cache._values, cache._ordering = cleared, dict(values), dict.fromkeys(values)


_set_up_class = odoo_tests.TransactionCase.setUpClass.__func__
_set_up = odoo_tests.TransactionCase.setUp


def _set_up_class_warm(cls):
    caches = _WarmCaches(Registry(odoo_tests.get_db_name()))
    cls.addClassCleanup(caches.restore)
    _set_up_class(cls)
    cls.addClassCleanup(caches.end)


def _set_up_warm(self):
    caches = _WarmCaches(self.registry)
    self.addCleanup(caches.restore)
    _set_up(self)
    self.addCleanup(caches.end)


odoo_tests.TransactionCase.setUpClass = classmethod(_set_up_class_warm)
odoo_tests.TransactionCase.setUp = _set_up_warm


@pytest.fixture(scope="session", autouse=True)
def people(load_registry):
    """They are there before the tests: to make them takes longer than many a test."""
    from odoo.addons.sig_pqrs.tests.common import SigCommon  # it needs the registry

    hashed = CryptContext(["pbkdf2_sha512", "plaintext"], pbkdf2_sha512__rounds=1)  # as core's tests do
    with (
        Registry(odoo_tests.get_db_name()).cursor() as cr,
        patch.object(ResUsersPatchedInTest, "_crypt_context", lambda _self: hashed),
    ):
        SigCommon.get_people(api.Environment(cr, api.SUPERUSER_ID, {}))


@pytest.fixture(scope="session", autouse=True)
def base_url(load_http):
    """The address is stored once: each `HttpCase` that finds another stores it and empties the caches."""
    if service.server.server is not None:
        with Registry(odoo_tests.get_db_name()).cursor() as cr:
            parameters = api.Environment(cr, api.SUPERUSER_ID, {})["ir.config_parameter"]
            parameters.set_param("web.base.url", odoo_tests.HttpCase.base_url())


@pytest.fixture(scope="session", autouse=True)
def assets(request, base_url):
    """Bundles that browsers ask for are made once: each test takes back what it stores."""
    modules = {item.module for item in request.session.items}
    if any(BROWSER.search(Path(module.__file__).read_text()) for module in modules):
        with Registry(odoo_tests.get_db_name()).cursor() as cr:
            views = api.Environment(cr, api.SUPERUSER_ID, {})["ir.qweb"]
            for name in BUNDLES:
                bundle = views._get_asset_bundle(name, css=True, js=True)
                bundle.css()
                bundle.js()


class _LongestFirst:
    """Workers are handed the classes that took longest in the run before first, so that they end together."""

    STORED = "sig_pqrs/seconds"

    def __init__(self, config):
        self.config = config
        self.seconds = Counter()

    def pytest_collection_modifyitems(self, items):
        seconds = self.config.cache.get(self.STORED, {})
        items.sort(key=lambda item: -seconds.get(self._get_class(item.nodeid), float("inf")))

    def pytest_runtest_logreport(self, report):
        self.seconds[self._get_class(report.nodeid)] += report.duration

    def pytest_sessionfinish(self):
        if not hasattr(self.config, "workerinput"):
            self.config.cache.set(self.STORED, self.seconds)

    def _get_class(self, nodeid):
        return nodeid.rpartition("::")[0]


def pytest_configure(config):
    if config.option.dist == "loadscope" or hasattr(config, "workerinput"):
        config.pluginmanager.register(_LongestFirst(config))


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
