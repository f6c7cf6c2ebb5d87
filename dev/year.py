"""Run by dev/year: plays the year, and writes down what was done and what was refused."""

import argparse
import heapq
import html
import os
import random
import signal
import socket
import sys
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import count

from year_clients import Clients
from year_doors import Browser, Clock, Desk, Gateway, Jobs, Post, Refused, Server, dump
from year_people import Calendar, People
from year_sig import Sig

#: days after the last petition in which what is open may end
EPILOGUE = 110
#: days after the last month in which it is confirmed and reported; of a year, in which its review is held, too
MONTH_AFTER, YEAR_AFTER = 13, 31
#: local hours of a business day, and of any other
WORK = ((6.2, "run_jobs"), (9, "work"), (11, "lead"), (12, "run_triggered"), (17, "run_triggered"))
REST = ((6.2, "run_jobs"),)
ALWAYS = ((18, "read_letters"),)
PAGES = ("/pqrs", "/pqrs/new", "/pqrs/track", "/pqrs/privacy", "/pqrs/cifras.csv", "/my/pqrs/manifest.webmanifest")


class Play:
    """All that is played: the clock, who is where, and what became of each step."""

    def __init__(self, options, server, post):
        self.options, self.server, self.post = options, server.address, post
        self.seed, self.year, self.months = options.seed, options.year, options.months
        self.clock, self.calendar = Clock(os.environ["SIG_YEAR_CLOCK"]), Calendar(options.year)
        self.desks, self.leaves, self.gone = {}, {}, set()
        self.taken, self.refused, self.foreseen, self.faults = Counter(), Counter(), Counter(), Counter()
        self.agenda, self._numbers, self.worked = [], count(1), 0
        self.admin = self.desk("admin")
        self.jobs = Jobs(self.admin, self.clock)
        self.gateway = Gateway(options, self.server, self.clock)
        self.people, self.sig_work = People(self), Sig(self)
        self.clients = Clients(self, max(1, options.petitions * options.months // 12))
        self.activity_kinds, self.pages = {}, {}

    @property
    def today(self):
        return self.clock.now().date()

    @property
    def sig(self):
        """The desk of who directs the SIG today."""
        director_away = any(start <= self.today <= end for start, end in self.leaves.get("director", ()))
        return self.desk("sig_aux" if director_away or "director" in self.gone else "director")

    def desk(self, login):
        if login not in self.desks:
            self.desks[login] = Desk(self.server, self.options.database, login)
        return self.desks[login]

    def desk_of(self, user_id):
        return self.desk(self.people.users[user_id])

    def chance(self, *what):
        """Draws that depend on the seed and on what is drawn for, and not on what was drawn before."""
        return random.Random("/".join(map(str, (self.seed, *what))))

    @contextmanager
    def attempting(self, step, expected=False):
        """Take a step; what is refused in words, or fails, is written down.

        :param expected: whether people may well meet this refusal.
        """
        try:
            yield
            self.taken[step] += 1
        except Refused as refusal:
            self._note(self.foreseen if expected else self.refused, f"{step}: {str(refusal)[:200]}")
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{step}: {type(error).__name__}: {str(error)[:300]} ({place.name}:{place.lineno})"
            self._note(self.faults, told)

    def _note(self, counter, told):
        counter[told] += 1
        if counter is not self.foreseen and counter[told] == 1:
            print(f"    {self.today} {told}", file=sys.stderr, flush=True)

    def later(self, days, hour, act, *arguments):
        """Put something on the agenda, at a minute of its own; no sooner than now."""
        number = next(self._numbers)
        minute = self.chance("minute", number).randint(0, 59)
        moment = datetime.combine(self.today + timedelta(days=days), datetime.min.time()).replace(
            hour=hour, minute=minute
        )
        heapq.heappush(self.agenda, (max(moment, self.clock.now()), number, act, arguments))

    # -- Days -------------------------------------------------------------------------------------------------------

    def play(self):
        """All days, one after the other; it ends once nothing is open any more."""
        self._begin()
        first = date(self.year, 1, 1)
        last = date(self.year + self.months // 12, self.months % 12 + 1, 1) - timedelta(days=1)
        days = [first + timedelta(days=passed) for passed in range((last - first).days + 1)]
        for filing in self.clients.plan(days[4:] if len(days) > 10 else days):
            heapq.heappush(self.agenda, (filing.moment, next(self._numbers), self._file, (filing,)))
        leaves = self.people.plan_leaves(self.year, self.months)
        for day in (first + timedelta(days=passed) for passed in range(len(days) + EPILOGUE)):
            if day < self.today:
                continue
            if day > last and self._is_over(day):
                break
            self._play_day(day, [leave for leave in leaves if leave[0] == day])
        self.clock.reach(datetime.combine(day, datetime.min.time()).replace(hour=22, minute=30))
        self.run_jobs()
        self._look_at_pages()

    def _look_at_pages(self):
        """What the public reads at the end of the year."""
        for path in PAGES:
            response = Browser(self.server).ask(path)
            self.pages[path] = {"status": response.status_code, "text": html.unescape(response.text)[:40_000]}
        browser = Browser(self.server)
        offered = browser.send("/pqrs/faq", browser.ask("/pqrs/new"), text="Certificado de retenciones")
        self.pages["/pqrs/faq"] = {"status": offered.status_code, "text": html.unescape(offered.text)}

    def _begin(self):
        rows = self.admin.read_list("ir.model.data", [("model", "=", "mail.activity.type")], ["name", "res_id"])
        self.activity_kinds = {row["res_id"]: row["name"] for row in rows}
        # Nobody stands in for the director of the SIG: her colleague does her work.
        self.leaves["director"] = [(date(self.year, 2, 15), date(self.year, 2, 21))]
        self.people.learn()
        self.clients.learn()

    def _play_day(self, day, leaves):
        is_business = self.calendar.is_business(day)
        for hour, name in self._get_hours(day, is_business):
            moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
            heapq.heappush(self.agenda, (moment, next(self._numbers), getattr(self, name), ()))
        self.clock.reach(datetime.combine(day, datetime.min.time()) + timedelta(hours=5))
        for _day, login, away, substitute in leaves:
            if login not in self.gone:
                with self.attempting("leave"):
                    self.people.take_leave(login, away, None if substitute in self.gone else substitute)
        while self.agenda and self.agenda[0][0].date() <= day:
            moment, _number, act, arguments = heapq.heappop(self.agenda)
            self.clock.reach(moment)
            with self.attempting(getattr(act, "__name__", "step")):
                act(*arguments)
        if (day + timedelta(days=1)).day == 1:
            self._tell_month(day)

    def _get_hours(self, day, is_business):
        """What is done when; nothing on the days that are passed over, but for what comes from outside."""
        if self.options.every == 1:
            return (*(WORK if is_business else REST), *ALWAYS)
        self.worked += is_business
        is_played = is_business and (self.worked % self.options.every == 1 or self.sig_work.is_due(day))
        return (*WORK, *ALWAYS) if is_played else ()

    def _file(self, filing):
        with self.attempting(f"petition by {filing.door}"):
            self.clients.file(filing)

    def run_jobs(self):
        self.jobs.run()

    def run_triggered(self):
        self.jobs.run(only_triggered=True)

    def work(self):
        self.people.work()

    def lead(self):
        self.sig_work.work()

    def read_letters(self):
        self.clients.read_letters()

    def _is_over(self, day):
        """Whether nothing is open, and the last month, wave and review are done."""
        days = YEAR_AFTER if self.months == 12 else MONTH_AFTER
        if day < date(self.year + self.months // 12, self.months % 12 + 1, 1) + timedelta(days=days):
            return False
        still = self.sig.call("sig.pqrs", "search_count", [("state", "not in", ("closed", "cancelled"))])
        owed = self.sig.call("sig.pqrs", "search_count", [("to_notify", "!=", False)])
        return (
            not still and not owed and not any(item[2] != self._file for item in self.agenda if item[0].date() <= day)
        )

    def _tell_month(self, day):
        open_cases = self.sig.call("sig.pqrs", "search_count", [("state", "not in", ("closed", "cancelled"))])
        print(
            f"    {day:%Y-%m}: {self.clients.filed} filed, {open_cases} open, {len(self.post.letters)} mails left, "
            f"{self.refused.total()} refused, {self.faults.total()} faults; {time.monotonic() - STARTED:.0f} s",
            file=sys.stderr,
            flush=True,
        )

    def tell(self):
        """What was done, for `year_promises`."""
        return {
            "year": self.year,
            "months": self.months,
            "every": self.options.every,
            "ended": str(self.today),
            "filed": self.clients.filed,
            "numbers": sorted(self.clients.doors),
            "letters": len(self.post.letters),
            "mails": [[each.recipient, each.message_id, each.about, each.subject] for each in self.post.letters],
            "pages": self.pages,
            "similar": self.people.similar,
            "entered": sorted(self.clients.entered),
            "invited": self.sig_work.invited,
            "not_taken": self.post.refused.total(),
            "taken": self.taken,
            "refused": self.refused,
            "foreseen": self.foreseen,
            "faults": self.faults,
            "jobs": self.jobs.runs,
            "job_failures": self.jobs.failures,
            "registered": self.sig_work.registered,
            "reviews": self.sig_work.reviews,
            "gone": sorted(self.gone),
            "seconds": round(time.monotonic() - STARTED),
        }


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("http", "year", "months", "petitions", "seed", "every"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("database", "log", "gateway", "password", "told"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def find_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def main():
    # Whoever ends it finds what was told until then.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(1))
    options, port = read_options(), find_port()
    post = Post(port)
    post.start()
    try:
        with Server(options, port) as server:
            play = Play(options, server, post)
            try:
                play.play()
            finally:
                dump(options.told, play.tell())
    finally:
        post.stop()


STARTED = time.monotonic()
if __name__ == "__main__":
    main()
