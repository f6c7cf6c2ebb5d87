"""What people's steps take: a due date, new cases, and changes of state of many at once, beside the peer's."""

from datetime import date, datetime, time

import pytz

from . import seed
from .bench import PER_RECORD, Row
from .measure import repeat

BATCH = 100
BULK = (100, 200, 400)


def due_date(bench, size, database):
    if not bench.is_largest(size):
        return
    received = date(2026, 9, 1)
    zone = pytz.timezone("America/Bogota")
    start = zone.localize(datetime.combine(received, time(12)))

    def company_calendar(env):
        return env.company._sig_calendar(received), env.company

    def peer_calendar(env):
        return env["resource.calendar"].search([("name", "=", "Jornada")], limit=1)

    def plan(_env, calendar):
        calendar.plan_days(16, start, compute_leaves=True)

    peer = repeat(database, plan, runs=bench.runs(60), prepare=peer_calendar, calls=5)

    def look_up(env, found):
        env["sig.nonworking.day"]._get_calendar(found[1], [received]).add(received, 15)

    def ask(env, _found):
        env["sig.calendar"].due_date(received, 15)

    for name, work, calls in (
        ("on the cached calendar", lambda _env, found: found[0].add(received, 15), 10000),
        ("with the look-up of the company's calendar", look_up, 2000),
        ("as other software asks (sig.calendar.due_date)", ask, 1000),
    ):
        project = repeat(
            database, work, seed.LOGINS["director"], runs=bench.runs(60), prepare=company_calendar, calls=calls
        )
        is_target = calls == 10000
        bench.add(
            Row(
                "Due date",
                name,
                size,
                project,
                peer,
                "≥ 1 000 × faster, 0 queries" if is_target else "",
                peer.median >= 1000 * project.median and max(project.queries) == 0 if is_target else None,
            )
        )


def create(bench, size, database):
    def cases(env, count):
        kind = env.ref("sig_pqrs.type_queja").id
        partners = env["res.partner"].search([("name", "like", "Persona")], limit=count)
        return [
            {
                "type_id": kind,
                "channel": "phone",
                "subject": f"Ronda nocturna sin realizar, puesto {number}",
                "description": seed.DESCRIPTION,
                "partner_id": partners[number % len(partners)].id,
            }
            for number in range(count)
        ]

    def tickets(env, count):
        team = env["helpdesk.ticket.team"].search([], limit=1).id
        category = env["helpdesk.ticket.category"].search([], limit=1).id
        partners = env["res.partner"].search([("name", "like", "Persona")], limit=count)
        return [
            {
                "name": f"Ronda nocturna sin realizar, puesto {number}",
                "description": f"<p>{seed.DESCRIPTION}</p>",
                "team_id": team,
                "category_id": category,
                "partner_id": partners[number % len(partners)].id,
                "partner_name": partners[number % len(partners)].name,
                "partner_email": partners[number % len(partners)].email,
            }
            for number in range(count)
        ]

    for name, count, runs, target in (
        (f"{BATCH} in a batch, each", BATCH, 15, "≤ 0.5 × the peer, ≤ 6 queries each"),
        ("one alone", 1, 30, "≤ the peer"),
    ):
        samples = [
            repeat(
                database,
                lambda env, vals_list, model=model: env[model].create(vals_list),
                seed.LOGINS["director"],
                runs=bench.runs(runs),
                units=count,
                prepare=lambda env, prepare=prepare, count=count: prepare(env, count),
            )
            for model, prepare in (("sig.pqrs", cases), ("helpdesk.ticket", tickets))
        ]
        project, peer = samples
        verdict = project.median <= peer.median
        if count > 1:
            verdict = project.median <= 0.5 * peer.median and project.query_count <= 6
        bench.add(Row("Create by ORM, the first act included", name, size, project, peer, target, verdict))


def bulk(bench, size, database):
    if not bench.is_largest(size):
        return
    peer = _bulk(
        database,
        _new_tickets,
        lambda env, tickets: tickets.write({"stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id}),
    )
    for name, prepare, work in _get_bulk_steps():
        project = _bulk(database, prepare, work)
        counts = {count: sample.query_count for count, sample in project.items()}
        extra = (counts[BULK[-1]] - counts[BULK[0]]) / (BULK[-1] - BULK[0])
        bench.add(
            Row(
                f"Change of state of {BULK[-1]} in bulk",
                name,
                size,
                project[BULK[-1]],
                peer[BULK[-1]],
                "O(1) queries",
                extra <= PER_RECORD,
                queries_at=counts,
                peer_queries_at={count: sample.query_count for count, sample in peer.items()},
            )
        )


def _bulk(database, prepare, work):
    return {
        count: repeat(
            database,
            work,
            seed.LOGINS["director"],
            runs=3,
            warm=1 if count == BULK[0] else 0,
            prepare=lambda env, count=count: prepare(env, count),
        )
        for count in BULK
    }


def _get_bulk_steps():
    def process(env):
        return env["sig.process"].search([], limit=1)

    def assign(env, cases):
        cases.action_assign([{"process_id": process(env).id}])

    def assigned(env, count):
        cases = _new_cases(env, count)
        assign(env, cases)
        cases.assignment_ids.sudo().write({"response": seed.ANSWER})
        return cases.assignment_ids.with_user(process(env).leader_id)

    def submitted(env, count):
        assignments = assigned(env, count)
        assignments.action_submit()
        return assignments

    return (
        ("assign", _new_cases, assign),
        ("submit the drafts", assigned, lambda _env, records: records.action_submit()),
        ("approve the drafts", submitted, lambda _env, records: records.action_approve()),
        ("return the drafts", submitted, lambda _env, records: records.action_return("Falta la fecha.")),
        ("cancel", _new_cases, lambda _env, records: records.action_cancel("spam", "Publicidad.")),
        (
            "extend, clients told",
            _new_cases,
            lambda _env, records: records.action_extend(5, "Faltan pruebas."),
        ),
    )


def _new_cases(env, count):
    partners = env["res.partner"].search([("name", "like", "Persona")])
    return env["sig.pqrs"].create(
        [
            {
                "type_id": env.ref("sig_pqrs.type_queja").id,
                "channel": "phone",
                "subject": f"Puesto {number}",
                "partner_id": partners[number % len(partners)].id,
            }
            for number in range(count)
        ]
    )


def _new_tickets(env, count):
    partners = env["res.partner"].search([("name", "like", "Persona")])
    teams = env["helpdesk.ticket.team"].search([])
    return env["helpdesk.ticket"].create(
        [
            {
                "name": f"Puesto {number}",
                "description": "<p>Puesto</p>",
                "team_id": teams[number % len(teams)].id,
                "partner_id": partners[number % len(partners)].id,
            }
            for number in range(count)
        ]
    )
