"""A browser that scripts of this folder drive through the demo, over the protocol of Chromium itself."""

import base64
import contextlib
import io
import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

PHONE, DESKTOP = (360, 740), (1280, 800)
SECONDS = 40
READY = "document.readyState === 'complete' && !document.querySelector('.o_loading_indicator, .o_blockUI')"
CALL = """fetch('/web/dataset/call_kw', {method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({jsonrpc: '2.0', params: %s})}).then((answer) => answer.json())"""

#: what only this browser lacks: the Internet, and somebody who touches the page
NO_FAULT = re.compile("ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED|never had a user gesture")


class Screen:
    """A page of Chromium, at the size of a screen."""

    def __init__(self, address):
        self.address = address
        self.numbers = itertools.count(1)
        self.login = None
        #: what pages complained of to the console
        self.complaints = []

    @contextlib.contextmanager
    def open(self):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            options = (
                "--headless=new",
                "--no-sandbox",
                "--hide-scrollbars",
                "--lang=es-CO",
                "--remote-debugging-port=0",
            )
            chrome = subprocess.Popen(
                [program, *options, f"--user-data-dir={profile}", "about:blank"],
                stderr=subprocess.DEVNULL,  # a pipe that nobody reads stops it once it is full
            )
            signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # it goes, too
            try:
                port = self._get_port(Path(profile))
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as pages:
                    page = next(page for page in json.load(pages) if page["type"] == "page")
                self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True)
                for domain in ("Page", "Runtime", "Log"):
                    self.ask(f"{domain}.enable")
                still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
                self.ask("Emulation.setEmulatedMedia", features=still)
                self.ask("Emulation.setTimezoneOverride", timezoneId="America/Bogota")
                yield self
            finally:
                chrome.terminate()
                chrome.wait()

    @staticmethod
    def _get_port(profile):
        for _try in range(SECONDS * 10):
            with contextlib.suppress(FileNotFoundError, IndexError):
                return int((profile / "DevToolsActivePort").read_text().splitlines()[0])
            time.sleep(0.1)
        raise TimeoutError("Chromium does not say at which port it listens.")

    def ask(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            self.hear(answer)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def hear(self, event):
        """Keep what an event says of an error."""
        told = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                details = told["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "assert"):
                texts = (str(one.get("value") or one.get("description", "")) for one in told["args"])
                self.complaints.append(" ".join(texts))
            case "Log.entryAdded" if told["entry"]["level"] == "error" and not NO_FAULT.search(told["entry"]["text"]):
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")

    def run(self, code):
        """The value of an expression of JavaScript, or of what it promises."""
        answer = self.ask("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{code[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def comes(self, code, seconds=3):
        """Whether an expression comes to be true, within some seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):  # a page goes away
                if self.run(code):
                    return True
            time.sleep(0.1)
        return False

    def wait(self, code):
        if self.comes(code, SECONDS):
            return
        place, text = self.run("location.href"), self.run("document.body.innerText")
        raise RuntimeError(f"never: {code}; at {place}: {text} {self.complaints[-3:]}")

    def wait_for(self, selector):
        self.wait(f"{READY} && !!document.querySelector({selector!r})")

    def go(self, path, selector="body"):
        self.ask("Page.navigate", url=self.address + path)
        self.wait_for(selector)

    def enter(self, login):
        """Go on as another user; None for nobody."""
        if login == self.login:
            return
        self.ask("Network.clearBrowserCookies")
        self.login = login
        if login:
            self.go("/web/login", "#login")
            for field in ("login", "password"):
                self.run(f"document.querySelector('#{field}').value = {login!r}")
            self.run("HTMLFormElement.prototype.submit.call(document.querySelector('#login').form)")
            self.wait(f"!location.pathname.startsWith('/web/login') && {READY}")

    def resize(self, size):
        width, height = size
        phone = size == PHONE
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        answer = self.run(CALL % json.dumps(params))
        if "error" in answer:
            raise RuntimeError(f"{model}.{method}: {answer['error']}")
        return answer["result"]

    def find(self, model, *domain, order="id desc"):
        """Id of the first record of a domain."""
        found = self.call(model, "search", domain, order=order, limit=1)
        if not found:
            raise RuntimeError(f"The demo has no {model} of {domain}")
        return found[0]

    def me(self):
        return self.run("odoo.__session_info__?.uid || 0") or self.find("res.users", ("login", "=", self.login))

    def click(self, selector, text=None):
        """Press the first that shows, and ends with the text when it is given."""
        shown = f"[...document.querySelectorAll({selector!r})].filter((one) => one.getClientRects().length)"
        if text:
            shown += f".filter((one) => one.textContent.trim().endsWith({text!r}))"
        self.wait(f"!!{shown}[0]")
        self.run(f"{shown}[0].click()")

    def write(self, field, text):
        selector = f".o_field_widget[name={field}] :is(input, textarea, .odoo-editor-editable)"
        self.wait_for(selector)
        self.run(f"document.querySelector({selector!r}).focus()")
        self.ask("Input.insertText", text=text)

    def choose(self, field, text):
        self.write(field, text)
        self.click(".o-autocomplete--dropdown-item a", text)

    def scroll_to(self, selector):
        self.wait_for(selector)
        self.run(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")

    def take_picture(self, pause=1.0, *, whole=False):
        """The page as it shows now, or all of it, in few colours, some seconds after it came to rest."""
        self.wait(READY)
        self.run("document.activeElement?.blur()")
        self.run("for (const input of document.querySelectorAll('input')) { input.scrollLeft = 0; }")
        self.wait("[...document.images].every((image) => image.complete || !image.getClientRects().length)")
        time.sleep(pause)
        page = {}
        if whole:
            width, height = self.run("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
            clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
            page = {"captureBeyondViewport": True, "clip": clip}
        content = self.ask("Page.captureScreenshot", format="png", **page)["data"]
        return Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB").quantize(96, dither=Image.Dither.NONE)


def wait_for_server(address):
    end = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/web/login").close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
