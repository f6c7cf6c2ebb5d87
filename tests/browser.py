"""A browser that a test drives step by step, with real keys, at the size of a screen."""
import contextlib
import json
import os
import threading
import time
from pathlib import Path

import websocket

from odoo.tests.common import ChromeBrowser, ChromeBrowserException, _registry_test_lock, release_test_lock

#: keys that are no letter: the name, what is typed by it, and the code that browsers still want
KEYS = {"Tab": ("Tab", "", 9), "Enter": ("Enter", "\r", 13), "Space": (" ", " ", 32), "ArrowDown": ("ArrowDown", "", 40)}
PHONE, DESKTOP = (360, 740), (1280, 800)
#: the size of the window, and of the text in percent; at the second (WCAG 1.4.4 and 1.4.10 together) it is only measured
SIGHTS = ((PHONE, 100), ((320, 640), 200), (DESKTOP, 100))
#: how often a page is looked at, each 50 ms, before it is given up: on a machine that does much else it takes long
PATIENCE = 800
#: with its scripts: until they are there core holds back what is pressed
LOADED = "document.readyState === 'complete' && !!document.body && !document.body.matches('.o_lazy_js_waiting')"

#: a page that is left is not taken for the one that comes
MARK_LEFT = "(document.querySelector('main') ?? document.documentElement).dataset.left = '1'"
IS_NEW = "!document.querySelector('[data-left]')"


class Browser:
    """Chromium on the pages of a test, an `HttpCase`; see `open_browser`."""

    def __init__(self, test, chrome):
        self.test = test
        self.chrome = chrome
        self.serving = False
        self.worker = None
        # A page that is sending asks before it is left.
        leave = {"method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
        chrome._handlers["Page.javascriptDialogOpening"] = lambda **_dialog: chrome._websocket_send(**leave)

    @contextlib.contextmanager
    def serve(self):
        """Let the server answer the browser. Outside of it requests wait: they share the cursor of the test, and each
        would read what the other asked for."""
        if self.serving:
            yield
            return
        self.serving = True
        try:
            with release_test_lock():
                yield
        finally:
            self.serving = False

    def ask(self, method, **params):
        with self.serve():
            return self.chrome._websocket_request(method, params=params, timeout=60)

    def run(self, code):
        """The value of an expression of JavaScript, or of what it promises."""
        answer = self.ask("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{code[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, code):
        with self.serve():
            for _time in range(PATIENCE):  # the clock may stand still
                try:
                    with contextlib.suppress(AssertionError, TypeError):  # a page goes away
                        if self.run(code):
                            return
                except ChromeBrowserException as error:
                    if "navigated or closed" not in str(error):
                        raise
                time.sleep(0.05)
        raise AssertionError(f"never: {code}; at {self.run('location.href')}: {self.run('document.body.innerText')}")

    def wait_for(self, selector):
        self.wait(f"!!document.querySelector({selector!r})")

    def wait_for_page(self, code):
        """Wait until a page where the code holds is loaded."""
        self.wait(f"{LOADED} && {code}")

    def log_in(self, login):
        """Go on as another user; None for nobody."""
        self.test.authenticate(login, login, browser=self.chrome)

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setScrollbarsHidden", hidden=width < 600)  # on phones they take no room

    def go(self, path):
        self.test.env.flush_all()
        self.run(MARK_LEFT)
        self.ask("Page.navigate", url=f"{self.test.base_url()}{path}")
        self.wait_for_page(IS_NEW)

    def leave_by(self, code):
        """Run what leads to another page, or shows it in the place of this one, and wait for it."""
        self.run(MARK_LEFT)
        self.run(code)
        self.wait_for_page(IS_NEW)

    def set_online(self, online):
        """With or without a network, the page and its service worker."""
        limits = {"offline": not online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        if self.worker:
            self.worker.close()
            self.worker = None
        if not online:
            self.ask_worker("Network.enable")
            self.ask_worker("Network.emulateNetworkConditions", **limits)
        self.ask("Network.enable")
        self.ask("Network.emulateNetworkConditions", **limits)

    def ask_worker(self, method, **params):
        """Ask the service worker, if there is one; it is not put to sleep before its network is back."""
        if not self.worker:
            targets = [target for target in self.chrome._json_command("") if target["type"] == "service_worker"]
            if not targets:
                return None
            self.worker = websocket.create_connection(targets[0]["webSocketDebuggerUrl"], suppress_origin=True, timeout=60)
        with self.serve():
            self.worker.send(json.dumps({"id": 1, "method": method, "params": params}))
            while (answer := json.loads(self.worker.recv())).get("id") != 1:
                pass
        return answer

    def crash(self):
        """The phone takes the memory of the page for something else; it is opened again."""
        crashed = threading.Event()
        self.chrome._handlers["Inspector.targetCrashed"] = crashed.set
        self.ask("Inspector.enable")
        self.chrome._websocket_send("Page.crash")
        crashed.wait(60)
        self.ask("Page.reload")
        self.wait(LOADED)

    def wake_worker(self, scope):
        """Start the service worker of pages that are closed, as the browser does when there is a network again."""
        self.ask("ServiceWorker.enable")
        self.ask("ServiceWorker.startWorker", scopeURL=f"{self.test.base_url()}{scope}")
        with self.serve():
            for _time in range(PATIENCE):
                if self.ask_worker("Runtime.enable"):
                    return
                time.sleep(0.05)
        raise AssertionError("The service worker does not start")

    def get_text(self, selector):
        """The text of an element, empty where there is none."""
        return self.run(f"document.querySelector({selector!r})?.textContent ?? ''")

    def press(self, key, shift=False):
        name, text, code = KEYS[key]
        params = {"key": name, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **params)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **params)

    def type_in(self, text):
        """Type into what has the focus."""
        self.ask("Input.insertText", text=text)

    def read_tree(self):
        """What assistive technology is given of the page: dicts with ``role name description`` and the states."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [
            {
                **{name: (node.get(name) or {}).get("value", "") for name in ("role", "name", "description")},
                **{state["name"]: state["value"].get("value") for state in node.get("properties", ())},
            }
            for node in nodes
            if not node["ignored"]
        ]

    def tab_to(self, selector):
        """Press Tab until an element has the focus, as who has no mouse does."""
        for _time in range(80):
            if self.run(f"!!document.activeElement?.matches({selector!r})"):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by the keyboard")


#: what is wider than the screen, when the page is
WIDE = """[document.documentElement, ...document.querySelectorAll("#wrapwrap")]
    .some(({scrollWidth, clientWidth}) => scrollWidth > clientWidth) && [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility({visibilityProperty: true}) && each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.outerHTML.slice(0, 200))"""


class PageChecks:
    """A test that looks at pages by axe-core: nothing is found, and nothing is wider than the screen."""

    #: the footer of a website is the host's
    NOT_OURS = {"exclude": ["footer#bottom"]}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axe = Path(os.environ["SIG_AXE"]).read_text()

    def setUp(self):
        super().setUp()
        self.checked = []

    def check(self, browser, name):
        """The page as it is now."""
        if not browser.run("!!window.axe"):
            browser.run(f"{self.axe}; true")
        for size, text in SIGHTS:
            browser.resize(*size)
            browser.run(f"document.documentElement.style.fontSize = '{text}%'")
            browser.run("Promise.allSettled(document.getAnimations().map((each) => each.finished)).then(() => true)")
            found = text == 100 and browser.run(
                f"""axe.run({json.dumps(self.NOT_OURS)}, {{resultTypes: ["violations"]}}).then(({{violations}}) => violations.map(
                    ({{id, nodes}}) => [id, nodes.map(({{html, failureSummary}}) => [html.slice(0, 300), failureSummary])]))"""
            )
            wide = browser.run(WIDE)
            with self.subTest(page=name, size=size):
                self.assertFalse(found, json.dumps(found, indent=1))
                self.assertFalse(wide, "it is wider than the screen")
        browser.run("document.documentElement.style.fontSize = ''")
        self.checked.append(name)


@contextlib.contextmanager
def open_browser(test, login=None, size=PHONE):
    chrome = ChromeBrowser(test)
    with test.allow_requests(browser=chrome), contextlib.ExitStack() as stack:
        stack.callback(test._wait_remaining_requests)
        stack.callback(chrome.stop)
        test.authenticate(login, login, browser=chrome)
        test.env.flush_all()
        test.env.invalidate_all()
        with _registry_test_lock:
            browser = Browser(test, chrome)
            browser.resize(*size)
            yield browser
