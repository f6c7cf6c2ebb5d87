"""Makes pytest strict: a skipped test is a failed run, because nobody looks at what quietly stopped running. Gives each
worker of a run the files of its database, hands out first what takes longest, and makes once what each test would make
again."""

import contextlib
import inspect
import itertools
import json
import os
import re
import shutil
import signal
import time
from collections import Counter
from concurrent import futures
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import freezegun.api
import psutil
import pytest
import pytest_odoo
import websocket
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
    "sig_pqrs.assets_client",
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


class _Chromium(odoo_tests.ChromeBrowser):
    """Core starts a Chromium for each test. Here a worker has one, in which each test gets a profile of its own, as of
    a private window: without what another left there."""

    #: the process, its port, and the connection that opens and closes profiles
    shared = None
    requests = itertools.count(1)

    def _chrome_start(self, user_data_dir, touch_enabled, headless=True, debug=False):
        self.own = touch_enabled or debug or not headless
        if self.own:
            return super()._chrome_start(user_data_dir, touch_enabled, headless, debug)
        if not _Chromium.shared or _Chromium.shared[0].poll() is not None:
            self.chrome, self.devtools_port = super()._chrome_start(user_data_dir, touch_enabled)
            address = self._json_command("version")["webSocketDebuggerUrl"]
            connection = websocket.create_connection(address, suppress_origin=True, timeout=60)
            _Chromium.shared = self.chrome, self.devtools_port, connection, user_data_dir
        else:
            shutil.rmtree(user_data_dir)
        return _Chromium.shared[:2]

    def _open_websocket(self):
        if self.own:
            return super()._open_websocket()
        self.profile = self._ask("Target.createBrowserContext")["browserContextId"]
        page = self._ask("Target.createTarget", url="about:blank", browserContextId=self.profile)["targetId"]
        address = f"ws://{odoo_tests.HOST}:{self.devtools_port}/devtools/page/{page}"
        page_connection = websocket.create_connection(address, enable_multithread=True, suppress_origin=True)
        page_connection.settimeout(0.01)  # core asks it again and again
        return page_connection

    def _ask(self, method, **params):
        connection, number = _Chromium.shared[2], next(self.requests)
        connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(connection.recv())).get("id") != number:
            pass
        if "error" in answer:
            raise odoo_tests.ChromeBrowserException(f"{method}: {answer['error']}")
        return answer["result"]

    def _wait_ready(self, ready_code=None, timeout=60):
        """Core asks the page all the time, and both get less done."""
        code = ready_code or "document.readyState === 'complete'"
        params = {"expression": f"try {{ {code} }} catch {{}}", "awaitPromise": True}
        for _time in range(20 * timeout):
            answer = self._websocket_request("Runtime.evaluate", params=params, timeout=timeout)
            if answer["result"].get("value") is True:
                return True
            time.sleep(0.05)
        self.take_screenshot(prefix="sc_failed_ready_")
        return False

    def stop(self):
        if self.own or not hasattr(self, "ws"):
            super().stop()
            return
        with contextlib.suppress(odoo_tests.ChromeBrowserException):
            self._websocket_request("Page.stopLoading")
        futures.wait(self._responses.values(), 10)  # a picture of what failed
        self._result.cancel()
        self.ws.close()
        self._ask("Target.disposeBrowserContext", browserContextId=self.profile)
        if self.sigxcpu_handler:
            signal.signal(signal.SIGXCPU, self.sigxcpu_handler)

    @classmethod
    def end(cls):
        if cls.shared:
            chrome, _port, connection, folder = cls.shared
            connection.close()
            chrome.kill()
            chrome.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


class _Process(psutil.Process):
    """Core ends what a class of tests leaves running: not the Chromium of the worker."""

    def children(self, recursive=False):
        stays = _Chromium.shared and _Chromium.shared[0].pid
        return [child for child in super().children(recursive) if child.pid != stays]


odoo_tests.ChromeBrowser = _Chromium
odoo_tests.psutil = SimpleNamespace(Process=_Process, wait_procs=psutil.wait_procs)


@pytest.fixture(scope="session", autouse=True)
def chromium():
    yield
    _Chromium.end()


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
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            # Pages of a website ask for them by its address.
            for name, website in itertools.product(BUNDLES, (False, *env["website"].search([]).ids)):
                bundle = env["ir.qweb"]._get_asset_bundle(name, assets_params={"website_id": website})
                bundle.css()
                bundle.js()


class _LongestFirst:
    """Workers are handed the classes that took longest in the run before first, so that they end together. New ones are
    guessed: tests in a browser take ten times as long."""

    STORED = "sig_pqrs/seconds"

    def __init__(self, config):
        self.config = config
        self.seconds = Counter()
        self.busy = Counter()
        self.last = {}

    def pytest_collection_modifyitems(self, items):
        seconds = Counter(self.config.cache.get(self.STORED, {}))
        new = Counter()
        for item in items:
            name = self._get_class(item.nodeid)
            if name not in seconds:
                new[name] += 10 if BROWSER.search(inspect.getsource(item.function)) else 1
        seconds.update(new)
        items.sort(key=lambda item: -seconds[self._get_class(item.nodeid)])

    def pytest_runtest_logreport(self, report):
        self.seconds[self._get_class(report.nodeid)] += report.duration
        if hasattr(report, "node"):
            worker = report.node.gateway.id
            self.busy[worker] += report.duration
            self.last[worker] = report.stop

    def pytest_terminal_summary(self, terminalreporter):
        """None is to wait alone at the end."""
        for worker, seconds in sorted(self.busy.items()):
            early = max(self.last.values()) - self.last[worker]
            terminalreporter.write_line(f"{worker}: {seconds:.0f} s in tests, over {early:.0f} s before the last")

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
