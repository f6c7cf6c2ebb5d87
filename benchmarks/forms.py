"""Opening a case, beside a ticket of the peer, with ever more files of others in the database: backend and HERA."""

from functools import partial

from . import files, seed
from .bench import Row
from .measure import repeat
from .portal import Portal
from .views import Form

FORM_TARGET = "as with none: ≤ 1.2 ×, the same queries"
#: files of others in the database
OTHERS = (0, 25_000, 300_000)
TIMES_LONGER = 1.2


def open_forms(bench, size, database):
    """The form of a case of each role, and its page in HERA, with ever more files of others."""
    pages = {}
    for role in seed.ROLES:
        with database.environment(seed.LOGINS[role]) as env:
            pages[role] = [
                (Form(env, model), env[model].search(domain, limit=1).ids)
                for model, domain in (("sig.pqrs", [("state", "=", "assigned")]), ("helpdesk.ticket", []))
                if model in env
            ]
    portal = Portal(database)
    before = {}
    for others in OTHERS:
        with files.of_others(database, others):
            for role in seed.ROLES:
                samples = [
                    repeat(
                        database,
                        lambda env, _prepared, form=form, ids=ids: form.read(env, ids),
                        seed.LOGINS[role],
                        runs=bench.runs(20),
                    )
                    for form, ids in pages[role]
                ]
                _add(bench, "Open a case (the peer: a ticket)", role, size, samples, others, before)
            for name, *asked in portal.pages:
                samples = [
                    repeat(database, partial(_get, portal, each), runs=bench.runs(20), returns_queries=True)
                    for each in asked
                ]
                _add(bench, f"{name}, with files of others", "client", size, samples, others, before)


def _get(portal, asked, _env, _prepared):
    return portal.get(asked)


def _add(bench, group, name, size, samples, others, before):
    project, first = samples[0], before.setdefault((group, name), samples[0])
    flat = project.query_count == first.query_count and project.median <= TIMES_LONGER * first.median
    bench.add(
        Row(
            group,
            name,
            size,
            *samples,
            target=FORM_TARGET,
            verdict=flat if others else None,
            note=f"{others} files of others",
        )
    )
