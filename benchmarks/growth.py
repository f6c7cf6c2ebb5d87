"""Ten times as many rows of one table, each table alone: no page takes longer than before by more than a tenth."""

from contextlib import contextmanager
from functools import partial

from odoo.tools import SQL

from . import seed
from .bench import Row
from .measure import repeat
from .pages import get_backend_pages
from .portal import Portal
from .views import Form, Page

TARGET, TIMES, TIMES_LONGER = "≤ 1.1 × its own time before, the same queries", 10, 1.1
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
    pages = list(_get_pages(database))
    before = _measure(bench, database, pages)
    for name, table, own in TABLES:
        with _grown(database, table, own):
            for page, sample in _measure(bench, database, pages).items():
                first = before[page]
                alike = sample.query_count == first.query_count
                note = f"{sample.best / first.best:.2f} × before, {first.best * 1000:.1f} ms at best"
                met = alike and sample.best <= TIMES_LONGER * first.best
                bench.add(Row(f"Ten times the {name}", page, size, sample, None, TARGET, met, note=note))


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


def _measure(bench, database, pages):
    return {
        name: repeat(
            database,
            lambda env, _prepared, work=work: work(env),
            role and seed.LOGINS[role],
            runs=bench.runs(20),
            returns_queries=role is None,
        )
        for name, role, work in pages
    }


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
