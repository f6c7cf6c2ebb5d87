"""The work that is measured, row by row, for the project and for its peer."""

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytz

from odoo.addons.sig_pqrs.models import clock
from odoo.addons.sig_pqrs.models.case import transitions
from odoo.addons.sig_pqrs.tools import periods

from . import proof, seed, surveys
from .measure import Sample, repeat
from .portal import Portal
from .views import Page

PAGE_TARGET = "≤ 0.8 × the peer"
COLD_TARGET = "≤ 0.8 × the peer, cold"
BATCH = 100
COLD_RUNS = 3
BULK = (100, 200, 400)
#: more queries than this for each record more are not O(1) a batch; Odoo itself inserts a hundred rows at a time
PER_RECORD = 0.1


@dataclass
class Row:
    """One line of the results.

    ``verdict`` says whether the targets hold; None where none is set. ``queries_at`` are the query counts at several
    sizes, of the database or of the batch. ``shown`` is how many records or groups a page has.
    """

    group: str
    name: str
    size: int
    project: Sample
    peer: Sample | None = None
    target: str = ""
    verdict: bool | None = None
    queries_at: dict[int, float] | None = None
    peer_queries_at: dict[int, float] | None = None
    note: str = ""
    shown: int = 0

    @property
    def ratio(self):
        """Time of the project over that of the peer."""
        return self.project.median / self.peer.median if self.peer else None


class Bench:
    """Runs what was asked for and keeps the rows."""

    def __init__(self, databases, quick, only, cool=None):
        self.databases = databases
        self.quick = quick
        self.only = only
        self.cool = cool
        self.rows: list[Row] = []

    def runs(self, usual):
        return max(3, usual // 3) if self.quick else usual

    def wants(self, name):
        return not self.only or any(word in name for word in self.only)

    def add(self, row):
        """Keep a row, and say so while the others run."""
        self.rows.append(row)
        peer = f"  peer {row.peer.median * 1000:.2f} ms" if row.peer else ""
        print(
            f"    {row.size:>7} {row.group}: {row.name}: {row.project.median * 1000:.3f} ms{peer}",
            file=sys.stderr,
            flush=True,
        )

    def _add_job(self, group, name, size, sample, target, limit):
        """Keep a row of what the peer has not.

        :param limit: seconds within which it must be done in the largest database; None where no time is set.
        """
        judged = limit is not None and size == max(self.databases)
        verdict = sample.median < limit if judged else None
        self.add(Row(group, name, size, sample, None, target, verdict, note=sample.note))

    def run(self):
        for size, database in self.databases.items():
            for name, measure in (
                ("due date", self.due_date),
                ("create", self.create),
                ("bulk", self.bulk),
                ("daily", self.daily_job),
                ("holiday", self.holiday),
                ("survey", self.survey),
                ("indicators", self.indicators),
                ("review", self.review),
                ("evidence", self.evidence),
                ("chain", self.chain),
                ("workbook", self.workbook),
                ("pages", self.pages),
                ("portal", self.portal),
                ("cold", self.cold),
            ):
                if self.wants(name):
                    database.vacuum()
                    measure(size, database)
        self.compare_sizes()
        return self.rows

    # -- Due date ---------------------------------------------------------------------------------------------------

    def due_date(self, size, database):
        if size != max(self.databases):
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

        peer = repeat(database, plan, runs=self.runs(60), prepare=peer_calendar, calls=5)

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
                database, work, seed.LOGINS["director"], runs=self.runs(60), prepare=company_calendar, calls=calls
            )
            is_target = calls == 10000
            self.add(
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

    # -- Create -----------------------------------------------------------------------------------------------------

    def create(self, size, database):
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
                    runs=self.runs(runs),
                    units=count,
                    prepare=lambda env, prepare=prepare, count=count: prepare(env, count),
                )
                for model, prepare in (("sig.pqrs", cases), ("helpdesk.ticket", tickets))
            ]
            project, peer = samples
            verdict = project.median <= peer.median
            if count > 1:
                verdict = project.median <= 0.5 * peer.median and project.query_count <= 6
            self.add(Row("Create by ORM, the first act included", name, size, project, peer, target, verdict))

    # -- Changes of state in bulk -----------------------------------------------------------------------------------

    def bulk(self, size, database):
        if size != max(self.databases):
            return
        peer = self._bulk(
            database,
            self._new_tickets,
            lambda env, tickets: tickets.write(
                {"stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id}
            ),
        )
        for name, prepare, work in self._get_bulk_steps():
            project = self._bulk(database, prepare, work)
            counts = {count: sample.query_count for count, sample in project.items()}
            extra = (counts[BULK[-1]] - counts[BULK[0]]) / (BULK[-1] - BULK[0])
            self.add(
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

    def _bulk(self, database, prepare, work):
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

    def _get_bulk_steps(self):
        def process(env):
            return env["sig.process"].search([], limit=1)

        def assign(env, cases):
            cases.action_assign([{"process_id": process(env).id}])

        def assigned(env, count):
            cases = self._new_cases(env, count)
            assign(env, cases)
            cases.assignment_ids.sudo().write({"response": seed.ANSWER})
            return cases.assignment_ids.with_user(process(env).leader_id)

        def submitted(env, count):
            assignments = assigned(env, count)
            assignments.action_submit()
            return assignments

        return (
            ("assign", self._new_cases, assign),
            ("submit the drafts", assigned, lambda _env, records: records.action_submit()),
            ("approve the drafts", submitted, lambda _env, records: records.action_approve()),
            ("return the drafts", submitted, lambda _env, records: records.action_return("Falta la fecha.")),
            ("cancel", self._new_cases, lambda _env, records: records.action_cancel("spam", "Publicidad.")),
            (
                "extend, clients told",
                self._new_cases,
                lambda _env, records: records.action_extend(5, "Faltan pruebas."),
            ),
        )

    def _new_cases(self, env, count):
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

    def _new_tickets(self, env, count):
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

    # -- Jobs -------------------------------------------------------------------------------------------------------

    def daily_job(self, size, database):
        is_target = size == max(self.databases)
        for name, days in (("a day later", 1), ("a week later, the job had stood still", 7)):
            if days > 1 and not is_target:
                continue
            morning = datetime.combine(seed.TODAY + timedelta(days=days), time(11, 30))

            def work(env, _before, morning=morning):
                with clock.at(morning):
                    env["sig.pqrs"]._watch_company(env.company)
                    env.company.sig_watched_on = morning.date()
                    env["sig.pqrs"]._send_digests()

            def describe(env, before, morning=morning):
                after = self._get_deadline_states(env)
                changed = [key for key, state in before.items() if after[key] != state]
                overdue = sum(after[key] == "overdue" and key[0] == "case" for key in changed)
                open_count = env["sig.pqrs"].search_count([("state", "in", transitions.OPEN)])
                told = env["res.users"].search_count([("sig_digested_on", "=", morning.date())])
                return (
                    f"{open_count} open cases; {len(changed)} deadline states changed, {overdue} cases now overdue; "
                    f"{told} people told what waits"
                )

            with database.without_commits():
                sample = repeat(
                    database, work, runs=self.runs(5), warm=1, prepare=self._get_deadline_states, describe=describe
                )
            self._add_job(
                "Daily job",
                name,
                size,
                sample,
                "< 20 s, queries O(batches)" if days == 1 else "",
                20 if days == 1 else None,
            )

    def _get_deadline_states(self, env):
        env.cr.execute(
            """SELECT 'case', id, deadline_state FROM sig_pqrs
               UNION ALL SELECT 'assignment', id, deadline_state FROM sig_pqrs_assignment"""
        )
        return {(kind, key): state for kind, key, state in env.cr.fetchall()}

    def holiday(self, size, database):
        day = seed.TODAY + timedelta(days=1)

        def work(env, _prepared):
            env["sig.nonworking.day"].create({"name": "Día cívico", "date": day, "kind": "extraordinary"})

        def describe(env, _prepared):
            touched = len(env["sig.pqrs"]._get_open_around(env.company, day))
            moved = env["sig.pqrs.act"].search_count([("kind", "=", "calendar_change")])
            return f"{touched} open cases computed again, {moved} moved"

        sample = repeat(database, work, runs=self.runs(5), warm=1, describe=describe)
        database.registry.clear_cache()
        self._add_job("Holiday added", "open cases computed again", size, sample, "< 10 s", 10)

    # -- Surveys ----------------------------------------------------------------------------------------------------

    def survey(self, size, database):
        """Surveys in the largest database: how many cases there are is no matter to them."""
        if size == max(self.databases):
            self._add_survey_results(size, database)
            self._add_survey_launch(size, database)

    def _add_survey_results(self, size, database):
        """Results of a wave beside core's statistics of the same answers."""
        with database.environment(commit=True) as env:
            wave_id = surveys.find_wave(env).id or surveys.make_wave(env).id
        database.vacuum()

        def find(env):
            return env["sig.survey.wave"].browse(wave_id)

        peer = repeat(database, surveys.read_core_statistics, runs=self.runs(12), prepare=find)
        project = repeat(database, surveys.compute, runs=self.runs(12), prepare=find)
        self.add(
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

    def _add_survey_launch(self, size, database):
        with database.environment(commit=True) as env:
            surveys.make_clients(env)
        database.vacuum()
        for name, prepare, work, runs, target, limit in (
            ("until the button returns", surveys.prepare_launch, surveys.launch, 5, "< 3 s", 3),
            ("the job: sheets and mails", surveys.prepare_queue, surveys.work_off, 1, "queries O(batches)", None),
        ):
            sample = repeat(database, work, runs=runs, warm=1, prepare=prepare)
            self._add_job("Launch of a wave", f"{surveys.LAUNCHED} clients, {name}", size, sample, target, limit)

    # -- Indicators -------------------------------------------------------------------------------------------------

    def indicators(self, size, database):
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

        sample = repeat(database, work, runs=self.runs(5), warm=1, describe=describe)
        self._add_job(
            "Monthly indicators", "all of one month, findings included", size, sample, "< 3 s, queries O(indicators)", 3
        )

    def review(self, size, database):
        """A management review of a semester, printed by the engine."""
        period = periods.last_complete(seed.TODAY, "semester")

        def work(env, _prepared):
            with clock.at(seed.NOW):
                review = env["sig.management.review"].create({"date_from": period.start, "date_to": period.end})
                env.flush_all()
                review._render_pdf()

        def describe(env, _prepared):
            probe = env["sig.management.section"]._probe_indicator()
            found = probe._measure_received(*period)[probe][False]
            return f"{found.numerator:.0f} cases received in the semester"

        sample = repeat(database, work, seed.LOGINS["director"], runs=3, warm=1, describe=describe)
        self._add_job("Management review", "all sections, in PDF", size, sample, "< 10 s", 10)

    def evidence(self, size, database):
        """A pack of many cases, their case files printed by the engine; how many cases there are is no matter."""
        if size != max(self.databases):
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
        self._add_job("Evidence pack", f"of {proof.CASES} cases", size, sample, "memory flat", None)

    def chain(self, size, database):
        """Whole chains of acts verified, as the job of the night does."""
        if size != max(self.databases):
            return
        sample = repeat(
            database,
            proof.verify_chains,
            runs=self.runs(5),
            warm=1,
            prepare=proof.find_chains,
            describe=proof.describe_chains,
        )
        self._add_job("Chains of acts", "verified from the first act", size, sample, "< 30 s for 100 000 acts", 30)

    def workbook(self, size, database):
        """The register of all cases as the SIG downloads it."""

        def work(env, _prepared):
            env["sig.pqrs"].action_export_register()

        def describe(env, _prepared):
            tracemalloc.start()
            env["sig.pqrs"].search([], limit=size // 10)._write_case_register()
            tenth = tracemalloc.get_traced_memory()[1]
            env.invalidate_all()
            tracemalloc.reset_peak()
            env["sig.pqrs"].search([])._write_case_register()
            whole = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return f"peak of memory {whole / 2**20:.0f} MiB; {tenth / 2**20:.0f} MiB for a tenth of the cases"

        sample = repeat(database, work, seed.LOGINS["director"], runs=1, warm=0, describe=describe)
        self._add_job("Workbook", "register of all cases, XLSX", size, sample, "< 30 s, memory flat", 30)

    # -- Pages ------------------------------------------------------------------------------------------------------

    def pages(self, size, database):
        for role in seed.ROLES:
            login = seed.LOGINS[role]
            with database.environment(login) as env:
                project, peer = Page(env, "sig.pqrs"), Page(env, "helpdesk.ticket")
                counts = env["sig.pqrs"].search_count([]), env["helpdesk.ticket"].search_count([])
                number = (
                    env["sig.pqrs"].search([], limit=1, offset=3).name,
                    env["helpdesk.ticket"].search([], limit=1, offset=3).number,
                )
            for name, work, peer_work in self._get_pages(project, peer, number):
                if not self._wants_page(name):
                    continue
                ours, theirs = (
                    repeat(database, lambda env, _prepared, each=each: each(env), login, runs=self.runs(20))
                    for each in (work, peer_work)
                )
                is_target = size == max(self.databases)
                with database.environment(login) as env:
                    shown = count_shown(work(env))
                self.add(
                    Row(
                        name,
                        role,
                        size,
                        ours,
                        theirs,
                        PAGE_TARGET,
                        ours.median <= 0.8 * theirs.median if is_target else None,
                        note=f"sees {counts[0]} cases, {counts[1]} tickets",
                        shown=shown,
                    )
                )

    def _wants_page(self, name):
        words = [word for word in self.only if word != "pages"]
        return not words or any(word in name for word in words)

    def _get_pages(self, project: Page, peer: Page, number) -> Iterator[tuple[str, Callable, Callable]]:
        """Name of each page, and what reads it in the project and in the peer."""
        is_open, peer_open = [("state", "not in", ("closed", "cancelled"))], [("closed", "=", False)]

        def searched(text):
            return (
                ["|", "|", ("name", "ilike", text), ("subject", "ilike", text), ("partner_name", "ilike", text)],
                ["|", ("number", "ilike", text), ("name", "ilike", text)],
            )

        client = [("partner_id", "ilike", "Persona 123")]
        for read, pages in (
            (
                Page.read_list,
                (
                    ("List page, all", [], []),
                    ("List page, the open ones", is_open, peer_open),
                    ("Search by filing number", searched(number[0])[0], searched(number[1])[1]),
                    ("Search by a rare word", *searched("puesto 123")),
                    ("Search by a frequent word", *searched("ronda")),
                    ("Search by contact", client, client),
                ),
            ),
            (
                Page.read_kanban,
                (
                    ("Kanban page, all", [], []),
                    ("Kanban page, the open ones", is_open, peer_open),
                ),
            ),
            (
                Page.read_groups,
                (
                    ("Group by state (the peer: stage)", "state", "stage_id"),
                    ("Group by type (the peer: category)", "type_id", "category_id"),
                    ("Group by client", "client_id", "commercial_partner_id"),
                ),
            ),
        ):
            for name, ours, theirs in pages:
                yield (
                    name,
                    lambda env, read=read, what=ours: read(project, env, what),
                    lambda env, read=read, what=theirs: read(peer, env, what),
                )

    def portal(self, size, database):
        portal = Portal(database)
        for name, ours, theirs in portal.pages:
            project, peer = (
                repeat(
                    database,
                    lambda _env, _prepared, asked=asked: portal.get(asked),
                    runs=self.runs(30),
                    returns_queries=True,
                )
                for asked in (ours, theirs)
            )
            self.add(
                Row(
                    name,
                    "client",
                    size,
                    project,
                    peer,
                    PAGE_TARGET,
                    project.median <= 0.8 * peer.median if size == max(self.databases) else None,
                    note="has {} cases, {} tickets".format(*portal.counts),
                )
            )

    def cold(self, size, database):
        """The first page that anybody asks for after PostgreSQL was started anew."""
        if not self.cool or size != max(self.databases):
            return
        portal = Portal(database)
        reads = [(*portal.pages[0], "client", lambda asked: lambda _env: portal.get(asked))]
        for role in seed.ROLES:
            with database.environment(seed.LOGINS[role]) as env:
                pages = Page(env, "sig.pqrs"), Page(env, "helpdesk.ticket")
            reads.append(("List page, all", *pages, role, lambda page: lambda env: page.read_list(env, [])))
        for name, ours, theirs, role, get_work in reads:
            samples = Sample(), Sample()
            for _run in range(COLD_RUNS):
                for sample, page in zip(samples, (ours, theirs), strict=True):
                    self._read_cold(database, get_work(page), role, sample)
            met = samples[0].median <= 0.8 * samples[1].median
            self.add(Row(f"{name}, cold", role, size, *samples, COLD_TARGET, met))

    def _read_cold(self, database, work, role, sample):
        self.cool()
        database.registry.clear_all_caches()
        once = repeat(
            database,
            lambda env, _prepared: work(env),
            seed.LOGINS.get(role),
            runs=1,
            warm=0,
            returns_queries=role == "client",
        )
        sample.seconds += once.seconds
        sample.queries += once.queries

    def compare_sizes(self):
        """Pages take the same queries at every size; jobs hardly more for more cases."""
        for group in ("Daily job", "Holiday added"):
            rows = [row for row in self.rows if row.group == group and row.target]
            counts = {row.size: row.project.query_count for row in rows}
            for row in rows:
                row.queries_at = counts
                if row.verdict and len(counts) > 1:
                    smallest, largest = min(counts), max(counts)
                    extra = (counts[largest] - counts[smallest]) / ((largest - smallest) / seed.CASES_PER_OPEN)
                    row.verdict = extra <= PER_RECORD
        by_page = {}
        for row in self.rows:
            if row.target == PAGE_TARGET:
                by_page.setdefault((row.group, row.name), []).append(row)
        for rows in by_page.values():
            counts = {row.size: row.project.query_count for row in rows}
            peer_counts = {row.size: row.peer.query_count for row in rows}
            for row in rows:
                row.queries_at, row.peer_queries_at = counts, peer_counts
                # A page that is not full at the smaller size shows less, and asks less: it tells nothing.
                alike = {each.project.query_count for each in rows if each.shown == row.shown}
                row.verdict = row.verdict and len(alike) == 1 if row.verdict is not None else None


def count_shown(page):
    """Records of a list, groups of a grouped one, records of the columns of a kanban."""
    if "records" in page:
        return len(page["records"])
    return sum(len(group.get("__records", (group,))) for group in page["groups"])


#: what is measured with a million cases, too, and how much longer than with a thousand it may take
FULL = ("create", "pages", "List page, all", "portal")
TIMES_LONGER = 3


def run(databases, quick=False, only=(), full=None, cool=None):
    """Measure; all of it as of the seed's day.

    :param dict full: ``{size: Database}`` of one much larger database, for the rows of `FULL`.
    :param cool: function that empties the caches of the database, for the rows of first pages.
    """
    with clock.at(seed.NOW):
        rows = Bench(databases, quick, only, cool).run()
        return rows + _compare(rows, Bench(full, quick, FULL).run(), min(databases)) if full else rows


def _compare(rows, largest, size):
    """The rows of the largest database, each beside its own time at a small size."""
    own = {(row.group, row.name): row.project for row in rows if row.size == size}
    for row in largest:
        before = own.get((row.group, row.name))
        row.target = f"≤ {TIMES_LONGER} × its own time at {size}"
        row.verdict = row.project.median <= TIMES_LONGER * before.median if before else None
        row.queries_at = before and {size: before.query_count, row.size: row.project.query_count}
        row.peer_queries_at = None
        if before:
            row.note = f"{row.project.median / before.median:.2f} × its own time at {size}; {row.note}".rstrip("; ")
    return largest
