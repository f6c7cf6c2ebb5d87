"""A hundred people at once, and two servers with their jobs on one database: nothing is lost, nothing is done twice.

What people do is in `crowd`, which locust runs. Here is the cast, and what must be true afterwards.
"""

import json
import os
import re
import subprocess
import tempfile
import threading
import time
from collections import Counter
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

import psycopg2

from odoo.fields import Command

from . import seed
from .mail_server import MailServer
from .web import free_port, server

CLIENTS, SURVEYED = 25, 100
MAILBOX = "servicioalcliente@example.com"
PATIENCE = 300
#: of pairs of a kind that must not be: what it is, the table, the columns that tell it, and which rows count
UNIQUE = (
    ("numbers of cases", "sig_pqrs", "company_id, name", "TRUE"),
    ("measures", "sig_indicator_measure", "indicator_id, company_id, process_id, date_from", "TRUE"),
    ("findings", "sig_finding", "company_id, key", "state = 'open'"),
    ("reports", "sig_management_review", "company_id, date_from, date_to", "kind = 'report'"),
    ("heads exported", "sig_act_head_export", "company_id, date", "TRUE"),
    ("acts of one number", "sig_pqrs_act", "pqrs_id, number", "TRUE"),
    ("acknowledgements", "sig_pqrs_act", "pqrs_id", "kind = 'acknowledged'"),
    ("answers sent", "sig_pqrs_act", "pqrs_id", "kind = 'response_sent'"),
    ("closings", "sig_pqrs_act", "pqrs_id", "kind = 'closed'"),
    ("ratings", "sig_pqrs_act", "pqrs_id", "kind = 'rated'"),
    ("clients of a wave", "sig_survey_recipient", "wave_id, partner_id", "TRUE"),
    ("answer sheets", "survey_user_input", "sig_recipient_id", "sig_recipient_id IS NOT NULL"),
    (
        "activities",
        "mail_activity",
        "res_model, res_id, activity_type_id, user_id, summary",
        "active AND res_model LIKE 'sig.%'",
    ),
)


class Letters(MailServer):
    """A mail server that also remembers what each mail was about, and keeps the links of surveys."""

    _LINK = re.compile(r"/survey/start/([\w-]+)\?answer_token=([\w-]+)")

    def __init__(self, port, links):
        super().__init__(port)
        self.links = links
        self.about = Counter()
        self.acknowledged = set()

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain", "html"))
        found = self._LINK.search(body.get_content()) if body else None
        if message["Auto-Submitted"] == "auto-replied":
            self.acknowledged.add(str(message["X-Odoo-Objects"]))
        for recipient in envelope.rcpt_tos:
            self.about[recipient, str(message["X-Odoo-Objects"]), str(message["Subject"])] += 1
        if found:
            with self.links.open("a") as links:
                links.write(" ".join(found.groups()) + "\n")
        return await super().handle_DATA(server, session, envelope)


class Load:
    """The cast, the work, and what is found after it."""

    def __init__(self, database, folder):
        self.database = database
        self.told, self.links, self.report = folder / "told", folder / "links", folder / "report"
        self.cast = folder / "cast"
        for file in (self.told, self.links):
            file.touch()
        self.mail = Letters(free_port(), self.links)
        with database.environment(commit=True) as env:
            self.people = self._gather(env)
            self.before = self._get_last_act(env)
            self.digest = env["sig.digest"].with_context(lang="es_CO")._write_digest([])[0].partition(":")[0]

    # -- The cast ---------------------------------------------------------------------------------------------------

    def _gather(self, env):
        env["ir.mail_server"].create({"name": "Here", "smtp_host": "127.0.0.1", "smtp_port": self.mail.port})
        domain = env["mail.alias.domain"].search([("name", "=", "example.com")], limit=1)
        env.company.alias_domain_id = domain or env["mail.alias.domain"].create({"name": "example.com"})
        env.company.sig_watch_hour = 0  # it is never too early for the daily review
        contacts = env["res.partner"].search([("name", "=like", "Persona % Ruiz")], order="id")
        own = env["res.users"].search([("login", "=", seed.CLIENT)]).partner_id
        clients = self._make_users(env, "client", (contacts - own)[:CLIENTS], "base.group_portal")
        pipe = env["res.partner"].create({"name": "Pipe", "email": "pipe@example.com"})
        gateway = self._make_users(env, "gateway", pipe, "base.group_user", "sig_pqrs.group_mail_gateway")
        director = env["res.users"].search([("login", "=", seed.LOGINS["director"])])
        surveyed = env["res.partner"].search([("name", "=like", "Conjunto Residencial %")], order="id", limit=SURVEYED)
        wave = (
            env["sig.survey.wave"]
            .with_user(director)
            .create({"population_domain": f"[('id', 'in', {surveyed.ids})]", "year": 2100})  # nobody answered in it
        )
        logins = env["res.users"].search([("login", "=like", "bench_%")]).mapped("login")
        return {
            "database": self.database.name,
            "told": str(self.told),
            "links": str(self.links),
            "report": str(self.report),
            "mailbox": MAILBOX,
            "logins": {
                "client": clients,
                "gateway": gateway,
                "director": [seed.LOGINS["director"]],
                "management": [seed.LOGINS["management"]],
                "leader": sorted(login for login in logins if login.startswith("bench_leader_")),
                "collaborator": sorted(login for login in logins if re.fullmatch(r"bench_\w{3}_\d+", login)),
            },
            "processes": [{"process_id": process.id} for process in env["sig.process"].search([])],
            "contacts": contacts.ids,
            "emails": contacts.mapped("email"),
            "type": env.ref("sig_pqrs.type_queja").id,
            "waves": wave.ids,
        }

    def _make_users(self, env, role, partners, *groups):
        users = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "login": f"load_{role}_{number}",
                        "password": f"load_{role}_{number}",
                        "partner_id": partner.id,
                        "group_ids": [Command.set([env.ref(group).id for group in groups])],
                    }
                    for number, partner in enumerate(partners)
                ]
            )
        )
        return users.mapped("login")

    def _get_last_act(self, env):
        return env["sig.pqrs.act"].search([], order="id desc", limit=1).id

    # -- Work -------------------------------------------------------------------------------------------------------

    def work(self, servers, locust, users, minutes, log):
        """Everybody at once, while the jobs run on all servers again and again.

        :return: the report of `crowd`.
        """
        self.cast.write_text(json.dumps({**self.people, "servers": servers}))
        command = [locust, "-f", str(Path(__file__).with_name("crowd.py")), "--headless", "--only-summary"]
        command += ["-u", str(users), "-r", "2", "-t", f"{minutes}m", "--stop-timeout", "60"]
        stop = threading.Event()
        thread = threading.Thread(target=self._press, args=(stop,))
        thread.start()
        with log.open("w") as output:
            subprocess.run(
                command, env={**os.environ, "SIG_CAST": str(self.cast)}, stdout=output, stderr=output, check=False
            )
        stop.set()
        thread.join()
        return json.loads(self.report.read_text())

    def _press(self, stop):
        """All jobs at once, every few seconds; the daily review of today, too, as if it had not been done."""
        while not stop.wait(10):
            try:
                with self.database.environment(commit=True) as env:
                    env.cr.execute("UPDATE res_company SET sig_watched_on = NULL", log_exceptions=False)
                    self._trigger_jobs(env)
            except psycopg2.OperationalError:  # it is being done right now
                continue

    def _trigger_jobs(self, env):
        crons = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", "ir.cron")]).mapped("res_id")
        for cron in env["ir.cron"].browse(crons) | env.ref("mail.ir_cron_mail_scheduler_action"):
            cron._trigger()

    def settle(self):
        """Wait until the jobs have nothing left to do.

        :return: what they left undone, in words.
        """
        end = time.monotonic() + PATIENCE
        while True:
            with self.database.environment(commit=True) as env:
                left = list(self._find_unfinished(env))
                if not left or time.monotonic() > end:
                    return left
                self._trigger_jobs(env)
            time.sleep(3)

    def _find_unfinished(self, env):
        for what, model, domain in (
            ("mails wait", "mail.mail", [("state", "=", "outgoing")]),
            ("mails failed", "mail.mail", [("state", "=", "exception")]),
            ("cases wait for their acknowledgement", "sig.pqrs", [("acknowledgement_pending", "=", True)]),
            ("answers have not left", "sig.pqrs", [("state", "=", "approved"), ("delivery_state", "=", "pending")]),
            ("notices have not left", "sig.pqrs.communication", [("state", "=", "queued")]),
            ("clients were not asked", "sig.survey.recipient", [("queued", "=", True)]),
            ("mails were not read", "sig.pqrs.mail", [("state", "=", "pending")]),
        ):
            if count := env[model].search_count(domain):
                yield f"{count} {what}"

    # -- What is found ----------------------------------------------------------------------------------------------

    def find_faults(self):
        """What is not as it was confirmed, or is there twice, in words."""
        told = {}
        for line in self.told.read_text().splitlines():
            entry = json.loads(line)
            told.setdefault(entry.pop("kind"), []).append(entry)
        with self.database.environment() as env:
            yield from self._find_lost(env, told)
            yield from self._find_miscounted(env, told)
            yield from self._find_doubles(env)
            for case in self._find_acknowledged(env):
                if "acknowledged" not in case.act_ids.mapped("kind"):
                    yield f"{case.name} was acknowledged by mail, of which no act tells"
            for case, found in env["sig.pqrs.act"]._verify(self._find_touched(env)).items():
                yield f"the acts of {case.name} do not hold: {found}"
        yield from self._find_mailed_twice()

    def _find_touched(self, env):
        return env["sig.pqrs.act"].search([("id", ">", self.before)]).pqrs_id

    def _find_acknowledged(self, env):
        ids = [int(name.removeprefix("sig.pqrs-")) for name in self.mail.acknowledged if name.startswith("sig.pqrs-")]
        return env["sig.pqrs"].browse(ids)

    def _find_lost(self, env, told):
        numbers = {entry["subject"]: entry["number"] for entry in told.get("filed", [])}
        cases = env["sig.pqrs"].search([("subject", "in", list(numbers))]).grouped("subject")
        for subject, number in numbers.items():
            found = cases.get(subject, env["sig.pqrs"]).mapped("name")
            if found != [number]:
                yield f"“{subject}” was told {number}, and is {found}"
        for entry in told.get("filed", []):
            if entry["number"] != numbers[entry["subject"]]:
                yield f"“{entry['subject']}” was told two numbers"
        for what, kind, field, model, name, domain in (
            ("messages", "wrote", "text", "sig.pqrs.communication", "body", []),
            ("mails handed over", "mailed", "subject", "sig.pqrs", "subject", []),
            (
                "answers to the survey",
                "answered",
                "sheet",
                "survey.user_input",
                "access_token",
                [("state", "=", "done")],
            ),
            ("ratings", "rated", "case", "sig.pqrs", "id", [("rating_state", "=", "rated")]),
            ("waves launched", "launched", "wave", "sig.survey.wave", "id", [("state", "=", "running")]),
        ):
            for value in {entry[field] for entry in told.get(kind, [])}:
                operator = "ilike" if name == "body" else "="
                count = env[model].search_count([(name, operator, value), *domain])
                if count != 1:
                    yield f"{what}: {count} of “{value}”"

    def _find_miscounted(self, env, told):
        """Each step that was confirmed is one act of its case."""
        for told_as, kind in (
            ("assigned", "assigned"),
            ("submitted", "submitted"),
            ("approved", "approved"),
            ("returned", "returned"),
            ("sent", "response_sent"),
        ):
            expected = Counter(entry["case"] for entry in told.get(told_as, []))
            acts = env["sig.pqrs.act"].search([("id", ">", self.before), ("kind", "=", kind)])
            counted = Counter(act.pqrs_id.id for act in acts)
            for case in expected.keys() | counted.keys():
                if expected[case] != counted[case]:
                    name = env["sig.pqrs"].browse(case).name
                    yield f"{name}: {told_as} {expected[case]} times, of which {counted[case]} acts tell"

    def _find_doubles(self, env):
        for what, table, columns, where in UNIQUE:
            env.cr.execute(
                f"SELECT {columns}, count(*) FROM {table} WHERE {where} GROUP BY {columns} HAVING count(*) > 1 LIMIT 5"
            )
            for row in env.cr.fetchall():
                yield f"{what} twice: {row}"

    def _find_mailed_twice(self):
        for (recipient, ident), times in self.mail.taken.items():
            if times > 1:
                yield f"a mail left {times} times: {recipient} {ident}"
        for (recipient, about, subject), times in self.mail.about.items():
            # What colleagues are told may well be the same again: a draft that was returned, and comes back.
            colleague = parseaddr(recipient)[1].startswith(("bench_", "servicioalcliente"))
            if times > 1 and (not colleague or subject.startswith(self.digest)):
                yield f"{times} mails to {recipient} of {about}: {subject}"


def run(database, locust, users, minutes, log):
    """The whole of it, and what was found, printed.

    :param locust: path of locust's executable.
    :param log: path of the log of the servers; what locust says is beside it.
    :return: whether all is as it was promised.
    """
    with tempfile.TemporaryDirectory() as folder:
        load = Load(database, Path(folder))
        load.mail.start()
        options = ("--max-cron-threads=2", "--proxy-mode")
        # There is no proxy that waits for people who are slow to send: workers do, on a machine that is too busy.
        environ = {"ODOO_HTTP_SOCKET_TIMEOUT": "60"}
        with (
            server(database.name, log, *options, environ=environ) as first,
            server(database.name, log.with_suffix(".second.log"), *options, environ=environ) as second,
        ):
            report = load.work([first.address, second.address], locust, users, minutes, log.with_suffix(".locust.log"))
            left = load.settle()
        load.mail.stop()
        found = [*report["failures"], *left, *load.find_faults()]
        told = Counter(json.loads(line)["kind"] for line in load.told.read_text().splitlines())
    print(f"{users} people, {minutes} minutes, two servers of 4 workers, two jobs at once on each")
    print(f"{report['requests']} requests, {report['a_second']:.1f} a second; {len(load.mail.taken)} mails left")
    print("confirmed: " + ", ".join(f"{kind} {count}" for kind, count in sorted(told.items())))
    print(f"\n{'What':32}{'Requests':>10}{'Median ms':>12}{'p95 ms':>10}")
    for kind, (count, median, p95) in report["kinds"].items():
        print(f"{kind:32}{count:>10}{median:>12.0f}{p95:>10.0f}")
    for reason, count in sorted(report["refused"].items()):
        print(f"refused in words, {count} times: {reason}")
    for (level, logger), count in sorted(_count_logged(log, log.with_suffix(".second.log")).items()):
        print(f"logged as {level} by {logger}: {count}")
    print("ALL IS WELL" if not found else "NOT AS PROMISED")
    for line in found:
        print(f"  {line}")
    return not found


def _count_logged(*logs):
    """How many warnings and errors each logger wrote; those of the database count transactions tried again."""
    line = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+?):", re.MULTILINE)
    return Counter(found for log in logs if log.exists() for found in line.findall(log.read_text(errors="replace")))
