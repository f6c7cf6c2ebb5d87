"""What people wait for when they look: pages of the backend and of the portal, warm and cold, beside the peer's."""

from collections.abc import Callable, Iterator

from . import seed
from .bench import Row
from .measure import Sample, repeat
from .portal import Portal
from .views import Page

#: how much of the peer's time a page may take, in a database of less cases than these and in a larger one
PAGE_LIMITS = {10_000: 1.0, float("inf"): 0.8}
PAGE_TARGETS = tuple(f"≤ {limit} × the peer" for limit in PAGE_LIMITS.values())
COLD_TARGET = "≤ 0.8 × the peer, cold"
COLD_RUNS = 3


def judge_page(size, project, peer):
    """Target of a page in a database of ``size`` cases, and whether it holds."""
    target, limit = next(
        (target, limit)
        for target, (cases, limit) in zip(PAGE_TARGETS, PAGE_LIMITS.items(), strict=True)
        if size < cases
    )
    return target, project.median <= limit * peer.median


def backend_pages(bench, size, database):
    for role in seed.ROLES:
        login = seed.LOGINS[role]
        with database.environment(login) as env:
            project, peer = Page(env, "sig.pqrs"), Page(env, "helpdesk.ticket")
            counts = env["sig.pqrs"].search_count([]), env["helpdesk.ticket"].search_count([])
            number = (
                env["sig.pqrs"].search([], limit=1, offset=3).name,
                env["helpdesk.ticket"].search([], limit=1, offset=3).number,
            )
        for name, work, peer_work in get_backend_pages(project, peer, number):
            if not _wants_page(bench, name):
                continue
            ours, theirs = (
                repeat(database, lambda env, _prepared, each=each: each(env), login, runs=bench.runs(20))
                for each in (work, peer_work)
            )
            with database.environment(login) as env:
                shown = count_shown(work(env))
            bench.add(
                Row(
                    name,
                    role,
                    size,
                    ours,
                    theirs,
                    *judge_page(size, ours, theirs),
                    note=f"sees {counts[0]} cases, {counts[1]} tickets",
                    shown=shown,
                )
            )


def _wants_page(bench, name):
    words = [word for word in bench.only if word != "pages"]
    return not words or any(word in name for word in words)


def get_backend_pages(project: Page, peer: Page | None, number) -> Iterator[tuple[str, Callable, Callable]]:
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


def portal_pages(bench, size, database):
    portal = Portal(database)
    for name, ours, theirs in portal.pages:
        project, peer = (
            repeat(
                database,
                lambda _env, _prepared, asked=asked: portal.get(asked),
                runs=bench.runs(30),
                returns_queries=True,
            )
            for asked in (ours, theirs)
        )
        bench.add(
            Row(
                name,
                "client",
                size,
                project,
                peer,
                *judge_page(size, project, peer),
                note="has {} cases, {} tickets".format(*portal.counts),
            )
        )


def cold_pages(bench, size, database):
    """The first page that anybody asks for after PostgreSQL was started anew."""
    if not bench.cool or not bench.is_largest(size):
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
                _read_cold(bench, database, get_work(page), role, sample)
        met = samples[0].median <= 0.8 * samples[1].median
        bench.add(Row(f"{name}, cold", role, size, *samples, COLD_TARGET, met))


def _read_cold(bench, database, work, role, sample):
    bench.cool()
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


def count_shown(page):
    """Records of a list, groups of a grouped one, records of the columns of a kanban."""
    if "records" in page:
        return len(page["records"])
    return sum(len(group.get("__records", (group,))) for group in page["groups"])
