"""Attacks a served copy of the demo as everybody who has to do with it: by `attack_*`."""

import threading
import time
from contextlib import contextmanager

import requests

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

from . import attack_files as files
from . import attack_forms as forms
from . import attack_links as links
from . import attack_messages as messages
from . import attack_methods as methods
from . import attack_names as names
from .attack_caller import Caller
from .attack_canary import Canaries
from .attack_drafts import Drafts
from .attack_journal import Journal
from .attack_judge import Judge
from .attack_raid import Book, Raid
from .attack_scene import Scene
from .web import server

LOGINS = (
    "public", "cliente1", "integracion", "encuestador", "auditor", "gerente", "colaborador1", "lider1", "directora",
    "admin_sig", "otra_administrator",
)  # fmt: skip
ATTACKS = {
    "messages": messages.run, "files": files.run, "forms": forms.run, "links": links.run, "names": names.run,
    "methods": methods.run,
}  # fmt: skip
#: servers of one process each: the journal knows by the name of its connections who changed what
SERVERS = 2


@contextmanager
def _environment(database, commit=False):
    with database.registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        if commit:
            cr.commit()


def prepare(database):
    """The scene, a mark in every text, and the journal: once a database, which is copied."""
    with _environment(database, commit=True) as env:
        Scene(env, CaseBuilder).build()
    with _environment(database, commit=True) as env:
        Canaries(env).plant()
        Journal(_executor(env.cr)).keep()


def _executor(cr):
    def execute(query, arguments=None):
        cr.execute(query, arguments)
        return cr.fetchall() if cr.description else []

    return execute


class _Attackers:
    """Each server has roles of its own, which attack it one after another."""

    def __init__(self, database, judge, book, wanted):
        self.database, self.judge, self.book, self.wanted = database, judge, book, wanted
        self.failed = []

    def attack(self, number, address, logins):
        try:
            for login in logins:
                self._attack_as(f"attack-{number}", address, login)
        except Exception as error:
            self.failed.append(error)
            raise

    def _attack_as(self, by, address, login):
        with _environment(self.database) as env, self.database.registry.cursor() as cr:
            cr._cnx.autocommit = True  # the journal is read as it is written
            journal = Journal(_executor(cr), by)
            journal.read_changes()
            caller = Caller(requests.Session(), address)
            if login != "public":
                caller.log_in(self.database.name, login)
            journal.read_changes()
            raid = Raid(env, self.judge, journal, caller, login, self.book)
            for name, run in ATTACKS.items():
                if name in self.wanted:
                    began = time.monotonic()
                    run(raid)
                    print(f"    {login}: {name}, {time.monotonic() - began:.0f} s", flush=True)


def run(database, log, logins=(), wanted=()):
    """Attack and print the table.

    :return: whether nothing got through.
    """
    began = time.monotonic()
    with _environment(database) as env:
        judge = Judge(env, Canaries(env), LOGINS)
    book, logins, wanted = Book(log.with_suffix(".found").open("w")), logins or LOGINS, wanted or (*ATTACKS, "drafts")
    attackers = _Attackers(database, judge, book, wanted)
    servers, threads = [], []
    try:
        for number in range(SERVERS):
            place = server(database.name, log, "--workers=0", environ={"ODOO_PGAPPNAME": f"attack-{number}"})
            servers.append(place)
            address = place.__enter__().address
            threads.append(threading.Thread(target=attackers.attack, args=(number, address, logins[number::SERVERS])))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if "drafts" in wanted:
            callers = {}
            for login in ("directora", "colaborador1", "lider1", "admin_sig"):
                callers[login] = Caller(requests.Session(), address)
                callers[login].log_in(database.name, login)
            Drafts(lambda: _environment(database, commit=True), callers, book).run()
    finally:
        for line in book.tell():
            print(line)
        for place in servers:
            place.__exit__(None, None, None)
    longest = (f"{name} {seconds:.0f} s" for name, seconds in book.seconds.most_common(8))
    print(f"{time.monotonic() - began:.0f} s; longest:", *longest)
    return not book.breaches and not attackers.failed
