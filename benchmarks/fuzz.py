"""Nonsense for the pages of the public, sent to a server of several workers on this machine: none may make it fail.

A request is drawn from its number, so that one that failed can be sent again.
"""

import threading
import time
from collections import Counter

from . import nonsense, seed
from .web import Visitor, prepare, server

#: kinds of visitors, one a thread
VISITORS = ("stranger", "stranger", "follower", "follower", "client", "client")


def _make_cases(database):
    """A client with a user and cases.

    :return: texts that lead somewhere: ids, and the number and the code of a case.
    """
    with database.environment(commit=True) as env:
        partner = env["res.partner"].create({"name": "Persona", "email": "persona@example.com"})
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": seed.CLIENT,
                "password": seed.CLIENT,
                "partner_id": partner.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
        kind = env.ref("sig_pqrs.type_queja").id
        cases = env["sig.pqrs"].create(
            [{"type_id": kind, "channel": "phone", "subject": "Ronda", "partner_id": partner.id} for _case in range(3)]
        )
        return [str(case.id) for case in cases], cases[0].name, cases[0]._get_tracking_code()


def run(database, first, count, log):
    """Send the requests and print what was answered.

    :return: whether the server failed at none, and the acts of all cases hold.
    """
    prepare(database)
    known, number, code = _make_cases(database)
    routes = nonsense.get_routes()
    statuses, failures, numbers = Counter(), [], iter(range(first, first + count))
    lock = threading.Lock()
    with server(database.name, log) as (address, _pid):

        def work(kind):
            visitor = Visitor(address)
            if kind == "client":
                visitor.log_in()
            elif kind == "follower":
                hidden = visitor.get_hidden("/pqrs/track")
                visitor.post("/pqrs/track", {**hidden, "number": number, "code": code})
            hidden = visitor.get_hidden("/pqrs/new")
            while True:
                with lock:
                    drawn = next(numbers, None)
                if drawn is None:
                    return
                request = nonsense.draw(drawn, routes, known, hidden)
                form = {"data": request.data, "files": request.files or None}
                response = visitor.session.request(
                    request.method,
                    f"{address}{request.path}",
                    params=request.params,
                    headers=request.headers,
                    timeout=120,
                    allow_redirects=False,
                    **(form if request.body is None else {"data": request.body}),
                )
                with lock:
                    statuses[response.status_code] += 1
                    if response.status_code >= 500:
                        failures.append((drawn, kind, request))

        began = time.perf_counter()
        workers = [threading.Thread(target=work, args=(kind,)) for kind in VISITORS]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - began
    with database.environment() as env:
        cases = env["sig.pqrs"].search([])
        faults = env["sig.pqrs.act"]._verify(cases)
    answers = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
    total, filed = sum(statuses.values()), len(cases) - len(known)
    print(f"{total} requests to {len(routes)} pages in {seconds:.0f} s ({answers}); {filed} cases filed")
    for drawn, kind, request in failures:
        print(f"failed: {drawn} as a {kind}: {request}"[:1000])
    for case, found in faults.items():
        print(f"the acts do not hold: {case}: {found}")
    return total == count and not failures and not faults
