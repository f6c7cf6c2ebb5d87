"""Ten times as many rows of one table, each table alone: no page takes longer than before by more than a tenth.

A page misses this when all of the 95 % interval of how much longer it takes lies above.
"""

import gc
from contextlib import contextmanager
from functools import partial

from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo.modules.registry import Registry
from odoo.sql_db import close_all, db_connect
from odoo.tools import SQL

from . import seed
from .bench import Row
from .measure import Database, compare, take_turns
from .pages import get_backend_pages
from .portal import Portal
from .views import Form, Page

TARGET, TIMES, TIMES_LONGER, TURNS = "≤ 1.1 × its own time before, the same queries", 10, 1.1, 24
ROLES = ("director", "leader")

#: what grows, its table, and what a copy of a row has of its own
TABLES = (
    ("attachments", "ir_attachment", {}),
    ("messages", "mail_message", {"message_id": SQL("t.message_id || '-' || n"), "parent_id": SQL("NULL")}),
    ("acts", "sig_pqrs_act", {"number": SQL("t.number + 1000 * n")}),
    ("communications", "sig_pqrs_communication", {"mail_id": SQL("NULL")}),
    ("activities", "mail_activity", {}),
    ("contacts", "res_partner", {}),
    ("users", "res_users", {"login": SQL("t.login || '-' || n")}),
)
#: who a copy of a user is, too
OF_USERS = (("res_groups_users_rel", "uid"), ("res_company_users_rel", "user_id"))


def growth(bench, size, database):
    if size != min(bench.databases):
        return
    with _copied(database) as copy:
        pair = (database, copy)
        pages = list(zip(*map(_get_pages, pair), strict=True))
        gc.freeze()  # what is loaded by now is not collected before each run
        for name, table, own in TABLES:
            with _grown(copy, table, own):
                for (page, role, first), (_page, _role, second) in pages:
                    before, after = take_turns(
                        pair,
                        [lambda env, _prepared, work=work: work(env) for work in (first, second)],
                        role and seed.LOGINS[role],
                        TURNS,
                        returns_queries=role is None,
                    )
                    alike = after.query_count == before.query_count
                    ratio, low, high = compare(before, after)
                    note = f"{ratio:.2f} × before ({low:.2f} to {high:.2f})"
                    met = alike and low <= TIMES_LONGER
                    bench.add(Row(f"Ten times the {name}", page, size, after, None, TARGET, met, note=note))


@contextmanager
def _copied(database):
    """A copy of the database for as long as it is used."""
    name = f"{database.name}_grown"

    def administer(*queries):
        close_all()
        with db_connect("postgres").cursor() as cr:
            cr._cnx.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            for query in queries:
                cr._obj.execute(query)

    administer(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{database.name}"')
    copy = Database(name)
    try:
        copy.vacuum()
        yield copy
    finally:
        Registry.delete(name)
        administer(f'DROP DATABASE "{name}"')


def _get_pages(database):
    """Name of each page, who reads it, and what reads it."""
    for role in ROLES:
        with database.environment(seed.LOGINS[role]) as env:
            page, form = Page(env, "sig.pqrs"), Form(env, "sig.pqrs")
            case = env["sig.pqrs"].search([("state", "=", "assigned")], limit=1)
            number = env["sig.pqrs"].search([], limit=1, offset=3).name
        works = {name: work for name, work, _peer in get_backend_pages(page, None, (number, ""))}
        works["Open a case"] = partial(form.read, ids=case.ids)
        works["Mi día"] = lambda env: env["sig.my.day"].get_my_day()
        for name, work in works.items():
            yield f"{name}, {role}", role, work
    portal = Portal(database)
    for name, asked, _peer in portal.pages:
        yield name, None, lambda _env, asked=asked: portal.get(asked)


@contextmanager
def _grown(database, table, own):
    with database.environment(commit=True) as env:
        last = _insert(env, table, own)
    database.vacuum()
    try:
        yield
    finally:
        with database.environment(commit=True) as env:
            env.cr.execute("SET LOCAL session_replication_role = replica")  # nothing else refers to them
            if table == "res_users":
                for relation, column in OF_USERS:
                    env.cr.execute(SQL("DELETE FROM %s WHERE %s > %s", *map(SQL.identifier, (relation, column)), last))
            env.cr.execute(SQL("DELETE FROM %s WHERE id > %s", SQL.identifier(table), last))
        database.vacuum()
        database.registry.clear_all_caches()


def _insert(env, table, own):
    """:return: the id of the last row of before."""
    env.cr.execute(SQL("SELECT max(id) FROM %s", SQL.identifier(table)))
    [last] = env.cr.fetchone()
    env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    columns = [column for [column] in env.cr.fetchall() if column != "id"]
    env.cr.execute("SET LOCAL session_replication_role = replica")
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s AS t, generate_series(1, %s) AS n",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(own.get(column, SQL.identifier("t", column)) for column in columns),
            SQL.identifier(table),
            TIMES - 1,
        )
    )
    if table == "res_users":
        for relation, column in OF_USERS:
            other = {"uid": "gid", "user_id": "cid"}[column]
            env.cr.execute(
                SQL(
                    """INSERT INTO %(relation)s (%(column)s, %(other)s)
                       SELECT copy.id, rel.%(other)s FROM res_users AS copy
                         JOIN res_users AS of ON copy.login LIKE of.login || '-_'
                         JOIN %(relation)s AS rel ON rel.%(column)s = of.id
                        WHERE copy.id > %(last)s AND of.id <= %(last)s""",
                    relation=SQL.identifier(relation),
                    column=SQL.identifier(column),
                    other=SQL.identifier(other),
                    last=last,
                )
            )
    return last
