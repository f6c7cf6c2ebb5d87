"""Tells which tests call a function of the addon, and tries changes of the code with the tests of what is changed. See
dev/mutants."""

import difflib
import gc
import inspect
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from _pytest.runner import runtestprotocol
from pytest_plugin import BROWSER

from odoo import sql_db
from odoo.modules.registry import Registry
from odoo.tests import common as odoo_tests

FOLDER = Path(os.environ["SIG_CALLS"])
#: tests of a change at most, of them of a class, and seconds that they may take
TESTS, OF_CLASS, PATIENCE = 40, 12, 240


class _Calls:
    """Writes down the functions that each test calls."""

    def __init__(self, root):
        self.root, self.called = f"{root}/", set()
        self.tests = {}
        monitoring = sys.monitoring
        self.tool = next(number for number in (3, 4, 0) if monitoring.get_tool(number) is None)
        monitoring.use_tool_id(self.tool, "calls")
        monitoring.register_callback(self.tool, monitoring.events.PY_START, self.note)
        monitoring.set_events(self.tool, monitoring.events.PY_START)

    def note(self, code, _offset):
        if code.co_filename.startswith(self.root):
            self.called.add((code.co_filename.removeprefix(self.root), code.co_qualname, code.co_firstlineno))
        return sys.monitoring.DISABLE

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.called.clear()
        sys.monitoring.restart_events()
        result = yield
        self.tests[item.nodeid] = sorted(self.called)
        return result

    def pytest_sessionfinish(self):
        sys.monitoring.free_tool_id(self.tool)
        if self.tests:
            (FOLDER / f"{os.getpid()}.json").write_text(json.dumps(self.tests))


class _Mutants:
    """Each change is made in a process of its own, a copy of this one, which has loaded the registry."""

    def __init__(self, root, path):
        self.root, self.mutants = root, [json.loads(line) for line in path.read_text().splitlines()]
        self.told = path.with_name(path.name.replace("mutants", "told"))
        self.subtest_failed = False

    def pytest_runtestloop(self, session):
        Registry(odoo_tests.get_db_name())
        items = {item.nodeid: item for item in session.items}
        callers = self.get_callers(items)
        self.words = {name: _get_words(name, inspect.getsource(item.function)) for name, item in items.items()}
        self.frequency = Counter(word for words in self.words.values() for word in words)
        sql_db.close_all()
        with self.told.open("w") as told:
            for mutant in self.mutants:
                selected = self.select(mutant, callers[(mutant["path"], *mutant["function"])], items)
                outcome = self.run_apart(session, mutant, selected) if selected else "uncalled"
                before, after = (self.root / mutant["path"]).read_text(), mutant.pop("code")
                difference = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
                result = {"outcome": outcome, "tests": len(selected), "difference": list(difference)[3:]}
                told.write(json.dumps(mutant | result) + "\n")
                told.flush()
        return True

    def get_callers(self, items):
        """``{(path, name, first line): [test]}``, without tests of a browser."""
        callers = defaultdict(list)
        for path in FOLDER.glob("*.json"):
            for test, called in json.loads(path.read_text()).items():
                item = items.get(test)
                if item and not BROWSER.search(inspect.getsource(item.function)):
                    for key in called:
                        callers[tuple(key)].append(test)
        return callers

    def select(self, mutant, callers, items):
        """First those that say most of the words of what is changed, the rare ones above all; of a class together."""
        name, line = mutant["function"]
        code = _find_code(compile(mutant["code"], mutant["path"], "exec"), name, line)
        said = _get_words(mutant["path"], name, *_iter_words(code))

        def get_likeness(test):
            return sum(1 / self.frequency[word] for word in said & self.words[test])

        of_classes = defaultdict(list)
        for test in sorted(callers, key=get_likeness, reverse=True):
            of_class = of_classes[test.rpartition("::")[0]]
            if len(of_class) < OF_CLASS and sum(map(len, of_classes.values())) < TESTS:
                of_class.append(items[test])
        return [item for of_class in of_classes.values() for item in of_class]

    def run_apart(self, session, mutant, selected):
        """:return: ``noticed``, also when it never ends, ``unnoticed``, or ``untried``."""
        child = os.fork()
        if not child:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            status = 2  # it could not be tried
            try:
                self.change(mutant)
                status = self.run(session, selected)
            finally:
                os._exit(status)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return {0: "unnoticed", 1: "noticed"}.get(os.waitstatus_to_exitcode(status), "untried")
            time.sleep(0.05)
        os.kill(child, 9)
        os.waitpid(child, 0)
        return "noticed"

    def pytest_runtest_logreport(self, report):
        """Called for subtests alone, whose test passes all the same."""
        self.subtest_failed |= report.failed

    def run(self, session, selected):
        session.items = selected
        for item, following in zip(selected, [*selected[1:], None], strict=True):
            reports = runtestprotocol(item, nextitem=following, log=False)
            if self.subtest_failed or any(report.failed for report in reports):
                return 1
        return 0

    def change(self, mutant):
        name, line = mutant["function"]
        path = str(self.root / mutant["path"])
        code = _find_code(compile(mutant["code"], path, "exec"), name, line)
        functions = [
            each
            for each in gc.get_objects()
            if isinstance(each, FunctionType) and _get_place(each.__code__) == (path, name, line)
        ]
        assert functions, f"no function {name} of {path}:{line}"
        for function in functions:
            function.__code__ = code


def _get_words(*texts):
    whole = re.findall(r"\w{4,}", " ".join(texts))
    return {*whole, *(part for word in whole for part in word.lower().split("_") if len(part) > 3)}


def _iter_words(code):
    """Names and texts of a function."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _iter_words(constant)
        elif isinstance(constant, str | tuple):
            yield str(constant)


def _get_place(code):
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _find_code(code, name, line):
    if (code.co_qualname, code.co_firstlineno) == (name, line):
        return code
    inner = (each for each in code.co_consts if hasattr(each, "co_qualname"))
    return next((found for each in inner if (found := _find_code(each, name, line))), None)


def pytest_configure(config):
    if path := os.environ.get("SIG_MUTANTS"):
        config.pluginmanager.register(_Mutants(config.rootpath, Path(path)))
    elif not config.option.dist or config.option.dist == "no" or hasattr(config, "workerinput"):
        config.pluginmanager.register(_Calls(config.rootpath))
