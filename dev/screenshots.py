"""Run by dev/screenshots: drives Chromium through the demo and keeps the pictures of the user guide.

screenshots.py ADDRESS FOLDER [NAME...]
"""

import base64
import contextlib
import io
import itertools
import json
import re
import shutil
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


class Screen:
    """A page of Chromium, at the size of a screen."""

    def __init__(self, address, folder):
        self.address = address
        self.folder = folder
        self.numbers = itertools.count(1)
        self.login = None

    @contextlib.contextmanager
    def open(self):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        with tempfile.TemporaryDirectory() as profile:
            options = (
                "--headless=new",
                "--no-sandbox",
                "--hide-scrollbars",
                "--lang=es-CO",
                "--remote-debugging-port=0",
            )
            chrome = subprocess.Popen(
                [program, *options, f"--user-data-dir={profile}", "about:blank"], stderr=subprocess.PIPE, text=True
            )
            try:
                port = next(filter(None, (re.search(r"ws://127\.0\.0\.1:(\d+)/", line) for line in chrome.stderr)))[1]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as pages:
                    page = next(page for page in json.load(pages) if page["type"] == "page")
                self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True)
                self.ask("Page.enable")
                still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
                self.ask("Emulation.setEmulatedMedia", features=still)
                yield self
            finally:
                chrome.terminate()
                chrome.wait()

    def ask(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def run(self, code):
        """The value of an expression of JavaScript, or of what it promises."""
        answer = self.ask("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{code[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, code):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):  # a page goes away
                if self.run(code):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"never: {code}; at {self.run('location.href')}: {self.run('document.body.innerText')}")

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

    def keep(self, name):
        """The picture of what shows now, in few colours."""
        self.wait(READY)
        self.run("document.activeElement?.blur()")
        self.run("for (const input of document.querySelectorAll('input')) { input.scrollLeft = 0; }")
        self.wait("[...document.images].every((image) => image.complete)")
        time.sleep(1)
        content = base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])
        image = Image.open(io.BytesIO(content)).convert("RGB").quantize(96, dither=Image.Dither.NONE)
        path = self.folder / f"{name}.png"
        image.save(path, optimize=True)
        print(f"    {path.name}: {path.stat().st_size // 1000} kB")


def take_my_day(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile")


def take_registering(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile")
    screen.click("button", "Registrar una PQRS")
    screen.write("subject", "Luminarias apagadas en la portería norte")
    screen.choose("type_id", "Queja")
    screen.choose("partner_id", "Ana Ruiz")
    screen.write("description", "Desde el martes dos luminarias de la portería norte están apagadas en la noche.")


def take_triage(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile_method")
    screen.click(".o_sig_tile_method")
    screen.wait_for(".modal .o_field_widget[name=line_ids]")


def take_case(screen):
    plain = [(field, "=", False) for field in ("restricted", "suspended", "to_notify", "next_duty")]
    case = screen.find("sig.pqrs", ("state", "=", "assigned"), ("partner_id", "!=", False), *plain)
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")


def take_sending(screen):
    case = screen.find(
        *("sig.pqrs", ("state", "=", "approved"), ("delivery_state", "=", "none"), ("legal_risk", "=", False)),
    )
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")
    screen.click(".o_statusbar_buttons button", "Cerrar y enviar respuesta")
    screen.wait_for(".modal .o_field_widget[name=opening]")


def take_month(screen):
    screen.go("/odoo/action-sig_pqrs.action_indicator_month", ".o_field_widget[name=measure_ids] .o_data_row")


def take_wave(screen):
    wave = screen.find("sig.survey.wave", ("state", "=", "running"))
    screen.go(f"/odoo/survey-waves/{wave}", ".o_form_view .o_field_widget[name=name]")


def take_approval(screen):
    waiting = screen.find("sig.pqrs.assignment", ("state", "=", "submitted"), ("approval_user_id", "=", screen.me()))
    screen.go(f"/odoo/sig-approvals/{waiting}", ".o_form_view .o_notebook")


def take_drafting(screen):
    mine = [("user_id", "=", screen.me()), ("state", "=", "pending")]
    screen.go(f"/odoo/sig-my-day/{screen.find('sig.pqrs.assignment', *mine)}", ".o_form_view .o_notebook")


def take_review(screen):
    review = screen.find("sig.management.review", ("kind", "=", "review"))
    screen.go(f"/odoo/sig-reviews/{review}", ".o_form_view .o_notebook")


def take_acts(screen):
    case = screen.find("sig.pqrs", ("state", "=", "closed"), ("outcome", "=", "answered"), ("restricted", "=", False))
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")
    screen.click(".o_notebook .nav-link", "Actuaciones")
    screen.scroll_to(".o_notebook_headers")


def take_settings(screen):
    screen.go("/odoo/action-sig_pqrs.action_settings", "#sig_policy_days")


def take_filing(screen):
    screen.go("/pqrs/new?type=queja", "form #pqrs_type")


def take_requests(screen):
    screen.go("/my/pqrs", "h1")


def take_request(screen):
    screen.go("/my/pqrs", "h1")
    screen.click("main a[href*='/my/pqrs/']:not([href$='/new'])")
    screen.wait(f"/pqrs\\/\\d+/.test(location.pathname) && {READY}")


def take_interviews(screen):
    screen.go("/odoo/my-surveys", ".o_kanban_record")


def take_question(screen):
    client = screen.find("sig.survey.recipient", ("channel", "=", "visit"), ("state", "=", "to_send"))
    screen.go(screen.call("sig.survey.recipient", "action_apply", [client])["url"], "form")
    screen.click("button[type=submit]")
    screen.wait_for(".js_question-wrapper")


#: name: who looks, at which size, and how it is reached
PICTURES = {
    "mi-dia-sig": ("directora", DESKTOP, take_my_day),
    "clasificar": ("directora", DESKTOP, take_triage),
    "pqrs": ("directora", DESKTOP, take_case),
    "cerrar": ("directora", DESKTOP, take_sending),
    "registrar-mes": ("directora", DESKTOP, take_month),
    "campana": ("directora", DESKTOP, take_wave),
    "aprobar": ("lider1", DESKTOP, take_approval),
    "redactar": ("colaborador1", DESKTOP, take_drafting),
    "revision": ("gerente", DESKTOP, take_review),
    "actuaciones": ("gerente", DESKTOP, take_acts),
    "ajustes": ("admin", DESKTOP, take_settings),
    "cliente-radicar": (None, PHONE, take_filing),
    "cliente-solicitudes": ("cliente1", PHONE, take_requests),
    "cliente-caso": ("cliente1", PHONE, take_request),
    "encuestador": ("encuestador", PHONE, take_interviews),
    "encuesta": ("encuestador", PHONE, take_question),
    # the browser saves what was begun
    "registrar": ("directora", DESKTOP, take_registering),
}


def main(address, folder, *names):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if unknown := set(names) - PICTURES.keys():
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}: {', '.join(PICTURES)}")
    end = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/web/login").close()
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
    with Screen(address, folder).open() as screen:
        for name in names or PICTURES:
            login, size, take = PICTURES[name]
            screen.resize(size)
            screen.enter(login)
            take(screen)
            screen.keep(name)


main(*sys.argv[1:])
