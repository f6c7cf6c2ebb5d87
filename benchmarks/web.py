"""Pages of the public over HTTP, by a server with several workers on a copy of a database that it may change.

How long a petition takes, and what is filed at once.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import requests

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.tools import config

from . import seed
from .measure import Sample

AT_ONCE = 50
WORKERS = 4
#: of the project and of the peer, sent alike
SUBJECT = "Ronda nocturna sin realizar"
PDF = b"%PDF-1.4\n" + b"0" * 20_000


class Server(NamedTuple):
    """A server that runs: its address, and the id of the process whose children are its workers."""

    address: str
    pid: int


@contextmanager
def server(database, log, *options, environ=None):
    """An Odoo server of several workers, without jobs unless options of the command line say otherwise; a `Server`."""
    ports = [free_port(), free_port()]
    command = [sys.executable, str(Path(__file__).with_name("serve.py")), "server", "-d", database]
    command += ["--addons-path", ",".join(config["addons_path"])]
    command += [f"--workers={WORKERS}", "--max-cron-threads=0", f"--http-port={ports[0]}", f"--gevent-port={ports[1]}"]
    command += ["--log-level=warn", "--limit-time-real=300", f"--logfile={log}", *options]
    process = subprocess.Popen(command, env={**os.environ, **(environ or {})})
    address = f"http://127.0.0.1:{ports[0]}"
    try:
        for _second in range(120):
            try:
                requests.get(f"{address}/web/health", timeout=30)
                break
            except requests.ConnectionError:
                time.sleep(1)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def prepare(database):
    """A company that receives PQRS, and a limit that is not reached, as all requests come from one address."""
    with database.environment(commit=True) as env:
        if not env.company.sig_active:
            env.company.sig_director_id = CaseBuilder.make_user(env, "opener", "Quien abre", "director")
            env.company._sig_open()
        env["website"].search([]).write({"sig_pqrs_hourly_limit": 1_000_000})


class Visitor:
    """A browser of its own."""

    def __init__(self, address):
        self.address = address
        self.session = requests.Session()

    def get(self, path):
        return self.session.get(urljoin(self.address, path), timeout=120)

    def get_hidden(self, path):
        return read_hidden(self.get(path).text)

    def log_in(self):
        hidden = self.get_hidden("/web/login")
        data = {**hidden, "login": seed.CLIENT, "password": seed.CLIENT}
        self.session.post(f"{self.address}/web/login", data=data, timeout=120)

    def post(self, path, data, files=None):
        start = time.perf_counter()
        url = f"{self.address}{path}"
        response = self.session.post(url, data=data, files=files, timeout=120, allow_redirects=False)
        return response, time.perf_counter() - start

    def read_receipt(self, response):
        """The page to which what was filed leads; the form again, where something is wrong."""
        return self.get(response.headers["Location"]).text if response.is_redirect else response.text


def read_hidden(page):
    """The tokens of a form."""
    return dict(re.findall(r'name="(csrf_token|submission_token)"\s+value="([^"]+)"', page))


def petition(hidden, number):
    """Fields of the project's form."""
    return {
        **hidden,
        "type": "queja",
        "name": "Ana Ruiz",
        "email": "ana@example.com",
        "phone": "3105551234",
        "subject": f"{SUBJECT} {number}",
        "description": seed.DESCRIPTION,
        "notice": "1",
    }


def measure_posts(address, runs):
    """Samples of one filing with a file: of the project by a stranger and by a portal user, and of the peer."""
    stranger, client = Visitor(address), Visitor(address)
    client.log_in()
    hidden = {visitor: visitor.get_hidden("/pqrs/new") for visitor in (stranger, client)}
    peer_hidden = client.get_hidden("/new/ticket")
    samples = {f"{who}{page}": Sample() for who in ("stranger", "client", "peer") for page in ("", "'s page")}
    for run in range(-5, runs):
        for who, visitor in (("stranger", stranger), ("client", client)):
            response, seconds = visitor.post(
                "/pqrs/new", petition(hidden[visitor], f"{who} {run}"), {"attachments": ("acta.pdf", PDF)}
            )
            start = time.perf_counter()
            page = visitor.read_receipt(response)
            assert "PQRS-" in page, page[:2000]
            if run >= 0:
                samples[who].seconds.append(seconds)
                samples[f"{who}'s page"].seconds.append(seconds + time.perf_counter() - start)
        response, seconds = client.post(
            "/submitted/ticket",
            {**peer_hidden, "subject": f"{SUBJECT} {run}", "description": seed.DESCRIPTION},
            {"attachment": ("acta.pdf", PDF)},
        )
        assert response.status_code in (302, 303), (response.status_code, response.text[:2000])
        start = time.perf_counter()
        client.get(response.headers["Location"])
        if run >= 0:
            samples["peer"].seconds.append(seconds)
            samples["peer's page"].seconds.append(seconds + time.perf_counter() - start)
    return samples


def file_at_once(address, same=False):
    """File many petitions at once, each from a browser of its own, or one petition many times.

    :return: the numbers that the pages showed, and the seconds that it took.
    """
    visitors = [Visitor(address) for _number in range(AT_ONCE)]
    hidden = [visitor.get_hidden("/pqrs/new") for visitor in visitors]
    if same:
        hidden = [hidden[0]] * AT_ONCE
        for visitor in visitors[1:]:
            visitor.session.cookies = visitors[0].session.cookies.copy()
    start, numbers = threading.Barrier(AT_ONCE + 1), []

    def send(number):
        data = petition(hidden[number], "una sola" if same else f"a la vez {number}")
        start.wait()
        response, _seconds = visitors[number].post("/pqrs/new", data, {"attachments": ("acta.pdf", PDF)})
        page = visitors[number].read_receipt(response)
        numbers.extend(re.findall(r"PQRS-\d{4}-\d{5,}", page)[:1])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return numbers, time.perf_counter() - began


def run(database, quick=False, log=Path("/dev/null")):
    """Lines of Markdown that say what was found.

    :raises AssertionError: when a petition, ours or the peer's, is not filed.
    """
    prepare(database)
    with server(database.name, log) as (address, _pid):
        samples = measure_posts(address, 10 if quick else 40)
        numbers, seconds = file_at_once(address)
        same, _seconds = file_at_once(address, same=True)
    with database.environment() as env:
        at_once = env["sig.pqrs"].search([("subject", "like", "a la vez")])
        once = env["sig.pqrs"].search_count([("subject", "like", "una sola")])
        whole = all(len(case.attachment_ids) == 1 for case in at_once)
    peer, peer_page = samples["peer"].median, samples["peer's page"].median
    yield "## Pages of the public over HTTP\n"
    yield f"A server of {WORKERS} workers; each petition has a file of {len(PDF) // 1000} kB.\n"
    yield "| Work | Result | Target | |\n|---|---|---|---|"
    for who, name in (("stranger", "POST /pqrs/new by a stranger"), ("client", "POST /pqrs/new by a portal user")):
        mine, page = samples[who].median, samples[f"{who}'s page"].median
        yield (
            f"| {name} | {mine * 1000:.0f} ms, the peer's portal POST {peer * 1000:.0f} ms | ≤ 1.2 × the peer "
            f"| {_verdict(mine <= 1.2 * peer)} ({mine / peer:.2f} ×): besides the case, "
            "a number without a gap, an act, a consent and a file that stays are stored |"
        )
        yield (
            f"| the same, until a page says that it is filed | {page * 1000:.0f} ms, the peer's POST and the page that "
            f"it leads to {peer_page * 1000:.0f} ms | – | {page / peer_page:.2f} × |"
        )
    yield (
        f"| {AT_ONCE} petitions at once | {len(at_once)} cases, {len(set(numbers))} numbers shown, "
        f"{seconds:.1f} s | {AT_ONCE} cases, {AT_ONCE} numbers, every file "
        f"| {_verdict(len(at_once) == len(set(numbers)) == AT_ONCE and whole)} |"
    )
    yield (
        f"| one petition {AT_ONCE} times at once | {once} case, {len(set(same))} number shown {len(same)} times "
        f"| one case | {_verdict(once == len(set(same)) == 1 and len(same) == AT_ONCE)} |\n"
    )


def _verdict(holds):
    return "met" if holds else "**missed**"
