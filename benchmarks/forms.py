"""Opening a case, beside a ticket of the peer."""

import json

from . import seed
from .bench import Row
from .measure import repeat
from .views import Form

FORM_TARGET, FORM_QUERIES = "≤ 1.0 × the peer, ≤ 25 queries", 25
TABS = {"the request": "sig_pqrs.pqrs_view_request", "traceability": "sig_pqrs.pqrs_view_trace"}
VIEWS_TARGET, VIEWS_BYTES = "≤ 40 kB", 40_000


def open_forms(bench, size, database):
    """The form of a case as each role."""
    for role in seed.ROLES:
        login, samples = seed.LOGINS[role], []
        for model, domain in (("sig.pqrs", [("state", "=", "assigned")]), ("helpdesk.ticket", [])):
            with database.environment(login) as env:
                form, ids = Form(env, model), env[model].search(domain, limit=1).ids
            samples.append(
                repeat(
                    database,
                    lambda env, _prepared, form=form, ids=ids: form.read(env, ids),
                    login,
                    runs=bench.runs(20),
                )
            )
        met = samples[0].median <= samples[1].median and samples[0].query_count <= FORM_QUERIES
        bench.add(Row("Open a case (the peer: a ticket)", role, size, *samples, FORM_TARGET, met))


def tabs(bench, size, database):
    """What those who only read a case read when they open a tab of it."""
    for role in seed.ROLES[1:]:
        for name, view in TABS.items():
            with database.environment(seed.LOGINS[role]) as env:
                form, ids = (
                    Form(env, "sig.pqrs", view),
                    env["sig.pqrs"].search([("state", "=", "assigned")], limit=1).ids,
                )
            sample = repeat(
                database,
                lambda env, _prepared, form=form, ids=ids: form.read(env, ids),
                seed.LOGINS[role],
                runs=bench.runs(20),
            )
            bench.add(Row("Open a tab of a case", f"{name}, {role}", size, sample))


def views(bench, size, database):
    """What a browser is sent of the form of a case, once."""
    for role in seed.ROLES:
        samples, sizes = [], []
        for model in ("sig.pqrs", "helpdesk.ticket"):
            sample = repeat(
                database,
                lambda env, _prepared, model=model: _get_views(env, model),
                seed.LOGINS[role],
                runs=bench.runs(20),
                describe=lambda env, _prepared, model=model: len(_get_views(env, model)),
            )
            samples.append(sample)
            sizes.append(sample.note)
        note = "{:.1f} kB; the peer's {:.1f} kB".format(*(each / 1000 for each in sizes))
        met = sizes[0] <= VIEWS_BYTES
        bench.add(Row("Views of the form of a case", role, size, *samples, VIEWS_TARGET, met, note=note))


def _get_views(env, model):
    return json.dumps(env[model].get_views([(False, "form")])).encode()
