"""Run by dev/phone: opens the pages of a client as a phone on slow 4G does, and prints a table of Markdown.

phone.py ADDRESS PAGES COMMIT
"""

import contextlib
import datetime
import gzip
import http.client
import json
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from screen import PHONE, READY, Screen, wait_for_server

KB = 1000
LATENCY, DOWN, UP, SLOWER = 150, 1_600_000 / 8, 750_000 / 8, 4
#: what the page showed first in full, in milliseconds since its link was pressed
LARGEST = """new Promise((done) => {
    new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
        .observe({type: 'largest-contentful-paint', buffered: true});
    setTimeout(() => done(0), 3000);
})"""
#: to the form, with its type
ON_WEBSITE = ("a.sig_pqrs_button", "a[href='/pqrs/new?type=queja']")
IN_HERA = (".o_hera_tabs a[href='/my/pqrs/new']", "#pqrs_type_queja")
COMPRESSED = ("text/", "application/json", "application/javascript", "image/svg", "application/manifest")


class Proxy(BaseHTTPRequestHandler):
    """What stands before Odoo in a company: it compresses."""

    protocol_version = "HTTP/1.1"
    server_address = None
    is_down = False

    def _pass(self):
        if self.is_down:
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        connection = http.client.HTTPConnection(self.server_address, timeout=60)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in ("content-length", "connection")]
        if answer.getheader("Content-Type", "").startswith(COMPRESSED) and len(content) > 500:
            content = gzip.compress(content, 6)
            kept.append(("Content-Encoding", "gzip"))
        for name, value in [*kept, ("Content-Length", str(len(content)))]:
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(content)
        connection.close()

    do_GET = do_POST = _pass

    def log_message(self, *_args):
        pass


class Weight(NamedTuple):
    requests: int
    size: int
    largest: float
    there: float

    def __str__(self):
        return f"{self.size / KB:.0f} kB · {self.requests} · {self.largest / 1000:.1f} s · {self.there:.1f} s"


class Phone(Screen):
    """A browser that counts what it loads."""

    loaded = 0
    asked = 0
    taps = 0

    def hear(self, event):
        super().hear(event)
        told = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent" if not told["request"]["url"].startswith("data:"):
                self.asked += 1
            case "Network.loadingFinished":
                self.loaded += told["encodedDataLength"]
            case "Page.javascriptDialogOpening":  # the code of an anonymous one is shown once
                answer = {"method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
                self.socket.send(json.dumps({"id": next(self.numbers), **answer}))

    def slow_down(self):
        self.ask("Network.enable")
        self.ask(
            "Network.emulateNetworkConditions",
            offline=False,
            latency=LATENCY,
            downloadThroughput=DOWN,
            uploadThroughput=UP,
        )
        self.ask("Emulation.setCPUThrottlingRate", rate=SLOWER)

    def speed_up(self):
        self.ask(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
        self.ask("Emulation.setCPUThrottlingRate", rate=1)

    def tap(self, selector):
        self.wait_for(selector)
        self.run(f"(element => (element.focus(), element.click()))(document.querySelector({selector!r}))")
        self.taps += 1

    def go_on(self, selector, *, has_next):
        """To the next field, by the key of the keyboard where there is one."""
        if not has_next:
            self.tap(selector)
            return
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text="\r", **enter)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **enter)
        self.wait(f"document.activeElement.matches({selector!r})")

    def measure(self, path, selector, *, cold):
        self.ask("Page.navigate", url="about:blank")
        if cold:
            self.ask("Network.clearBrowserCache")
            self.ask("Storage.clearDataForOrigin", origin=self.address, storageTypes="service_workers,cache_storage")
        self.slow_down()
        self.asked = self.loaded = 0
        start = time.monotonic()
        self.ask("Page.navigate", url=self.address + path)
        self.wait(f"!!document.querySelector({selector!r})")
        there = time.monotonic() - start
        self.wait(READY)
        largest = self.run(LARGEST)
        self.comes("false", 2)  # what the page loads late
        weight = Weight(self.asked, self.loaded, largest, there)
        self.speed_up()
        return weight


class Page(NamedTuple):
    name: str
    login: str | None
    path: str
    selector: str
    #: kilobytes and seconds at most, on the first visit
    limit: int | None = None
    seconds: int | None = None


def list_pages(places):
    case, link, rating, ticket = (places[name] for name in ("case", "link", "rating", "ticket"))
    return (
        Page("Website: what a PQRS is", None, "/pqrs", "a[href^='/pqrs/new']"),
        Page("Website: the form", None, "/pqrs/new", "form.sig_pqrs_form"),
        Page("Tracking: number and code", None, "/pqrs/track", "#sig_track_form", 150),
        Page("Link of a mail, until the case is there", None, link, ".o_sig_case", 150, 4),
        Page("Rating", None, f"/pqrs/rate/{rating}", "[name=rate]", 150),
        Page("HERA: list", "cliente1", "/my/pqrs", ".o_hera_row", 150),
        Page("HERA: case", "cliente1", f"/my/pqrs/{case}", ".o_sig_case", 150),
        Page("HERA: new request", "cliente1", "/my/pqrs/new", "form.sig_pqrs_form", 150),
        Page("The peer: list", "cliente1", "/my/tickets", ".o_portal_wrap table"),
        Page("The peer: ticket", "cliente1", f"/my/ticket/{ticket}", ".o_portal_wrap"),
        Page("The peer: new ticket", "cliente1", "/new/ticket", ".o_portal_wrap form"),
    )


def count_taps(phone, *, has_next, login=None, anonymous=False):
    """File a PQRS as people do; typing is no tap."""
    phone.enter(login)
    phone.go("/my/pqrs" if login else "/")
    phone.taps = 0
    for selector in IN_HERA if login else ON_WEBSITE:
        phone.tap(selector)
    phone.tap("#pqrs_subject")
    phone.ask("Input.insertText", text="Luminaria fundida")
    phone.go_on("#pqrs_description", has_next=has_next)
    phone.ask("Input.insertText", text=f"La del parqueadero. {time.monotonic()}")
    if anonymous:
        phone.tap("#pqrs_anonymous")
    elif not login:
        phone.tap("#pqrs_name")
        phone.ask("Input.insertText", text="Ana Ruiz")
        phone.go_on("#pqrs_email", has_next=has_next)
        phone.ask("Input.insertText", text="ana@example.com")
    if not anonymous and phone.run("!!self.pqrs_notice"):
        phone.tap("#pqrs_notice")
    phone.tap(".sig_pqrs_form button[type=submit]")
    phone.wait_for(".sig_pqrs_number")
    return phone.taps


def print_taps(phone):
    print("\nTaps until it is filed, from the home page or from the list of HERA; typing is none.\n")
    print("| Filing | With the key “next” | Without | At most | |")
    print("|---|---|---|---|---|")
    for name, most, how in (
        ("With a name", 8, {}),
        ("Anonymous", 6, {"anonymous": True}),
        ("In HERA, once the notice was confirmed", 5, {"login": "cliente1"}),
    ):
        if "login" in how:
            count_taps(phone, has_next=True, **how)
        taps = [count_taps(phone, has_next=has_next, **how) for has_next in (True, False)]
        met = "met" if max(taps) <= most else "**missed**"
        print(f"| {name} | {taps[0]} | {taps[1]} | {most} | {met} |", flush=True)


def measure_offline(phone):
    """Take the network away for good; what HERA kept is there."""
    phone.enter("cliente1")
    phone.go("/my/pqrs", ".o_hera")
    phone.wait("navigator.serviceWorker.ready.then(() => caches.match('/my/pqrs/offline')).then(Boolean)")
    phone.wait("!!navigator.serviceWorker.controller")
    Proxy.is_down = True
    weight = phone.measure("/my/pqrs/new", "#sig_page[data-offline]", cold=False)
    print(f"\nHERA: new request, without a network: {weight}.")


def main(address, places, commit):
    wait_for_server(address)
    Proxy.server_address = urllib.parse.urlsplit(address).netloc
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    print("# On a client's phone\n")
    print(f"`dev/phone` at {commit}, {datetime.date.today()}, on the demo.\n")
    print(
        f"Chromium at {PHONE[0]} px; slow 4G ({LATENCY} ms, 1.6 Mb/s), a processor {SLOWER} times slower, gzip. Each "
        "cell: what is transferred · requests · largest paint · until what one came for is there. Cold is the first "
        "visit, warm the second; what comes two seconds after is not counted. The server is warm.\n"
    )
    print("| Page | Cold | Warm | Limit | |")
    print("|---|---|---|---|---|")
    with Phone(f"http://127.0.0.1:{proxy.server_port}").open() as phone:
        phone.resize(PHONE)
        for page in list_pages(json.loads(places)):
            phone.enter(page.login)
            phone.go(page.path, page.selector)  # the server makes its bundles
            if not page.login:
                phone.ask("Network.clearBrowserCookies")
            cold, warm = (phone.measure(page.path, page.selector, cold=cold) for cold in (True, False))
            in_time = not page.seconds or cold.there <= page.seconds
            met = "" if not page.limit else "met" if in_time and cold.size <= page.limit * KB else "**missed**"
            limits = (page.limit and f"{page.limit} kB", page.seconds and f"{page.seconds} s")
            limit = ", ".join(filter(None, limits))
            print(f"| {page.name} | {cold} | {warm} | {limit} | {met} |", flush=True)
            print(page.name, cold, warm, file=sys.stderr)
        print_taps(phone)
        measure_offline(phone)


main(*sys.argv[1:])
