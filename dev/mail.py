"""Run by dev/mail: sends mail by Postfix as clients do, and prints a table of Markdown of what became of it.

Fails with 1 when something became of a mail that must not.
"""

import argparse
import base64
import datetime
import email
import html
import imaplib
import re
import smtplib
import socketserver
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
import xmlrpc.client
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.utils import formatdate
from itertools import count
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

NORTH, SOUTH = "servicioalcliente@example.com", "servicioalcliente@sur.example.com"
BOUNCES = "bounce@example.com"
#: who writes what is odd: who writes twenty mails in two hours is not filed any more
BERTA = "Berta Bit <berta@example.net>"
PATIENCE = 60
MODULE = "sig_pqrs"
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

        def run():
            try:
                self.ask("admin", "ir.cron", "method_direct_trigger", [found[0]["res_id"]])
            except xmlrpc.client.Fault as fault:
                if "already executing" in fault.faultString:
                    return False
                raise
            return True

        wait(run)

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

    @contextmanager
    def configured(self, **settings):
        """Postfix, with other settings for a while."""
        postconf = ["postconf", "-c", self.options.postfix]
        before = subprocess.run([*postconf, *settings], check=True, capture_output=True, text=True).stdout.splitlines()
        subprocess.run([*postconf, "-e", *(f"{name}={value}" for name, value in settings.items())], check=True)
        self.control_postfix("reload")
        try:
            yield
        finally:
            subprocess.run([*postconf, "-e", *before], check=True)
            self.control_postfix("reload")

    def control_postfix(self, command):
        subprocess.run(
            ["postfix", "-c", self.options.postfix, command],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def get_fates(self, ident):
        """What Postfix did with a mail, for each delivery: ``sent deferred bounced``."""
        lines = Path(self.options.postfix, "../../log/postfix").read_text().splitlines()
        ids = {line.split(": ")[1] for line in lines if f"message-id={ident}" in line}
        tried = [line for line in lines if " status=" in line and line.split(": ")[1] in ids]
        return [line.partition(" status=")[2].split()[0] for line in tried]

    def has_fate(self, ident, fate):
        return fate in self.get_fates(ident)

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

    def answer(self, case, size=0):
        """Assign, write, approve and send, with an annex of so many bytes; by mail, it closes once it left."""
        process = self.ask("director", "sig.process", "search", [("code", "=", "OPE")])[0]
        leader = self.uids.get("leader") or self.ask("leader", "res.users", "search", [("login", "=", "leader")])[0]
        self.ask("director", "sig.pqrs", "action_assign", [case], [{"process_id": process, "user_id": leader}])
        part = self.ask("leader", "sig.pqrs.assignment", "search", [("pqrs_id", "=", case)])
        self.ask("leader", "sig.pqrs.assignment", "write", part, {"response": "<p>Revisamos la ronda.</p>"})
        if size:
            annex = {"name": "video.mp4", "datas": base64.b64encode(bytes(size)).decode()}
            self.ask("leader", "sig.pqrs.assignment", "write", part, {"attachment_ids": [(0, 0, annex)]})
        self.ask("leader", "sig.pqrs.assignment", "action_submit", part)
        self.ask("leader", "sig.pqrs.assignment", "action_approve", part)
        self.ask("director", "sig.pqrs", "write", [case], {"resolution": "upheld"})
        self.ask("director", "sig.pqrs", "action_send_response", [case])

    def comes_to(self, case, **values):
        """Whether a case comes to have some values."""
        return bool(wait(lambda: self.read(case, *values) == {"id": case, **values}))

    def tell_state(self, case):
        return f"the case stays {self.read(case, 'state')['state']}"

    def find_of_case(self, case):
        mails = [("pqrs_id", "=", case), ("direction", "=", "in")]
        return self.ask("director", "sig.pqrs.mail", "search_read", mails, ["state", "reason", "message_ident"])

    def tell_asked(self, case):
        said = ["|", ("summary", "ilike", "mail system"), ("summary", "ilike", "sistema de correo")]
        named = [("res_model", "=", "sig.pqrs"), ("res_id", "=", case), *said]
        asked = wait(lambda: self.ask("director", "mail.activity", "search_count", named))
        return f"the SIG is {'' if asked else 'not '}asked to read it"

    def find_postponed(self):
        """Mails that Odoo tries again later."""
        waiting = [("sig_attempts", ">", 0), ("state", "=", "outgoing")]
        return wait(lambda: self.ask("admin", "mail.mail", "search", waiting))

    def try_again(self, mails):
        """As when the minutes have passed."""
        self.ask("admin", "mail.mail", "write", mails, {"scheduled_date": False})
        self.run_job("mail.ir_cron_mail_scheduler_action")

    def find_answer(self, address, case):
        """The mail with the letter, in an inbox of a client."""
        number = self.read(case, "name")["name"]

        def search():
            found = self.find_in_inbox(address, number)
            return [mail for mail in found if any(mail.iter_attachments())]

        return wait(search)[0]

    def describe_reply(self, ident, case):
        became, mail = self.describe(ident), self.find_mails(ident)[0]
        if not mail["communication_id"]:
            return became
        domain = [("id", "=", mail["communication_id"][0])]
        came = self.ask("director", "sig.pqrs.communication", "search_read", domain, ["author", "purpose"])[0]
        who = {"petitioner": f"the petitioner, {came['purpose']}", "stranger": "somebody else"}
        where = "no new case" if mail["pqrs_id"][0] == case else "another case"
        return f"{became}; by {who.get(came['author'], came['author'])}; {where}"

    def tell_sent(self, act):
        """Whether Odoo makes mails for people outside while something is done, and a while after."""
        before = self._count_mails()
        act()
        made = self._count_mails() - before
        return f"{made} leave" if made else "nothing leaves"

    def _count_mails(self):
        """Once jobs make no more."""
        counts = [-1]

        def count():
            counts.append(self.ask("admin", "mail.mail", "search_count", [("email_to", "!=", False)]))
            time.sleep(2)
            return counts[-1] == counts[-2]

        wait(count)
        return counts[-1]

    def write_report(self, to, ident):
        report = EmailMessage(policy=policy.SMTP)
        report["From"], report["To"], report["Subject"] = "MAILER-DAEMON@mx.example.net", to, "Undelivered Mail"
        report["Message-Id"], report["Auto-Submitted"] = self.name_mail(), "auto-replied"
        report["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="b"'
        report.set_payload(
            "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: "
            "message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; "
            "x@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {ident}\r\n--b--\r\n"
        )
        return report.as_bytes()

    def file_and_answer(self, author, subject):
        case = self.find_case(self.send(self.write(author, subject)))
        self.is_acknowledged(case)
        self.answer(case)
        return case

    def file_and_close(self, author, subject):
        """The case is closed once its answer has left."""
        case = self.file_and_answer(author, subject)
        self.comes_to(case, state="closed")
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
    "acknowledgement: failed; not delivered, back to approved; by hand: closed",
)
def _(stage):
    case = stage.find_case(stage.send(stage.write("Sin Buzón <nobody@example.net>", "Sin buzón")))
    acknowledged = wait(lambda: (state := stage.is_acknowledged(case)) != "sent" and state)
    stage.answer(case)
    back = stage.comes_to(case, state="approved", delivery_state="failed")
    facts = [f"acknowledgement: {acknowledged}", "not delivered, back to approved" if back else "it stays delivered"]
    stage.ask("director", "sig.pqrs", "action_send_response", [case], "hand", received_by="El portero")
    facts.append(f"by hand: {stage.read(case, 'state')['state']}")
    return "; ".join(facts)


def tell_return(stage, case):
    return "back to approved" if stage.comes_to(case, state="approved", delivery_state="failed") else "it stays"


@play("The same, refused while Odoo hands it over (550)", "acknowledgement: failed; answer: back to approved")
def _(stage):
    case = stage.find_case(stage.send(stage.write("Rosa Rechazo <ana@refuses.example.org>", "Rechazado")))
    acknowledged = stage.is_acknowledged(case)
    stage.answer(case)
    return f"acknowledgement: {acknowledged}; answer: {tell_return(stage, case)}"


@play(
    "An answer that the client's server defers twice: Postfix keeps it, and reports the delay",
    "closed; the delay is ignored: report; closed until it came",
)
def _(stage):
    case = stage.file_and_answer("Diego Demora <ana@defers.example.org>", "Demora")
    number = stage.read(case, "name")["name"]
    facts = ["closed" if stage.comes_to(case, state="closed") else "not closed"]

    def find_report():
        stage.flush()
        time.sleep(2)
        return [mail for mail in stage.find_of_case(case) if mail["state"] != "filed"]

    reports = wait(find_report)
    facts.append(f"the delay is {'; '.join(sorted({stage.describe(mail['message_ident']) for mail in reports}))}")

    def find_answer():
        stage.flush()
        time.sleep(1)
        return sum(number in mail["Subject"] for mail in stage.far.taken) >= 2

    came = wait(find_answer)
    facts.append(f"{stage.read(case, 'state')['state']} until it {'came' if came else 'never came'}")
    return "; ".join(facts)


@play("An answer that is deferred until Postfix gives up", "closed; given up: back to approved")
def _(stage):
    case = stage.file_and_answer("Nelly Nunca <ana@never.example.org>", "Nunca")
    closed = "closed" if stage.comes_to(case, state="closed") else "not closed"
    with stage.configured(maximal_queue_lifetime="1s"):
        time.sleep(2)
        stage.flush()
        return f"{closed}; given up: {tell_return(stage, case)}"


@play(
    "An acknowledgement that Postfix itself defers (450, greylisted)",
    "it waits in Odoo; tried again: sent, in the inbox",
)
def _(stage):
    case = stage.find_case(stage.send(stage.write("Gris Greylist <ana@greylisted.example.org>", "Lista gris")))
    number = stage.read(case, "name")["name"]
    mails = stage.find_postponed()
    facts = ["it waits in Odoo" if mails else "it does not wait"]
    stage.try_again(mails)
    came = wait(lambda: stage.find_in_inbox("ana@greylisted.example.org", number))
    facts.append(f"tried again: {stage.is_acknowledged(case)}, {'in the inbox' if came else 'it did not come'}")
    return "; ".join(facts)


@play("An answer with an annex of 12 MB", "closed; its letter in the mail; the annex opens by a link")
def _(stage):
    case = stage.find_case(stage.send(stage.write("Ana Ruiz <ana@example.net>", "Anexo pesado")))
    stage.is_acknowledged(case)
    stage.answer(case, 12_000_000)
    closed = stage.comes_to(case, state="closed")
    number = stage.read(case, "name")["name"]
    mail = wait(lambda: stage.find_in_inbox("ana@example.net", number)[1:])[-1]
    names = [part.get_filename() for part in mail.iter_attachments()]
    letter = any(name.endswith(".pdf") for name in names)
    facts = ["closed" if closed else "not closed", f"its letter {'in' if letter else 'not in'} the mail"]
    if "video.mp4" in names:
        return "; ".join([*facts, "the annex too"])
    text = mail.get_body(("html",)).get_content()
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+/web/content/[^"]+)"', text)]
    sizes = []
    for link in links:
        with suppress(OSError), urllib.request.urlopen(link) as page:
            sizes.append(len(page.read()))
    opens = "opens by a link" if 12_000_000 in sizes else f"does not open: {len(links)} links, of {sizes} bytes"
    return "; ".join([*facts, f"the annex {opens}"])


@play("An answer bigger than Postfix takes", "back to approved")
def _(stage):
    case = stage.find_case(stage.send(stage.write("Ana Ruiz <ana@example.net>", "Respuesta grande")))
    stage.is_acknowledged(case)
    with stage.configured(message_size_limit="20000"):
        stage.answer(case)
        return tell_return(stage, case)


@play("An answer while Postfix is away", "it waits in Odoo; tried again: closed")
def _(stage):
    case = stage.find_case(stage.send(stage.write("Ana Ruiz <ana@example.net>", "Postfix apagado")))
    stage.is_acknowledged(case)
    stage.control_postfix("stop")
    stage.answer(case)
    mails = stage.find_postponed()
    state = stage.read(case, "state")["state"]
    stage.control_postfix("start")
    stage.try_again(mails)
    closed = stage.comes_to(case, state="closed")
    return f"{'it waits in Odoo' if mails else state}; tried again: {'closed' if closed else 'not closed'}"


@play("A report in plain words, as qmail writes it", "the case stays closed; the SIG is asked to read it")
def _(stage):
    case = stage.file_and_close("Quino Qmail <qmail@example.net>", "En palabras")
    answer = stage.find_answer("qmail@example.net", case)
    text = (
        "Hi. This is the qmail-send program at mail.example.net.\nI'm afraid I wasn't able to deliver your message to "
        "the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<qmail@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <{BOUNCES}>\n"
        f"Message-Id: {answer['Message-Id']}\nFrom: {answer['From']}\nTo: {answer['To']}\n"
    )
    report = stage.write("MAILER-DAEMON@mail.example.net", "failure notice", "", BOUNCES)
    report.set_content(text, cte="7bit")  # as qmail does
    stage.send(report, sender="")
    return f"{stage.tell_state(case)}; {stage.tell_asked(case)}"


@play("An acknowledgement to an address with ñ, which its server does not take", "filed; the SIG is asked to read it")
def _(stage):
    raw = write_raw(stage, "Dirección con eñe", "Content-Type: text/plain; charset=utf-8", b"Ronda", "peña@example.net")
    ident = stage.send(raw, sender="peña@example.net", mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    return f"{stage.describe(ident)}; {stage.tell_asked(stage.find_case(ident))}"


@play(
    "A vacation reply of Sieve, to the address of bounces",
    "ignored: report; nothing leaves; the case stays closed",
)
def _(stage):
    case = stage.file_and_close("Vera Vacas <vacation@example.net>", "Vacaciones")
    replies = wait(lambda: [mail for mail in stage.find_of_case(case) if mail["state"] != "filed"])
    became = ", ".join(stage.describe(mail["message_ident"]) for mail in replies) or "it did not come"
    return f"{became}; {stage.tell_sent(lambda: None)}; {stage.tell_state(case)}"


@play("A vacation reply to the mailbox, as of Outlook", "of its case: automatic; nothing leaves; the case stays closed")
def _(stage):
    case = stage.file_and_close("Ana Ruiz <ana@example.net>", "Ausencia")
    answer = stage.find_answer("ana@example.net", case)
    away = stage.write("Ana Ruiz <ana@example.net>", f"Respuesta automática: {answer['Subject']}", "Vuelvo el lunes.")
    away["Auto-Submitted"], away["In-Reply-To"] = "auto-replied", str(answer["Message-Id"])
    ident = stage.send(away)
    became = stage.describe(ident)
    return f"{became}; {stage.tell_sent(lambda: None)}; {stage.tell_state(case)}"


@play(
    "An answer that its client's mailbox forwards to one that does not exist", "in the mailbox; the case stays closed"
)
def _(stage):
    case = stage.file_and_close("Raúl Reenvía <forwards@example.net>", "Reenvío")
    answer = stage.find_answer("forwards@example.net", case)
    wait(lambda: len([mail for mail in stage.find_of_case(case) if mail["state"] != "filed"]) >= 2)
    return f"{'in the mailbox' if answer else 'it did not come'}; {stage.tell_state(case)}"


# -- Replies -------------------------------------------------------------------------------------------------------


@play(
    "A reply above the quoted answer, to the mailbox with a tag",
    "of its case; by the petitioner, late; no new case",
)
def _(stage):
    case = stage.file_and_close("Ana Ruiz <ana@example.net>", "Réplica")
    answer = stage.find_answer("ana@example.net", case)
    quoted = "No estoy de acuerdo.\n\nEl lunes, Vigilancia escribió:\n> Revisamos la ronda.\n> Radicado de otro"
    reply = stage.write(
        "Ana Ruiz <ana@example.net>", f"Re: {answer['Subject']}", quoted, NORTH.replace("@", f"+{case}@")
    )
    reply["In-Reply-To"] = reply["References"] = str(answer["Message-Id"])
    return f"{stage.describe_reply(stage.send(reply), case)}"


@play(
    "A reply to its Reply-To, without references, with the number", "of its case; by the petitioner, late; no new case"
)
def _(stage):
    case = stage.file_and_close("Ana Ruiz <ana@example.net>", "Número")
    answer = stage.find_answer("ana@example.net", case)
    to = answer["Reply-To"].addresses[0].addr_spec
    number = stage.read(case, "name")["name"]
    reply = stage.write("Ana Ruiz <ana@example.net>", f"RV: caso {number}", "¿Y el vigilante?", to)
    return stage.describe_reply(stage.send(reply), case)


@play("A reply from another address", "of its case; by somebody else; no new case")
def _(stage):
    case = stage.file_and_close("Ana Ruiz <ana@example.net>", "Otra dirección")
    answer = stage.find_answer("ana@example.net", case)
    reply = stage.write("Ana <ana.personal@example.net>", f"Re: {answer['Subject']}", "Soy Ana.")
    reply["In-Reply-To"] = str(answer["Message-Id"])
    return stage.describe_reply(stage.send(reply), case)


# -- Ways of coming ------------------------------------------------------------------------------------------------


@play("A petition to a mailbox of Dovecot that Odoo polls by IMAP", "filed; acknowledged: sent, in her inbox")
def _(stage):
    ident = stage.send(stage.write("Ana Ruiz <ana@example.net>", "Ronda por IMAP", to=SOUTH))
    wait(lambda: stage.has_fate(ident, "sent"))
    stage.run_job("mail.ir_cron_mail_gateway_action")
    case = stage.find_case(ident, "director_sur")
    state = stage.is_acknowledged(case, "director_sur")
    number = stage.read(case, "name", login="director_sur")["name"]
    came = wait(lambda: stage.find_in_inbox("ana@example.net", number))
    return f"{stage.describe(ident, 'director_sur')}; acknowledged: {state}, {'in her inbox' if came else 'not there'}"


@play("One mail to the mailboxes of two companies, by the pipe and by IMAP", "one case in each")
def _(stage):
    message = stage.write("Ana Ruiz <ana@example.net>", "A las dos", to=f"{NORTH}, {SOUTH}")
    ident = stage.send(message, to=[NORTH, SOUTH])
    stage.find_mails(ident)
    stage.run_job("mail.ir_cron_mail_gateway_action")
    cases = [len(stage.find_mails(ident, login=login)) for login in ("director", "director_sur")]
    return "one case in each" if cases == [1, 1] else f"cases: {cases}"


@play("One mail, delivered twice", "filed; one mail, one case")
def _(stage):
    message = stage.write("Ana Ruiz <ana@example.net>", "Dos veces")
    ident = stage.send(message)
    became = stage.describe(ident)
    stage.send(message)
    wait(lambda: stage.get_fates(ident).count("sent") == 2)
    mails = stage.find_mails(ident)
    cases = stage.ask("director", "sig.pqrs", "search_count", [("subject", "=", "Dos veces")])
    numbers = {1: "one mail, one case"}
    return f"{became}; {numbers.get(len(mails) if len(mails) == cases else 0, f'{len(mails)} mails, {cases} cases')}"


@play("A petition to an alias of the mailbox, one redirected by Sieve, one in blind copy", "filed; filed; filed")
def _(stage):
    author = "Ana Ruiz <ana@example.net>"
    alias = stage.send(stage.write(author, "Por alias", to="atencion@example.com"))
    moved = stage.send(stage.write(author, "Redirigida", to="moved@example.net"))
    blind = stage.send(stage.write(author, "Copia oculta", to="administracion@example.net"), to=NORTH)
    return "; ".join(stage.describe(ident) for ident in (alias, moved, blind))


@play("A petition while Odoo is away", "Postfix keeps it; then: filed")
def _(stage):
    stage.stop_odoo()
    ident = stage.send(stage.write("Ana Ruiz <ana@example.net>", "Odoo apagado"))
    kept = wait(lambda: stage.get_fates(ident))
    stage.start_odoo()
    stage.flush()
    facts = "Postfix keeps it" if kept == ["deferred"] else f"Postfix: {kept}"
    return f"{facts}; then: {stage.describe(ident)}"


@play("A mail to an address of the domain that nobody has", "given back to its sender; nothing leaves Odoo")
def _(stage):
    ident = stage.name_mail()

    def send():
        message = stage.write("Ana Ruiz <ana@example.net>", "Para nadie", to="nadie@example.com")
        message.replace_header("Message-Id", ident)
        stage.send(message)
        wait(lambda: stage.get_fates(ident))

    sent = stage.tell_sent(send)
    back = stage.get_fates(ident) == ["bounced"]
    return f"{'given back to its sender' if back else stage.get_fates(ident)}; {sent} Odoo"


# -- Who writes ----------------------------------------------------------------------------------------------------


@play("A petition of a stranger", "waits to be filed; nothing leaves")
def _(stage):
    sent = stage.write("Pedro Paz <pedro@example.net>", "Un extraño")
    leaves = stage.tell_sent(lambda: stage.find_mails(stage.send(sent)))
    return f"{stage.describe(str(sent['Message-Id']))}; {leaves}"


@play("A colleague forwards a client's mail, quoted and attached", "waits to be filed, of the client; the same")
def _(stage):
    quoted = (
        "Les llegó esto.\n\n---------- Mensaje reenviado ----------\nDe: Ana Ruiz <ana@example.net>\n"
        "Asunto: Portero\nPara: director@example.com\n\nEl portero no abrió.\n"
    )
    attached = stage.write("Directora <director@example.com>", "RV: Portero", "Va el correo.")
    attached.add_attachment(stage.write("Ana Ruiz <ana@example.net>", "Portero", to="director@example.com"))
    facts = []
    for message in (stage.write("Directora <director@example.com>", "RV: Portero", quoted), attached):
        ident = stage.send(message)
        became, author = stage.describe(ident), stage.read(stage.find_case(ident), "email_from")["email_from"]
        facts.append(f"{became}, of {'the client' if author == 'ana@example.net' else author}")
    return f"{facts[0]}; {'the same' if facts[0] == facts[1] else facts[1]}"


@play("A mail of a list, and a newsletter", "ignored: list; ignored: automatic; nothing leaves")
def _(stage):
    def send():
        of_list = stage.write("Ana Ruiz <ana@example.net>", "[vecinos] Ronda", List_Id="<vecinos.example.net>")
        of_list["Precedence"] = "list"
        news = stage.write("Noticias <news@example.net>", "Novedades", Precedence="bulk")
        news["List-Unsubscribe"] = "<mailto:baja@example.net>"
        said.extend(stage.describe(stage.send(message)) for message in (of_list, news))

    said = []
    leaves = stage.tell_sent(send)
    return "; ".join([*said, leaves])


@play(
    "A bounce of a bounce: reports with a null sender about mails of nobody", "ignored: report; taken; nothing leaves"
)
def _(stage):
    said = []

    def send():
        to_mailbox, to_bounces = (stage.write_report(to, "<nobody.knows@example.net>") for to in (NORTH, BOUNCES))
        said.append(stage.describe(stage.send(to_mailbox, sender="")))
        ident = stage.send(to_bounces, sender="")
        wait(lambda: stage.get_fates(ident))
        said.append("taken" if stage.get_fates(ident) == ["sent"] else str(stage.get_fates(ident)))

    leaves = stage.tell_sent(send)
    return "; ".join([*said, leaves])


@play(
    "23 mails of one address, and one once it is among the allowed",
    "20 wait to be filed; 3 ignored: flood; then: waits to be filed",
)
def _(stage):
    author = "Mesa de ayuda <mesa@example.net>"
    became = [stage.describe(stage.send(stage.write(author, f"Tiquete {number}"))) for number in range(23)]
    stage.ask("admin", "mail.gateway.allowed", "create", {"email": "mesa@example.net"})
    then = stage.describe(stage.send(stage.write(author, "Tiquete permitido")))
    waits, floods = became.count("waits to be filed"), became.count("ignored: flood")
    return f"{waits} wait to be filed; {floods} ignored: flood; then: {then}"


# -- What is in it -------------------------------------------------------------------------------------------------


def write_raw(stage, subject, headers, body, author=BERTA):
    head = f"From: {author}\r\nTo: {NORTH}\r\nSubject: {subject}\r\nDate: {formatdate()}\r\n"
    head += f"Message-Id: {stage.name_mail()}\r\nMIME-Version: 1.0\r\n{headers}\r\n"
    return head.encode() + b"\r\n" + body


@play("Eight bits: UTF-8, Latin-1, and Latin-1 that says nothing of itself", "filed; filed; filed; three times ñ")
def _(stage):
    facts, found = [], []
    for charset, said in (("utf-8", True), ("iso-8859-1", True), ("iso-8859-1", False)):
        kind = f"; charset={charset}" if said else ""
        headers = f"Content-Type: text/plain{kind}\r\nContent-Transfer-Encoding: 8bit"
        body = "El niño añora la reja de la peña.\r\n".encode(charset)
        ident = stage.send(write_raw(stage, "Ocho bits", headers, body), mail_options=["BODY=8BITMIME"])
        became = stage.describe(ident)
        facts.append(became if became != "nothing came" else f"{became}: {stage.get_fates(ident)}")
        if became == "filed":
            found.append("niño" in stage.read(stage.find_case(ident), "description")["description"])
    return "; ".join([*facts, "three times ñ" if found == [True] * 3 else f"ñ: {found}"])


@play("Signed with S/MIME: apart, and around the text", "filed, with its text; filed, with its text")
def _(stage):
    facts = []
    for is_apart in (True, False):
        signed = sign("Content-Type: text/plain; charset=utf-8\r\n\r\nPido copia de la minuta.\r\n", is_apart)
        head, _line, body = signed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
        headers = head.decode().replace("MIME-Version: 1.0\r\n", "")
        ident = stage.send(write_raw(stage, "Firmado", headers, body))
        text = stage.read(stage.find_case(ident), "description")["description"]
        facts.append(f"{stage.describe(ident)}, {'with its text' if 'copia de la minuta' in text else 'without it'}")
    return "; ".join(facts)


def sign(text, is_apart):
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ana Ruiz")])
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
    certificate = builder.not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    signature = pkcs7.PKCS7SignatureBuilder().set_data(text.encode()).add_signer(certificate, key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature] if is_apart else []
    return signature.sign(serialization.Encoding.SMIME, options)


@play("A file of 10 MB; one of 28 MB; a mail of 45 MB", "filed, 10 MB; filed, 28 MB; refused: 552")
def _(stage):
    facts = []
    for size in (10, 28):
        message = stage.write(BERTA, f"Video de {size} MB")
        content = PDF + bytes(size * 1_000_000 - len(PDF))
        message.add_attachment(content, maintype="application", subtype="pdf", filename="video.pdf")
        case = stage.find_case(ident := stage.send(message))
        found = stage.ask(
            "director",
            "ir.attachment",
            "search_read",
            [("id", "in", stage.read(case, "attachment_ids")["attachment_ids"])],
            ["file_size"],
        )
        sizes = "".join(f"{file['file_size'] // 1_000_000} MB" for file in found) or "no file"
        facts.append(f"{stage.describe(ident)}, {sizes}")
    message = stage.write(BERTA, "Video de 33 MB")
    message.add_attachment(bytes(33_000_000), maintype="video", subtype="mp4", filename="video.mp4")
    try:
        facts.append(stage.describe(stage.send(message)))
    except smtplib.SMTPResponseException as error:
        facts.append(f"refused: {error.smtp_code}")
    return "; ".join(facts)


@play("All of it, in the log of Odoo", "no error of the addon")
def _(stage):
    lines = Path(stage.options.log).read_text().splitlines()
    errors = [line for line in lines if " ERROR " in line and f" odoo.addons.{MODULE}." in line]
    return f"{len(errors)} errors: {errors[0]}" if errors else "no error of the addon"


@play("What left until here, as it reads", "names of companies end in one full stop")
def _(stage):
    mails = [
        mail
        for address in ("ana", "vacation", "forwards", "qmail")
        for mail in stage.read_inbox(f"{address}@example.net")
    ]
    texts = [mail.get_body(("html", "plain")) for mail in mails]
    doubled = sum("S. A. S.." in part.get_content() for part in texts if part)
    return "names of companies end in one full stop" if not doubled else f"{doubled} of {len(mails)} print “S. A. S..”"


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
