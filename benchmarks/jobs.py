"""What jobs, surveys, figures and documents take; most of it the peer has not."""

import tracemalloc
from datetime import datetime, time, timedelta

from odoo.addons.sig_pqrs.models import clock
from odoo.addons.sig_pqrs.models.mixin import transitions
from odoo.addons.sig_pqrs.tools import periods
from odoo.fields import Domain

from . import proof, seed, surveys
from .bench import Row
from .measure import repeat


def daily_job(bench, size, database):
    is_target = bench.is_largest(size)
    for name, days in (("a day later", 1), ("a week later, the job had stood still", 7)):
        if days > 1 and not is_target:
            continue
        morning = datetime.combine(seed.TODAY + timedelta(days=days), time(11, 30))

        def work(env, _before, morning=morning):
            with clock.at(morning):
                env["sig.daily.review"]._watch_company(env.company)
                env.company.sig_watched_on = morning.date()
                env["sig.digest"]._send_digests()

        def describe(env, before, morning=morning):
            after = _get_deadline_states(env)
            changed = [key for key, state in before.items() if after[key] != state]
            overdue = sum(after[key] == "overdue" and key[0] == "case" for key in changed)
            open_count = env["sig.pqrs"].search_count([("state", "in", transitions.OPEN)])
            told = env["res.users"].search_count([("sig_digested_on", "=", morning.date())])
            return (
                f"{open_count} open cases; {len(changed)} deadline states changed, {overdue} cases now overdue; "
                f"{told} people told what waits"
            )

        with database.without_commits():
            sample = repeat(database, work, runs=bench.runs(5), warm=1, prepare=_get_deadline_states, describe=describe)
        bench.add_job(
            "Daily job",
            name,
            size,
            sample,
            "< 20 s, queries O(batches)" if days == 1 else "",
            20 if days == 1 else None,
        )


def _get_deadline_states(env):
    env.cr.execute(
        """SELECT 'case', id, deadline_state FROM sig_pqrs
           UNION ALL SELECT 'assignment', id, deadline_state FROM sig_pqrs_assignment"""
    )
    return {(kind, key): state for kind, key, state in env.cr.fetchall()}


def holiday(bench, size, database):
    day = seed.TODAY + timedelta(days=1)

    def work(env, _prepared):
        env["sig.nonworking.day"].create({"name": "Día cívico", "date": day, "kind": "extraordinary"})

    def describe(env, _prepared):
        touched = len(env["sig.term.change"]._get_cases_around(env.company, day))
        moved = env["sig.pqrs.act"].search_count([("kind", "=", "calendar_change")])
        return f"{touched} open cases computed again, {moved} moved"

    sample = repeat(database, work, runs=bench.runs(5), warm=1, describe=describe)
    database.registry.clear_cache()
    bench.add_job("Holiday added", "open cases computed again", size, sample, "< 10 s", 10)


def survey(bench, size, database):
    """Surveys in the largest database: how many cases there are is no matter to them."""
    if bench.is_largest(size):
        _add_survey_results(bench, size, database)
        _add_survey_launch(bench, size, database)


def _add_survey_results(bench, size, database):
    """Results of a wave beside core's statistics of the same answers."""
    with database.environment(commit=True) as env:
        wave_id = surveys.find_wave(env).id or surveys.make_wave(env).id
    database.vacuum()

    def find(env):
        return env["sig.survey.wave"].browse(wave_id)

    peer = repeat(database, surveys.read_core_statistics, runs=bench.runs(12), prepare=find)
    project = repeat(database, surveys.compute, runs=bench.runs(12), prepare=find)
    bench.add(
        Row(
            "Survey results",
            f"{surveys.CLIENTS} answers of {surveys.QUESTIONS} questions (the peer: core's own statistics)",
            size,
            project,
            peer,
            "≥ 50 × faster",
            peer.median >= 50 * project.median,
            note="intervals, dimensions, cities and types included; core's are counts",
        )
    )


def _add_survey_launch(bench, size, database):
    with database.environment(commit=True) as env:
        surveys.make_clients(env)
    database.vacuum()
    for name, prepare, work, runs, target, limit in (
        ("until the button returns", surveys.prepare_launch, surveys.launch, 5, "< 3 s", 3),
        ("the job: sheets and mails", surveys.prepare_queue, surveys.work_off, 1, "queries O(batches)", None),
    ):
        sample = repeat(database, work, runs=runs, warm=1, prepare=prepare)
        bench.add_job("Launch of a wave", f"{surveys.LAUNCHED} clients, {name}", size, sample, target, limit)


def indicators(bench, size, database):
    """A month of every indicator, of the company and of each process: measured for the first time, and judged."""
    period = periods.last_complete(seed.TODAY, "month")

    def work(env, _prepared):
        with clock.at(seed.NOW):
            monthly = env["sig.indicator"]._get_for(env.company).filtered(lambda one: one.frequency == "month")
            monthly._measure(env.company, period)

    def describe(env, _prepared):
        measures = env["sig.indicator.measure"].search([("date_from", "=", period.start)])
        received = measures.filtered(lambda measure: measure.kind == "received" and not measure.process_id)
        return f"{len(measures)} measures; {received.value:.0f} cases received in the month"

    sample = repeat(database, work, runs=bench.runs(5), warm=1, describe=describe)
    bench.add_job(
        "Monthly indicators", "all of one month, findings included", size, sample, "< 3 s, queries O(indicators)", 3
    )


def review(bench, size, database):
    """A management review of a semester, printed by the engine."""
    period = periods.last_complete(seed.TODAY, "semester")

    def work(env, _prepared):
        with clock.at(seed.NOW):
            review = env["sig.management.review"].create({"date_from": period.start, "date_to": period.end})
            env.flush_all()
            review._render_pdf()

    def describe(env, _prepared):
        received = Domain("date_received", ">=", period.start) & Domain("date_received", "<=", period.end)
        return f"{env['sig.pqrs'].search_count(received)} cases received in the semester"

    sample = repeat(database, work, seed.LOGINS["director"], runs=3, warm=1, describe=describe)
    bench.add_job("Management review", "all sections, in PDF", size, sample, "< 3 s", 3)


def evidence(bench, size, database):
    """A pack of many cases, their case files printed by the engine; how many cases there are is no matter."""
    if not bench.is_largest(size):
        return
    sample = repeat(
        database,
        lambda _env, pack: pack.sudo()._make(),
        seed.LOGINS["director"],
        runs=1,
        warm=0,
        prepare=proof.ask_pack,
        describe=proof.describe_memory,
    )
    bench.add_job("Evidence pack", f"of {proof.CASES} cases", size, sample, "memory flat", None)


def chain(bench, size, database):
    """Whole chains of acts verified, as the job of the night does."""
    if not bench.is_largest(size):
        return
    sample = repeat(
        database,
        proof.verify_chains,
        runs=bench.runs(5),
        warm=1,
        prepare=proof.find_chains,
        describe=proof.describe_chains,
    )
    bench.add_job("Chains of acts", "verified from the first act", size, sample, "< 30 s for 100 000 acts", 30)


def workbook(bench, size, database):
    """The register of all cases as the SIG downloads it."""

    def work(env, _prepared):
        env["sig.pqrs"].action_export_register()

    def describe(env, _prepared):
        tracemalloc.start()
        register = env["sig.case.register"]
        register._write_register(env["sig.pqrs"].search([], limit=size // 10))
        tenth = tracemalloc.get_traced_memory()[1]
        env.invalidate_all()
        tracemalloc.reset_peak()
        register._write_register(env["sig.pqrs"].search([]))
        whole = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return f"peak of memory {whole / 2**20:.0f} MiB; {tenth / 2**20:.0f} MiB for a tenth of the cases"

    sample = repeat(database, work, seed.LOGINS["director"], runs=1, warm=0, describe=describe)
    bench.add_job("Workbook", "register of all cases, XLSX", size, sample, "< 30 s, memory flat", 30)
