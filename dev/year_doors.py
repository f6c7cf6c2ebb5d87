"""The doors of the company in dev/year: website, HERA, mail, the desk as the web client calls it, jobs; and the clock.

This process, the server and PostgreSQL share the clock, which `Clock` moves.
"""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from itertools import count
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import requests
from aiosmtpd.controller import Controller

ZONE = ZoneInfo("America/Bogota")
MAILBOX = "servicioalcliente@example.com"
MODULE = Path(__file__).resolve().parent.parent
#: of the errors of Odoo, those that tell a person in words why a step is not possible
REFUSALS = ("UserError", "ValidationError", "AccessError", "MissingError", "RedirectWarning")
SESSION_EXPIRED = 100

_HIDDEN = re.compile(r'<input[^>]*\bname="(csrf_token|submission_token|token|notice_version|number|code)"[^>]*>')
_VALUE = re.compile(r'\bvalue="([^"]*)"')
_NUMBER = re.compile(r"PQRS-\d{4}-\d{5,}")
_LINK = re.compile(r'(?:href="|\()(https?://[^"\s)]+)')


class Refused(Exception):
    """What a person was told instead of the step that they wanted to take."""


class Broken(Exception):
    """An answer of the server that no person may ever see."""


class Clock:
    """The clock of all that is played: so many seconds ahead, as its file says. It never goes back."""

    def __init__(self, path):
        self.path = Path(path)

    def now(self):
        """Local, without zone."""
        return datetime.now(ZONE).replace(tzinfo=None)

    def reach(self, moment):
        """:param datetime moment: local, without zone; nothing happens when it has passed."""
        ahead = (moment - self.now()).total_seconds()
        if ahead <= 0:
            return
        offset = float(self.path.read_text()) + ahead
        other = self.path.with_suffix(".new")
        other.write_text(f"{offset:+.3f}\n")
        other.chmod(0o644)
        os.replace(other, self.path)

    def utc(self):
        return datetime.now(UTC).replace(tzinfo=None)


class Browser:
    """Somebody with a browser and an address of their own."""

    _addresses = count(1)

    def __init__(self, server):
        self.server = server
        self.session = requests.Session()
        number = next(self._addresses)
        self.session.headers.update(
            {
                "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                "X-Forwarded-Host": server.removeprefix("http://"),
                "X-Forwarded-Proto": "http",
            }
        )

    def ask(self, path, **kwargs):
        """The response to a GET, or to a POST of ``data`` or ``json``."""
        method = "POST" if {"data", "json"} & kwargs.keys() else "GET"
        address = path if path.startswith("http") else f"{self.server}{path}"
        response = self.session.request(method, address, timeout=300, **kwargs)
        if response.status_code >= 500:
            raise Broken(f"{method} {path}: status {response.status_code}: {response.text[:300]}")
        return response

    def get_hidden(self, page):
        """What the forms of a page carry along."""
        found = {}
        for tag in _HIDDEN.finditer(page.text):
            if value := _VALUE.search(tag[0]):
                found.setdefault(tag[1], html.unescape(value[1]))
        return found

    def send(self, path, page, **data):
        """Send a form of a page that is open."""
        response = self.ask(path, data={**self.get_hidden(page), **data})
        said = read_errors(response.text)
        if not response.ok or said:
            raise Refused(f"{path}: {response.status_code} {said}")
        return response

    def log_in(self, login, password):
        page = self.ask("/web/login")
        response = self.send("/web/login", page, login=login, password=password)
        if "/web/login" in response.url:
            raise Refused(f"{login} cannot enter")

    def file(self, path, files=None, **form):
        """Fill the form of the website or of HERA in and send it.

        :return: its number and, on the website, its code.
        """
        page = self.ask(path)
        hidden = self.get_hidden(page)
        response = self.ask(path, data={**hidden, **form}, files=files)
        found = _NUMBER.search(response.text)
        if not response.ok or not found:
            raise Refused(f"{path}: {response.status_code} {read_errors(response.text)}")
        return found[0], self.get_hidden(response).get("code", "")


def read_errors(text):
    """What a page says is wrong, without its tags."""
    found = re.findall(r'class="[^"]*(?:invalid-feedback|alert-danger)[^"]*"[^>]*>(.*?)</', text, re.DOTALL)
    return "; ".join(filter(None, (re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found)))[:300]


class Desk(Browser):
    """A colleague who works as the web client does; the password is the login."""

    def __init__(self, server, database, login):
        super().__init__(server)
        self.database, self.login, self.context = database, login, {}
        self.uid = None

    def enter(self):
        params = {"db": self.database, "login": self.login, "password": self.login}
        answer = self.ask("/web/session/authenticate", json={"params": params}).json()
        if "error" in answer or not answer["result"].get("uid"):
            raise Refused(f"{self.login} cannot enter")
        self.uid, self.context = answer["result"]["uid"], answer["result"]["user_context"]

    def call(self, model, method, *args, **kwargs):
        """What a method returns.

        :raises Refused: with the words that the person reads.
        """
        if self.uid is None:
            self.enter()
        path = f"/web/dataset/call_kw/{model}/{method}"
        context = {**self.context, **kwargs.pop("context", {})}
        params = {"model": model, "method": method, "args": args, "kwargs": {**kwargs, "context": context}}
        answer = self.ask(path, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
        error = answer.get("error")
        if error and error["code"] == SESSION_EXPIRED:
            self.enter()
            answer = self.ask(path, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
            error = answer.get("error")
        if error:
            said = error.get("data", {})
            if said.get("name", "").endswith(REFUSALS):
                raise Refused(str(said["message"]))
            raise Broken(f"{self.login}: {model}.{method}: {said.get('name')}: {said.get('message')}")
        return answer.get("result")

    def read_list(self, model, domain, names, order="id", limit=None):
        """Rows of a list, as its view reads them: many2one as ids."""
        found = self.call(
            model,
            "web_search_read",
            domain=domain,
            specification={name: {} for name in names},
            order=order,
            limit=limit,
        )
        return found["records"]

    def save(self, model, ids, values):
        """Save a form; the id of its record."""
        return self.call(model, "web_save", ids, values, specification={})[0]["id"]

    def confirm(self, wizard, values, button="action_confirm", context=None):
        """Fill a dialog in and press its button."""
        made = self.call(wizard, "web_save", [], values, specification={}, context=context or {})[0]["id"]
        return self.call(wizard, button, [made], context=context or {})


class Jobs:
    """Scheduled jobs that are due on the clock, run one after the other by an administrator of Odoo."""

    ROUNDS = 12

    def __init__(self, admin, clock):
        self.admin, self.clock = admin, clock
        self.runs, self.failures = Counter(), Counter()

    def run(self, only_triggered=False):
        """:param bool only_triggered: pass over what runs every hour and that nothing asked for."""
        for _round in range(self.ROUNDS):
            due = self._find_due(only_triggered)
            if not due:
                return
            for job in due:
                self._run(job)

    def _find_due(self, only_triggered):
        """Ids and names, in the order of the scheduler."""
        now = self.clock.utc().strftime("%Y-%m-%d %H:%M:%S")
        triggers = self.admin.read_list("ir.cron.trigger", [("call_at", "<=", now)], ["cron_id"])
        triggered = sorted({row["cron_id"] for row in triggers})
        domain = [("id", "in", triggered)]
        if not only_triggered:
            domain = ["|", ("nextcall", "<=", now), *domain]
        elif not triggered:
            return []
        return self.admin.read_list("ir.cron", domain, ["cron_name"], order="failure_count, priority, id")

    def _run(self, job):
        self.runs[job["cron_name"]] += 1
        try:
            self.admin.call("ir.cron", "method_direct_trigger", [job["id"]])
        except (Refused, Broken) as error:
            self.failures[f"{job['cron_name']}: {error}"] += 1


class Letter(NamedTuple):
    """A mail that left the company, as its recipient has it.

    :param sender: of the envelope, where reports go.
    :param about: the record that it is about, as ``sig.pqrs-7``.
    :param copy: all of it, of what goes to the mailbox of the company.
    """

    recipient: str
    sender: str
    message_id: str
    subject: str
    about: str
    links: tuple
    copy: bytes = b""

    def find_link(self, part):
        return next((link for link in self.links if part in link), None)


class Post:
    """The mail servers of the world: they take what leaves, but for addresses at ``refuses.example.org``."""

    def __init__(self, port):
        self.letters, self._read = [], 0
        self.refused = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)

    def start(self):
        self._controller.start()

    def stop(self):
        self._controller.stop()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.endswith("@refuses.example.org"):
            self.refused[address] += 1
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        bodies = [message.get_body((kind,)) for kind in ("html", "plain")]
        text = "\n".join(body.get_content() for body in bodies if body)
        links = tuple(html.unescape(link) for link in _LINK.findall(text))
        for recipient in envelope.rcpt_tos:
            self.letters.append(
                Letter(
                    recipient,
                    envelope.mail_from,
                    str(message["Message-Id"]),
                    str(message["Subject"]),
                    str(message["X-Odoo-Objects"] or ""),
                    links,
                    envelope.content if recipient == MAILBOX else b"",
                )
            )
        return "250 taken"

    def take_new(self):
        """Letters since the last time."""
        new = self.letters[self._read :]
        self._read += len(new)
        return new


class Gateway:
    """Mail that comes, handed over by the script that mail servers run."""

    def __init__(self, options, server, clock):
        self.command = [str(MODULE / "static/scripts/mailgate.py"), server, options.database]
        self.command += [options.gateway, options.password]
        self.clock, self.numbers = clock, count(1)

    def deliver(self, raw, sender, recipient=MAILBOX):
        """Hand a mail over with the headers that the mail server of the company adds."""
        stamp = format_datetime(datetime.now(UTC))
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\nX-Original-To: {recipient}\r\n"
        head += f"Received: from mail.example.net (mail.example.net [192.0.2.1]) by mx.example.com; {stamp}\r\n"
        subprocess.run([sys.executable, *self.command], input=head.encode() + raw, check=True)

    def write(self, author, subject, text, answers=None):
        """A mail of a person, perhaps in answer to a letter."""
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = author, MAILBOX, subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-Id"] = f"<{next(self.numbers)}.year@cliente.example.net>"
        if answers:
            message["In-Reply-To"] = message["References"] = answers.message_id
        message.set_content(text)
        self.deliver(message.as_bytes(), getaddresses([author])[0][1])

    def bounce(self, letter):
        """The report of a mail server that a letter could not be delivered (RFC 3464)."""
        report = EmailMessage(policy=policy.SMTP)
        report["From"], report["To"] = "MAILER-DAEMON@mx.example.net", letter.sender
        report["Subject"], report["Auto-Submitted"] = "Undelivered Mail Returned to Sender", "auto-replied"
        report["Date"] = format_datetime(datetime.now(UTC))
        report["Message-Id"] = f"<{next(self.numbers)}.report@mx.example.net>"
        report["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="b"'
        report.set_payload(
            "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: "
            "message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; "
            f"{letter.recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {letter.message_id}\r\n--b--\r\n"
        )
        self.deliver(report.as_bytes(), "", letter.sender)

    def return_copy(self, letter):
        """The copy of an answer reaches the mailbox of the company, and so this software."""
        self.deliver(letter.copy, letter.sender)


class Server:
    """Odoo, as it is run for a company, without the scheduler: `Jobs` runs what is due."""

    def __init__(self, options, smtp_port):
        name, self.log = options.database, options.log
        self.address = f"http://127.0.0.1:{options.http}"
        self.command = [sys.executable, "-m", "odoo", "-d", name, f"--db-filter=^{name}$"]
        self.command += [f"--http-port={options.http}", "--smtp=127.0.0.1", f"--smtp-port={smtp_port}"]
        self.command += ["--max-cron-threads=0", "--proxy-mode", "--log-level=warn", "--limit-time-real=100000000"]

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        for _second in range(180):
            try:
                requests.get(f"{self.address}/web/health", timeout=30)
                return self
            except requests.ConnectionError:
                time.sleep(1)
        raise RuntimeError("Odoo does not start")

    def __exit__(self, *_error):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()


def dump(path, told):
    Path(path).write_text(json.dumps(told, default=str))
