"""Which pages a streaming replica of the database serves, by its own statistics; and that a replica which lags shows
nobody less than they wrote.
"""

import os
import re
import time
from contextlib import contextmanager
from functools import partial

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo.fields import Command
from odoo.tools import config

from . import seed
from .scene import Colleague, Scene
from .web import Visitor, petition, server

#: statements of a page on our tables; what counts the tries of an address writes, wherever the page is read
OURS = "query ~ 'sig_' AND query !~ 'sig_rate_limit|pg_stat_statements'"
WRITES = 30


class Side:
    """The primary server or the replica, and what it was asked."""

    def __init__(self, port, database):
        self.connection = psycopg2.connect(host=config["db_host"], port=port, user=config["db_user"], dbname=database)
        self.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)

    def ask(self, query):
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else None

    def count(self):
        """Statements on our tables since the server started."""
        [(count,)] = self.ask(
            f"""SELECT COALESCE(sum(calls), 0) FROM pg_stat_statements
                 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND {OURS}"""
        )
        return int(count)


class Watch:
    """Both sides while pages are read."""

    def __init__(self, database):
        ports = os.environ["SIG_PRIMARY_PORT"], os.environ["SIG_REPLICA_PORT"]
        self.primary, self.replica = (Side(int(port), database) for port in ports)
        self.found = []

    @contextmanager
    def expect(self, name, replica):
        """That the statements of what is done go to the replica, or all that matter to the primary server."""
        before = self.primary.count(), self.replica.count()
        yield
        primary, there = self.primary.count() - before[0], self.replica.count() - before[1]
        is_as_expected = there > 0 and not primary if replica else primary > 0
        print(f"{name:44}{there:>10}{primary:>10}   {'' if is_as_expected else 'NOT AS PROMISED'}")
        if not is_as_expected:
            self.found.append(f"{name}: {there} statements on the replica, {primary} on the primary server")

    def require(self, holds, otherwise):
        if not holds:
            self.found.append(otherwise)


def run(database, log):
    """Read and write, on a server with a replica.

    :return: whether all is as it was promised.
    """
    Scene(database, 1)
    client = _make_client(database)
    with database.environment(commit=True) as env:
        env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    time.sleep(2)  # the replica has it: from here on `synchronous_commit` sees to that
    watch = Watch(database.name)
    options = (f"--db_replica_host={config['db_host']}", f"--db_replica_port={os.environ['SIG_REPLICA_PORT']}")
    with server(database.name, log, *options) as running:
        pages = _Pages(running.address, database, client)
        for _time in range(2 * 4):  # each worker fills its caches
            for read in pages.reads.values():
                read()
        print(f"{'Statements on tables of PQRS':44}{'replica':>10}{'primary':>10}")
        for name, read in pages.reads.items():
            with watch.expect(name, replica=True):
                read()
        for name, write in pages.writes.items():
            with watch.expect(name, replica=False):
                write()
        _write_and_read(watch, pages)
        _lag(watch, pages, running.address)
    text = log.read_text(errors="replace")
    retried = len(re.findall("retrying with a read/write cursor", text))
    watch.require(not retried, f"{retried} pages that call themselves read-only wrote, and were tried again")
    print("ALL IS WELL" if not watch.found else "NOT AS PROMISED")
    for line in watch.found:
        print(f"  {line}")
    return not watch.found


def _make_client(database):
    with database.environment(commit=True) as env:
        partner = env["res.partner"].search([("email", "=", "cliente0@example.com")])
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": seed.CLIENT,
                "password": seed.CLIENT,
                "partner_id": partner.id,
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )
        return env["sig.pqrs"].search([("partner_id", "=", partner.id)], limit=1).id


class _Pages:
    """Who reads and writes, each in their browser."""

    def __init__(self, address, database, case):
        self.director = Colleague(address, database, "director")
        self.client, self.stranger, self.follower = Visitor(address), Visitor(address), Visitor(address)
        self.client.log_in()
        self.kind = self.director.call("sig.pqrs.type", "search_read", [["code", "=", "queja"]], ["id"])[0]["id"]
        self.case = case
        self.number = 0
        [self.shown] = self.director.call("sig.pqrs", "read", [case], ["name"])
        call = self.director.call
        specification = {name: {} for name in ("name", "subject", "state", "date_deadline")}
        self.reads = {
            "list of cases": partial(call, "sig.pqrs", "web_search_read", [], specification, limit=80),
            "one case": partial(call, "sig.pqrs", "web_read", [case], specification),
            "groups": partial(call, "sig.pqrs", "web_read_group", [], ["state"], ["__count"]),
            "search by name": partial(call, "sig.pqrs", "name_search", "PQRS", limit=8),
            "my day": partial(call, "sig.my.day", "get_my_day"),
            "dashboard: figures of a pivot": partial(
                call, "sig.pqrs", "formatted_read_group", [], ["type_id", "date_received:month"], ["__count"]
            ),
            "indicators": partial(call, "sig.indicator", "web_search_read", [], {"name": {}}),
            "due date (API)": partial(call, "sig.calendar", "due_date", "2026-11-24", 15),
            "website: start": partial(self._read, self.stranger, "/pqrs"),
            "website: form": partial(self._read, self.stranger, "/pqrs/new"),
            "website: privacy notice": partial(self._read, self.stranger, "/pqrs/privacy"),
            "HERA: list": lambda: self._read(self.client, "/my/pqrs", self.shown["name"]),
            "HERA: one case": lambda: self._read(self.client, f"/my/pqrs/{case}", self.shown["name"]),
        }
        self.writes = {
            "filed by the SIG": self.file_by_hand,
            "filed on the website": lambda: self.file(Visitor(address)),
        }

    def _read(self, visitor, path, text=""):
        response = visitor.get(path)
        if response.status_code != 200 or text not in response.text:
            raise AssertionError(f"{path}: {response.status_code}, without “{text}”")
        return response.text

    def file_by_hand(self):
        self.number += 1
        values = {"type_id": self.kind, "channel": "phone", "subject": f"Por teléfono {self.number}"}
        [made] = self.director.call("sig.pqrs", "web_save", [], values, {"name": {}})
        return made

    def file(self, visitor):
        """:return: the hidden fields of the page that confirms it."""
        response, _seconds = visitor.post("/pqrs/new", petition(visitor.get_hidden("/pqrs/new"), 1))
        return dict(re.findall(r'name="(csrf_token|number|code)"\s+value="([^"]+)"', visitor.read_receipt(response)))


def _write_and_read(watch, pages):
    """With ``synchronous_commit = remote_apply`` what was confirmed is on the replica already."""
    for _time in range(WRITES):
        made = pages.file_by_hand()
        found = pages.director.call("sig.pqrs", "search_count", [["name", "=", made["name"]]])
        watch.require(found == 1, f"{made['name']} was confirmed, and is not on the replica")
    print(f"{WRITES} times: what the SIG filed is in the list that is read right after")


def _lag(watch, pages, address):
    """While the replica stands still, clients see what they wrote, as they read it on the primary server."""
    watch.primary.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
    watch.primary.ask("SELECT pg_reload_conf()")
    watch.replica.ask("SELECT pg_wal_replay_pause()")
    time.sleep(1)
    try:
        visitor = Visitor(address)
        shown = pages.file(visitor)
        count = f"SELECT count(*) FROM sig_pqrs WHERE name = '{shown['number']}'"
        watch.require(watch.replica.ask(count) == [(0,)], "the replica does not stand still")
        response = visitor.session.post(f"{address}/pqrs/track", data=shown, timeout=120)
        watch.require(shown["number"] in response.text, "who filed a case cannot follow it until the replica has it")
        for reader, base in ((visitor, "/pqrs/track/case"), (pages.client, f"/my/pqrs/{pages.case}")):
            hidden = dict(re.findall(r'name="(csrf_token|token)"\s+value="([^"]+)"', reader.get(base).text))
            response = reader.session.post(
                f"{address}{base}/write", data={**hidden, "text": f"por {base}"}, timeout=120
            )
            watch.require(f"por {base}" in response.text, f"{base}: what was written does not show")
        print("While the replica stands still: filed, followed, written, and all of it shown")
    finally:
        watch.replica.ask("SELECT pg_wal_replay_resume()")
