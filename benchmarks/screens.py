"""Screens that the peer has not: *Mi día*, dialogs, the requests of the steps, the dashboard."""

import json
from datetime import timedelta

from odoo.fields import Command, Date
from odoo.tools.safe_eval import safe_eval

from . import seed
from .bench import Row
from .measure import repeat
from .views import Dialog

MY_DAY_TARGET, MY_DAY_SECONDS, MY_DAY_QUERIES = "≤ 150 ms, ≤ 20 queries", 0.15, 20
DIALOG_TARGET, DIALOG_SECONDS = "≤ 100 ms", 0.1
STEP_TARGET, STEP_SECONDS = "≤ 500 ms", 0.5
DASHBOARD_TARGET, DASHBOARD_SECONDS = "≤ 1 s", 1
DASHBOARD_DAYS = 365
SIMILAR_TARGET, SIMILAR_SECONDS = "≤ 50 ms", 0.05

#: what is said of a dialog; who opens it; the domain of its record, or the model and the domain; the button
DIALOGS = (
    ("register and assign", "director", [("state", "=", "received")], {"method": "action_open_triage"}),
    ("assign", "director", [("state", "=", "received")], {"action": "sig_pqrs.action_assign_wizard"}),
    ("close and send", "director", [("state", "=", "approved")], {"action": "sig_pqrs.action_send_wizard"}),
    ("reclassify", "director", [("state", "=", "assigned")], {"step": "reclassify"}),
    ("extend", "director", [("state", "=", "assigned"), ("suspended", "=", False)], {"step": "extend"}),
    ("require information", "director", [("state", "=", "assigned")], {"step": "request_information"}),
    ("reopen", "director", [("state", "=", "closed")], {"step": "reopen"}),
    ("to notify", "director", [("to_notify", "!=", False)], {"method": "action_open_notify"}),
    ("decline", "leader", [("state", "=", "pending")], {"model": "sig.pqrs.assignment", "step": "decline"}),
    ("reassign", "leader", [("state", "=", "pending")], {"model": "sig.pqrs.assignment", "step": "reassign"}),
)


def my_day(bench, size, database):
    for role in seed.ROLES:
        sample = repeat(
            database,
            lambda env, _prepared: env["sig.my.day"].get_my_day(),
            seed.LOGINS[role],
            runs=bench.runs(20),
            describe=lambda env, _prepared: f"{len(env['sig.my.day'].get_my_day()['tiles'])} tiles",
        )
        met = sample.median <= MY_DAY_SECONDS and sample.query_count <= MY_DAY_QUERIES
        bench.add(Row("Mi día", role, size, sample, None, MY_DAY_TARGET, met, note=sample.note))


def boards(bench, size, database):
    """The workload, and a month of the calendar of deadlines."""
    first, last = seed.TODAY.replace(day=1), seed.TODAY.replace(day=30)
    month = [("date_deadline", ">=", first), ("date_deadline", "<=", last)]

    def read_calendar(env):
        env["sig.pqrs"].search_read(month, ["display_name", "subject", "date_deadline", "deadline_state"])
        env["sig.pqrs"].get_unusual_days(str(first), str(last))

    for role in ("director", "leader"):
        for name, work in (("workload", lambda env: env["sig.workload"].get_workload()), ("calendar", read_calendar)):
            sample = repeat(
                database, lambda env, _prepared, work=work: work(env), seed.LOGINS[role], runs=bench.runs(20)
            )
            bench.add(Row("Board", f"{name}, {role}", size, sample))


def dialogs(bench, size, database):
    """Until they can be typed in: the button, the view, the values that are proposed."""
    for name, role, domain, button in DIALOGS:
        login = seed.LOGINS[role]
        with database.environment(login) as env:
            record = env[button.get("model", "sig.pqrs")].search(domain, limit=1)
            if not record:
                continue
            dialog = Dialog(record, **{key: value for key, value in button.items() if key != "model"})
        sample = repeat(database, lambda env, _prepared, dialog=dialog: dialog.open(env), login, runs=bench.runs(20))
        met = sample.median <= DIALOG_SECONDS
        bench.add(Row("Dialog, until it can be typed in", f"{name}, {role}", size, sample, None, DIALOG_TARGET, met))


def similar(bench, size, database):
    """Cases like one, of which all have most words, as the seed's; and like one with words that a few have."""
    rare = "Un dron sobre la terraza, puesto 17: la ronda nocturna no lo vio"
    for role in ("director", "leader", "collaborator", "management"):
        login = seed.LOGINS[role]
        with database.environment(login) as env:
            case = env["sig.pqrs"].search([("state", "=", "assigned")], limit=1)
        for name, work in (
            ("of a case", lambda env, _prepared, case=case: env["sig.similar"].get_similar(case.id)),
            ("of a text", lambda env, _prepared: env["sig.similar"]._find(rare, env.company)),
        ):
            sample = repeat(database, work, login, runs=bench.runs(20))
            met = sample.median <= SIMILAR_SECONDS
            bench.add(Row("Similar cases", f"{name}, {role}", size, sample, None, SIMILAR_TARGET, met))


def steps(bench, size, database):
    """The request of the button of each step, of one record."""
    for name, role, prepare, work in _get_steps():
        sample = repeat(database, work, seed.LOGINS[role], runs=bench.runs(12), prepare=prepare)
        met = sample.median <= STEP_SECONDS
        bench.add(
            Row("Step of one, the request of its button", f"{name}, {role}", size, sample, None, STEP_TARGET, met)
        )


def _get_steps():
    def values(env):
        partner = env["res.partner"].search([("name", "like", "Persona")], limit=1)
        return {
            "type_id": env.ref("sig_pqrs.type_queja").id,
            "channel": "phone",
            "subject": "Ronda nocturna sin realizar",
            "description": seed.DESCRIPTION,
            "partner_id": partner.id,
        }

    def as_director(env):
        return env["res.users"].search([("login", "=", seed.LOGINS["director"])])

    def filed(env):
        return env["sig.pqrs"].with_user(as_director(env)).create(values(env))

    def assigned(env):
        case = filed(env)
        process = env["sig.process"].search([("code", "=", "OPE")])
        author = env["res.users"].search([("login", "=", seed.LOGINS["collaborator"])])
        case.action_assign([{"process_id": process.id, "user_id": author.id}])
        part = case.assignment_ids.with_user(author)
        part.response = seed.ANSWER
        return part

    def submitted(env):
        part = assigned(env)
        part.action_submit()
        return part.with_user(part.sudo().leader_id)

    def approved(env):
        part = submitted(env)
        part.action_approve()
        return part.sudo().pqrs_id.with_user(as_director(env))

    def held(env):
        today = Date.to_date(env.company._sig_today())
        review = env["sig.management.review"].create(
            {
                "kind": "review",
                "date_from": today.replace(day=1) - timedelta(days=40),
                "date_to": today.replace(day=1) - timedelta(days=1),
                "date": today,
                "participants": "Gerencia y SIG",
                "presented_by_id": env.uid,
                "conclusion": "<p>Conveniente, adecuado y eficaz.</p>",
                "decision_ids": [
                    Command.create({"name": "Nombrar un suplente", "user_id": env.uid, "date_due": today})
                ],
            }
        )
        review.action_hold()
        return review

    def assign(env, case):
        case.action_assign([{"process_id": env["sig.process"].search([("code", "=", "OPE")]).id}])

    return (
        ("register", "director", values, lambda env, vals: env["sig.pqrs"].create(vals)),
        ("register and assign", "director", values, lambda env, vals: assign(env, env["sig.pqrs"].create(vals))),
        ("submit", "collaborator", assigned, lambda _env, part: part.action_submit()),
        ("approve", "leader", submitted, lambda _env, part: part.action_approve()),
        ("close and send", "director", approved, lambda _env, case: case.action_send_response(delivery="email")),
        ("close the minutes", "director", held, lambda _env, review: review.action_close()),
    )


def dashboard(bench, size, database):
    """The document, and the figures of its pivots and charts over its period."""
    for role in ("director", "leader", "management"):
        login = seed.LOGINS[role]
        sample = repeat(database, lambda env, _prepared: _read_dashboard(env), login, runs=bench.runs(12))
        met = sample.median <= DASHBOARD_SECONDS
        bench.add(Row("Dashboard", role, size, sample, None, DASHBOARD_TARGET, met))


def _read_dashboard(env):
    document = json.loads(env.ref("sig_pqrs.dashboard_pqrs").spreadsheet_data)
    since = Date.to_string(seed.TODAY - timedelta(days=DASHBOARD_DAYS))
    for pivot in document["pivots"].values():
        measures = [measure["id"] for measure in pivot["measures"]]
        _read_figures(env, pivot["model"], pivot["domain"], pivot["fieldMatching"], [], measures, since)
    for shown in document["lists"].values():
        env[shown["model"]].search_read(shown["domain"], shown["columns"], limit=1)
    for sheet in document["sheets"]:
        for chart in (figure["data"] for figure in sheet["figures"]):
            if "searchParams" in chart:
                asked, shown = chart["searchParams"], chart["metaData"]
                measures = [shown["measure"] if shown["measure"] == "__count" else f"{shown['measure']}:avg"]
                matching = chart["fieldMatching"]
                _read_figures(env, shown["resModel"], asked["domain"], matching, asked["groupBy"], measures, since)


def _read_figures(env, model, domain, matching, groupby, measures, since):
    period = [(matching["sig-period"]["chain"], ">=", since)]
    domain = safe_eval(domain, {"allowed_company_ids": env.companies.ids})
    env[model].formatted_read_group([*domain, *period], groupby, measures)
