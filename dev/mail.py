"""Run by dev/mail: sends mail by Postfix as clients do, and prints a table of Markdown of what became of it.

Fails with 1 when something became of a mail that must not.
"""

import argparse
import datetime
import email
import imaplib
import smtplib
import socketserver
import subprocess
import sys
import threading
import time
import traceback
import xmlrpc.client
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.utils import formatdate
from itertools import count
from typing import NamedTuple

from aiosmtpd.controller import Controller

NORTH, SOUTH = "servicioalcliente@example.com", "servicioalcliente@sur.example.com"
BOUNCES = "bounce@example.com"
PATIENCE = 60
PDF = b"%PDF-1.4\n"


class Play(NamedTuple):
    sent: str
    expected: str
    act: object


PLAYS = []


def play(sent, expected):
    def keep(act):
        PLAYS.append(Play(sent, expected, act))
        return act

    return keep


def wait(ask, patience=PATIENCE):
    """What ``ask`` says as soon as it says something, or at the end."""
    end = time.monotonic() + patience
    while not (said := ask()) and time.monotonic() < end:
        time.sleep(0.3)
    return said


# -- Servers of others ---------------------------------------------------------------------------------------------


class Greylist(socketserver.StreamRequestHandler):
    """A policy server of Postfix: a recipient of that domain is deferred once."""

    seen = set()

    def handle(self):
        asked = {}
        for line in self.rfile:
            name, _sign, value = line.decode().strip().partition("=")
            if name:
                asked[name] = value
                continue
            recipient = asked.get("recipient", "")
            is_new = recipient.endswith("@greylisted.example.org") and recipient not in self.seen
            self.seen.add(recipient)
            said = "450 4.2.0 Greylisted, come back later" if is_new else "DUNNO"
            self.wfile.write(f"action={said}\n\n".encode())
            asked = {}


class FarServer:
    """A mail server that defers each mail twice, or for ever, before it takes it."""

    def __init__(self):
        self.asked, self.taken = {}, []

    async def handle_DATA(self, _server, _session, envelope):
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        key = message["Message-Id"]
        self.asked[key] = self.asked.get(key, 0) + 1
        if self.asked[key] <= 2 or any("@never." in address for address in envelope.rcpt_tos):
            return "451 4.3.0 come back later"
        self.taken.append(message)
        return "250 taken"


# -- What is played with -------------------------------------------------------------------------------------------


class Stage:
    def __init__(self, options):
        self.options = options
        self.url = f"http://127.0.0.1:{options.http}"
        self.far = FarServer()
        self.numbers = count(1)
        self.uids = {}

    @contextmanager
    def open(self):
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        greylist = socketserver.ThreadingTCPServer(("127.0.0.1", self.options.greylist), Greylist)
        greylist.daemon_threads = True
        threading.Thread(target=greylist.serve_forever, daemon=True).start()
        far = Controller(self.far, hostname="127.0.0.1", port=self.options.far)
        far.start()
        self.start_odoo()
        try:
            yield self
        finally:
            self.stop_odoo()
            far.stop()
            greylist.shutdown()

    def start_odoo(self):
        name, port = self.options.database, str(self.options.http)
        command = [sys.executable, "-m", "odoo", "-d", name, f"--db-filter=^{name}$", f"--http-port={port}"]
        mail = ["--smtp=127.0.0.1", f"--smtp-port={self.options.smtp}", "--max-cron-threads=1"]
        with open(self.options.log, "ab") as log:
            self.server = subprocess.Popen([*command, *mail], stdout=log, stderr=log)
        if not wait(self._answers, 120):
            raise RuntimeError("Odoo does not start")

    def stop_odoo(self):
        self.server.terminate()
        self.server.wait(60)

    def _answers(self):
        with suppress(OSError, xmlrpc.client.Error):
            return self.ask("director", "res.users", "search_count", [])
        return False

    def ask(self, login, model, method, *args, **kwargs):
        """Call a method as a user of Odoo, of whom the password is the login."""
        service, name = f"{self.url}/xmlrpc/2", self.options.database
        if login not in self.uids:
            common = xmlrpc.client.ServerProxy(f"{service}/common")
            self.uids[login] = common.authenticate(name, login, login, {})
        with xmlrpc.client.ServerProxy(f"{service}/object", allow_none=True) as odoo:
            return odoo.execute_kw(name, self.uids[login], login, model, method, args, kwargs)

    def run_job(self, xmlid):
        module, _dot, name = xmlid.partition(".")
        named = [("module", "=", module), ("name", "=", name)]
        found = self.ask("admin", "ir.model.data", "search_read", named, ["res_id"])
        self.ask("admin", "ir.cron", "method_direct_trigger", [found[0]["res_id"]])

    # -- Mail ------------------------------------------------------------------------------------------------------

    def name_mail(self):
        return f"<{next(self.numbers)}.{self.options.database}@example.net>"

    def write(self, author, subject, text="No pasó nadie anoche.", to=NORTH, **headers):
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = author, to, subject
        message["Date"], message["Message-Id"] = formatdate(localtime=True), self.name_mail()
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    def send(self, message, to=None, sender=None, **options):
        """Hand a mail to Postfix, as the mail server of its author does.

        :return: its Message-Id.
        """
        raw = message if isinstance(message, bytes) else message.as_bytes()
        message = email.message_from_bytes(raw, policy=policy.default)
        sender = message["From"].addresses[0].addr_spec if sender is None else sender
        to = to or message["To"].addresses[0].addr_spec
        with smtplib.SMTP("127.0.0.1", self.options.smtp) as smtp:
            smtp.ehlo("mail.example.net")
            smtp.sendmail(sender, to, raw, **options)
        return str(message["Message-Id"])

    def flush(self):
        subprocess.run(["postqueue", "-c", self.options.postfix, "-f"], check=True)

    def is_queued(self, text=""):
        """Whether Postfix keeps a mail with these words in its line of the queue."""
        found = subprocess.run(
            ["postqueue", "-c", self.options.postfix, "-p"], check=True, capture_output=True, text=True
        )
        return text in found.stdout and "queue is empty" not in found.stdout

    def read_inbox(self, address):
        with imaplib.IMAP4("127.0.0.1", self.options.imap) as imap:
            imap.login(address, "secret")
            imap.select()
            numbers = imap.search(None, "ALL")[1][0].split()
            raws = [imap.fetch(number, "(RFC822)")[1][0][1] for number in numbers]
        return [email.message_from_bytes(raw, policy=policy.default) for raw in raws]

    def find_in_inbox(self, address, words):
        return [message for message in self.read_inbox(address) if words in (message["Subject"] or "")]

    # -- What became of it -----------------------------------------------------------------------------------------

    def find_mails(self, ident, number=1, login="director"):
        fields = ["state", "reason", "pqrs_id", "communication_id", "failure"]
        domain = [("message_ident", "=", ident), ("direction", "=", "in")]

        def search():
            found = self.ask(login, "sig.pqrs.mail", "search_read", domain, fields)
            return found if len(found) >= number and all(mail["state"] != "waiting" for mail in found) else []

        return wait(search)

    def find_case(self, ident, login="director"):
        mails = self.find_mails(ident, login=login)
        if not mails or not mails[0]["pqrs_id"]:
            raise LookupError(f"no case: {mails or 'nothing came'}")
        return mails[0]["pqrs_id"][0]

    def read(self, case, *names, login="director"):
        return self.ask(login, "sig.pqrs", "read", [case], names)[0]

    def describe(self, ident, login="director"):
        """What became of an incoming mail."""
        mails = self.find_mails(ident, login=login)
        if not mails:
            return "nothing came"
        if len(mails) > 1:
            return f"{len(mails)} mails"
        mail = mails[0]
        if mail["state"] == "filed":
            case = self.read(mail["pqrs_id"][0], "state", login=login)
            return {"received": "filed", "to_file": "waits to be filed"}.get(case["state"], case["state"])
        if mail["state"] == "answer":
            return f"of its case{': ' + mail['reason'] if mail['reason'] else ''}"
        return f"{mail['state']}: {mail['reason']}{' ' + mail['failure'] if mail['failure'] else ''}"

    def is_acknowledged(self, case, login="director"):
        """How the acknowledgement of a case stands once it is no more on its way."""
        domain = [("pqrs_id", "=", case), ("purpose", "=", "acknowledgement")]

        def look():
            found = self.ask(login, "sig.pqrs.communication", "search_read", domain, ["state"])
            return found and found[0]["state"] != "queued" and found[0]["state"]

        return wait(look)

    def answer(self, case):
        """Assign, write, approve and send; by mail, it closes once it left."""
        process = self.ask("director", "sig.process", "search", [("code", "=", "OPE")])[0]
        leader = self.uids.get("leader") or self.ask("leader", "res.users", "search", [("login", "=", "leader")])[0]
        self.ask("director", "sig.pqrs", "action_assign", [case], [{"process_id": process, "user_id": leader}])
        part = self.ask("leader", "sig.pqrs.assignment", "search", [("pqrs_id", "=", case)])
        self.ask("leader", "sig.pqrs.assignment", "write", part, {"response": "<p>Revisamos la ronda.</p>"})
        self.ask("leader", "sig.pqrs.assignment", "action_submit", part)
        self.ask("leader", "sig.pqrs.assignment", "action_approve", part)
        self.ask("director", "sig.pqrs", "write", [case], {"resolution": "upheld"})
        self.ask("director", "sig.pqrs", "action_send_response", [case])

    def comes_to(self, case, **values):
        """Whether a case comes to have some values."""
        return bool(wait(lambda: self.read(case, *values) == {"id": case, **values}))

    def file_and_answer(self, author, subject):
        case = self.find_case(self.send(self.write(author, subject)))
        self.is_acknowledged(case)
        self.answer(case)
        return case


# -- Plays ---------------------------------------------------------------------------------------------------------


@play("A client's petition, by SMTP and the pipe", "filed; acknowledged: sent, in her inbox")
def _(stage):
    ident = stage.send(stage.write("Ana Ruiz <ana@example.net>", "Ronda por tubo"))
    case = stage.find_case(ident)
    state, number = stage.is_acknowledged(case), stage.read(case, "name")["name"]
    came = wait(lambda: stage.find_in_inbox("ana@example.net", number))
    return f"{stage.describe(ident)}; acknowledged: {state}, {'in her inbox' if came else 'it did not come'}"


@play("The answer, by Odoo and the queue of Postfix", "closed when it left; with its letter in her inbox")
def _(stage):
    case = stage.file_and_answer("Ana Ruiz <ana@example.net>", "Respuesta por la cola")
    closed = stage.comes_to(case, state="closed", delivery_state="sent")
    number = stage.read(case, "name")["name"]

    def find_letter():
        mails = stage.find_in_inbox("ana@example.net", number)
        return any(part.get_content_type() == "application/pdf" for mail in mails for part in mail.iter_attachments())

    letter = "with its letter in her inbox" if wait(find_letter) else "without a letter"
    return f"{'closed when it left' if closed else 'not closed'}; {letter}"


@play(
    "An answer to a mailbox that does not exist: the DSN of Postfix",
    "acknowledgement: failed; not delivered, back to approved; by letter: closed",
)
def _(stage):
    case = stage.find_case(stage.send(stage.write("Sin Buzón <nobody@example.net>", "Sin buzón")))
    acknowledged = wait(lambda: (state := stage.is_acknowledged(case)) != "sent" and state)
    stage.answer(case)
    back = stage.comes_to(case, state="approved", delivery_state="failed")
    facts = [f"acknowledgement: {acknowledged}", "not delivered, back to approved" if back else "it stays delivered"]
    stage.ask("director", "sig.pqrs", "action_send_response", [case], "hand", received_by="El portero")
    facts.append(f"by letter: {stage.read(case, 'state')['state']}")
    return "; ".join(facts)


# -- The table -----------------------------------------------------------------------------------------------------


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("http", "smtp", "imap", "greylist", "far"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("database", "postfix", "log", "commit"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("words", nargs="*")
    return parser.parse_args()


def main():
    options = read_options()
    plays = [each for each in PLAYS if not options.words or any(word in each.sent for word in options.words)]
    missed = 0
    print("# Real mail\n")
    print(f"`dev/mail` at {options.commit}, {datetime.date.today()}.\n")
    print("| What is sent | What must become of it | What became of it | |")
    print("|---|---|---|---|")
    with Stage(options).open() as stage:
        for each in plays:
            try:
                became = each.act(stage)
            except Exception as error:
                traceback.print_exc()
                became = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            is_met = became == each.expected
            missed += not is_met
            print(f"| {each.sent} | {each.expected} | {became} | {'met' if is_met else '**missed**'} |", flush=True)
            print(f"    {'met   ' if is_met else 'MISSED'} {each.sent}: {became}", file=sys.stderr, flush=True)
    print(f"\n{len(plays) - missed} of {len(plays)} met.")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
