"""Timing: each run in a transaction of its own, rolled back, as one request of one user."""

import gc
import math
import statistics
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo import SUPERUSER_ID, api, models
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor, close_all, db_connect

LANG = "es_CO"


@contextmanager
def nothing_leaves():
    """No mail is sent, and nobody waits for a mail server."""
    from odoo.addons.base.models.ir_mail_server import IrMail_Server

    with (
        patch.object(IrMail_Server, "send_email", lambda _self, message, *_args, **_kwargs: message["Message-Id"]),
        patch.object(IrMail_Server, "_connect__", lambda *_args, **_kwargs: None),
    ):
        yield


class Database:
    """One database of the benchmark."""

    def __init__(self, name):
        self.name = name

    @property
    def registry(self):
        """Loaded at the first use."""
        return Registry(self.name)

    @contextmanager
    def environment(self, login=None, commit=False):
        """An environment of a user (the superuser by default), rolled back at the end."""
        with self.registry.cursor() as cr:
            uid = SUPERUSER_ID
            if login:
                cr.execute("SELECT id FROM res_users WHERE login = %s", [login])
                (uid,) = cr.fetchone()
            env = api.Environment(cr, uid, {})
            env = env(context={"lang": LANG, "tz": "America/Bogota", "allowed_company_ids": env.user.company_ids.ids})
            yield env
            if commit:
                env.flush_all()
                cr.commit()
            else:
                env.clear()
                cr.rollback()

    def vacuum(self):
        """What autovacuum brings about in time: writes that were rolled back leave dead rows, too."""
        with db_connect(self.name).cursor() as cr:
            cr._cnx.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            cr._obj.execute("VACUUM ANALYZE")

    @contextmanager
    def without_commits(self):
        """Jobs commit as they go; here they only flush, so that the next run finds the same."""
        with patch.object(Cursor, "commit", Cursor.flush):
            yield


def cool(command):
    """Start PostgreSQL anew, with the caches of the system empty.

    :param str command: of the shell, that does it.
    :raises CalledProcessError: when it fails.
    """
    close_all()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)


@dataclass
class Sample:
    """Runs of one piece of work: seconds and queries, each per unit."""

    seconds: list[float] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def best(self):
        """What others on the machine disturb least."""
        return min(self.seconds)

    @property
    def p95(self):
        ordered = sorted(self.seconds)
        return ordered[math.ceil(0.95 * len(ordered)) - 1]

    @property
    def query_count(self):
        """Queries of a warm run, the usual one."""
        return statistics.median(self.queries)


def compare(before, after):
    """How much longer the second of two samples took that were measured in turns.

    :return: the median of the ratios of the turns, and the ends of its 95 % interval, by ranks: a machine has faster
        and slower moments, which both runs of a turn share.
    """
    ratios = sorted(late / early for early, late in zip(before.seconds, after.seconds, strict=True))
    middle, margin = len(ratios) // 2, round(1.96 * math.sqrt(len(ratios)) / 2)
    return statistics.median(ratios), ratios[max(0, middle - margin)], ratios[min(len(ratios) - 1, middle + margin)]


def repeat(
    database, work, login=None, runs=20, warm=2, units=1, prepare=None, calls=1, describe=None, returns_queries=False
):
    """Do ``work(env, prepared)`` time and again, writes flushed to the database included.

    :param prepare: ``prepare(env)`` makes what the work needs, in the same transaction, not timed.
    :param units: what one run is divided by.
    :param calls: how often one run calls the work, for what is too short to time.
    :param describe: ``describe(env, prepared)`` says what was done, not timed.
    :param returns_queries: whether the work has a cursor of its own, and returns the queries of that one.
    """
    sample = Sample()
    for run in range(-warm, runs):
        with database.environment(login) as env:
            prepared = prepare(env) if prepare else None
            env.cr.flush()
            env.invalidate_all()
            if isinstance(prepared, models.BaseModel):
                prepared = prepared.browse(prepared.ids)  # as a request has them: ids
            gc.collect()
            gc.disable()
            queries = env.cr.sql_log_count
            start = time.perf_counter()
            for _call in range(calls):
                own = work(env, prepared)
            env.cr.flush()  # what waits for the commit belongs to the work: tracking, notifications
            seconds = time.perf_counter() - start
            queries = own if returns_queries else env.cr.sql_log_count - queries
            gc.enable()
            if run >= 0:
                sample.seconds.append(seconds / units / calls)
                sample.queries.append(queries / units / calls)
                sample.note = describe(env, prepared) if describe else ""
    return sample


def take_turns(databases, works, login=None, runs=20, warm=2, seconds=0, most=None, **options):
    """Do one piece of work in each of several databases, run by run in turns, for `compare`.

    :param works: of each database, as `repeat` takes it, with ``options``.
    :param seconds: runs are added until all of them took so long, or are ``most``.
    :return: a sample of each database.
    """
    samples = [Sample() for _database in databases]
    for run in range(warm + (most or runs)):
        if run >= warm + runs and sum(sum(sample.seconds) for sample in samples) > seconds:
            break
        turn = list(zip(databases, works, samples, strict=True))
        for database, work, sample in turn if run % 2 else reversed(turn):
            one = repeat(database, work, login, runs=1, warm=0, **options)
            if run >= warm:
                sample.seconds += one.seconds
                sample.queries += one.queries
    return samples
