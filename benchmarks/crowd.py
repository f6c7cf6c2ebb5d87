"""Everybody at once: what each kind of people does, for locust, which runs it in an environment of its own.

It reads who there is from the file ``SIG_CAST`` (see `load`), and appends what the servers confirmed to the file named
there, a JSON object a line: `load` looks whether it is so. Each request goes to one of the servers, as behind a load
balancer.
"""

import itertools
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from uuid import uuid4

from locust import HttpUser, between, events, task

CAST = json.loads(Path(os.environ["SIG_CAST"]).read_text())
PDF = b"%PDF-1.4\n" + b"0" * 20_000
DESCRIPTION = (
    "El guarda no hizo la ronda de la noche. Solicitamos que se revise y que se nos informe qué medidas se toman."
)
REFUSALS = ("UserError", "ValidationError", "AccessError", "MissingError")

#: how often a limit of ours was met, and a step was refused in words
refused = Counter()

_addresses = itertools.count(1)
_logins = {role: itertools.cycle(logins) for role, logins in CAST["logins"].items()}
_HIDDEN = re.compile(r'name="(csrf_token|submission_token|token|number|code)"\s+value="([^"]+)"')
_NUMBER = re.compile(r"PQRS-\d{4}-\d{5,}")
_TAG, _ATTRIBUTE = re.compile(r"<input [^>]*>"), re.compile(r'(\w+)="([^"]*)"')


def tell(kind, **what):
    """Write down what a server confirmed."""
    with Path(CAST["told"]).open("a") as file:
        file.write(json.dumps({"kind": kind, **what}) + "\n")


@events.quitting.add_listener
def report(environment, **_kwargs):
    """How much there was, how long it took, and what failed."""
    stats = environment.stats
    kinds = {
        name: [entry.num_requests, entry.median_response_time, entry.get_response_time_percentile(0.95)]
        for (name, _method), entry in sorted(stats.entries.items())
    }
    Path(CAST["report"]).write_text(
        json.dumps(
            {
                "requests": stats.total.num_requests,
                "a_second": stats.total.total_rps,
                "kinds": kinds,
                "failures": [f"{found.occurrences} × {found.name}: {found.error}" for found in stats.errors.values()]
                + [f"{found['count']} × {found['msg']}" for found in environment.runner.exceptions.values()],
                "refused": refused,
            }
        )
    )


def lacks(text):
    """A check of an answer, for `Person.ask`."""
    return lambda response: "" if text in response.text else f"without “{text}”"


def lacks_number(response):
    """A check of the page that confirms a petition."""
    return "" if _NUMBER.search(response.text) else "without a number"


class Person(HttpUser):
    """Somebody with a browser and an address of their own."""

    abstract = True
    host = CAST["servers"][0]
    wait_time = between(2, 6)

    def on_start(self):
        self.become_somebody()

    def become_somebody(self):
        """Another browser at another address: limits are of addresses."""
        number = next(_addresses)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.client.cookies.clear()

    def ask(self, kind, path, check=None, **kwargs):
        """The answer to a request; None for one that failed, or met a limit of ours.

        :param check: gives what is wrong with an answer, in words.
        """
        server = random.choice(CAST["servers"])
        headers = {
            "X-Forwarded-For": self.address,
            "X-Forwarded-Host": server.removeprefix("http://"),
            "X-Forwarded-Proto": "http",
        }
        method = "POST" if {"data", "json"} & kwargs.keys() else "GET"
        with self.client.request(
            method, f"{server}{path}", name=kind, headers=headers, timeout=120, catch_response=True, **kwargs
        ) as response:
            if response.status_code == 429:
                refused[f"{kind}: limit of an hour"] += 1
                response.success()
                return None
            if not response.ok:
                response.failure(f"status {response.status_code}: {response.error or response.text[:300]}")
                return None
            if wrong := check and check(response):
                response.failure(wrong)
                return None
            return response

    def get_hidden(self, kind, path):
        """What the forms of a page carry along."""
        page = self.ask(kind, path)
        return dict(_HIDDEN.findall(page.text)) if page else None

    def file(self, kind, path, **who):
        """Fill the form in and send it; sometimes twice.

        :return: what the page that confirms it carries along.
        """
        hidden = self.get_hidden(f"{kind}: form", path)
        if not hidden:
            return None
        subject = f"a prueba {uuid4().hex}"
        data = {**hidden, "type": random.choice(("queja", "reclamo", "peticion")), "subject": subject}
        data |= {"description": DESCRIPTION, "phone": "3105551234", "notice": "1", **who}
        files = {"attachments": ("acta.pdf", PDF)} if random.random() < 0.5 else None
        for _time in range(random.choice((1, 1, 1, 2))):
            page = self.ask(f"{kind}: sent", path, check=lacks_number, data=data, files=files)
            if not page:
                return None
            tell("filed", subject=subject, number=_NUMBER.search(page.text).group())
        return dict(_HIDDEN.findall(page.text))

    def write(self, kind, base, page):
        """Write to the SIG on the page of a case."""
        hidden = dict(_HIDDEN.findall(page.text))
        if "token" not in hidden:  # it is closed, or not theirs to write on
            return
        text = f"a prueba {uuid4().hex}"
        data = {"csrf_token": hidden["csrf_token"], "token": hidden["token"], "text": text}
        if self.ask(kind, f"{base}/write", check=lacks(text), data=data):
            tell("wrote", text=text)


class Stranger(Person):
    """Files on the website, follows the case with its number and code, and writes to the SIG."""

    weight = 30

    @task
    def journey(self):
        self.become_somebody()
        self.ask("website: start", "/pqrs")
        who = uuid4().hex[:12]
        shown = self.file("website", "/pqrs/new", name=f"Ana {who}", email=f"{who}@gente.example.com")
        if not shown or "code" not in shown:
            return
        self.wait()
        page = self.ask(
            "tracking: opened",
            "/pqrs/track",
            check=lacks(shown["number"]),
            data={name: shown[name] for name in ("csrf_token", "number", "code")},
        )
        if page and random.random() < 0.5:
            self.wait()
            self.write("tracking: wrote", "/pqrs/track/case", page)
        self.ask("tracking: looked", "/pqrs/track/case")


class Client(Person):
    """A client in HERA."""

    weight = 22

    def on_start(self):
        super().on_start()
        login = next(_logins["client"])
        hidden = self.get_hidden("login: form", "/web/login")
        self.ask("login", "/web/login", data={"csrf_token": hidden["csrf_token"], "login": login, "password": login})

    def list(self, filterby):
        page = self.ask("HERA: list", f"/my/pqrs?filterby={filterby}", check=lacks("o_hera"))
        return re.findall(r'href="/my/pqrs/(\d+)"', page.text) if page else []

    def open(self, case):
        return self.ask("HERA: one case", f"/my/pqrs/{case}", check=lacks("PQRS-"))

    @task(4)
    def look(self):
        if cases := self.list("all"):
            self.open(random.choice(cases))

    @task(2)
    def file_one(self):
        self.file("HERA", "/my/pqrs/new")

    @task(2)
    def write_one(self):
        if cases := self.list("open"):
            case = random.choice(cases)
            if page := self.open(case):
                self.write("HERA: wrote", f"/my/pqrs/{case}", page)

    @task(2)
    def rate(self):
        if cases := self.list("to_rate"):
            case, stars = random.choice(cases), random.randint(1, 5)
            hidden = self.get_hidden("HERA: one case", f"/my/pqrs/{case}")
            data = {"csrf_token": hidden["csrf_token"], "rate": stars, "text": "Gracias"} if hidden else {}
            if hidden and self.ask("HERA: rated", f"/my/pqrs/{case}/rate", data=data):
                tell("rated", case=int(case))


class Colleague(Person):
    """Somebody of the company, who works as the web client does."""

    abstract = True
    role = ""

    def on_start(self):
        super().on_start()
        login = next(_logins[self.role])
        params = {"db": CAST["database"], "login": login, "password": login}
        session = self.ask("login", "/web/session/authenticate", json={"params": params})
        self.uid = session.json()["result"]["uid"]

    def call(self, kind, model, method, *args, **kwargs):
        """What a method returned; None when it was refused in words, or failed."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}

        def check(response):
            error = response.json().get("error", {}).get("data", {})
            if error.get("name", "").endswith(REFUSALS):
                refused[f"{kind}: {error['message'][:80]}"] += 1
                return ""
            return error and f"{error['name']}: {error['message']}"[:300]

        answer = self.ask(kind, path, check=check, json={"params": params})
        return answer and answer.json().get("result")

    def read_list(self, kind, model, domain, fields=("display_name",), order=None, limit=80):
        found = self.call(
            kind,
            model,
            "web_search_read",
            domain=domain,
            specification={name: {} for name in fields},
            order=order,
            limit=limit,
            count_limit=10001,
        )
        return found["records"] if found else []


class Director(Colleague):
    """Files by hand, assigns, sends the answers; launches the survey of the semester once."""

    weight = 6
    role = "director"
    waves = list(CAST["waves"])

    @task(4)
    def assign(self):
        cases = self.read_list(
            "SIG: cases", "sig.pqrs", [["state", "in", ["received", "to_file"]]], ("name", "state", "subject")
        )
        for case in random.sample(cases, min(2, len(cases))):
            if case["state"] == "to_file" and self.call("SIG: filed", "sig.pqrs", "action_file", [case["id"]]) is None:
                continue
            process = random.choice(CAST["processes"])
            if self.call("SIG: assigned", "sig.pqrs", "action_assign", [case["id"]], [process]):
                tell("assigned", case=case["id"])

    @task(4)
    def send(self):
        cases = self.read_list(
            "SIG: cases", "sig.pqrs", [["state", "=", "approved"], ["delivery_state", "=", "none"]], ("name", "subject")
        )
        for case in random.sample(cases, min(2, len(cases))):
            if self.call("SIG: sent", "sig.pqrs", "action_send_response", [case["id"]], delivery="email"):
                tell("sent", case=case["id"])

    @task(2)
    def file_by_hand(self):
        subject = f"a prueba {uuid4().hex}"
        values = {
            "type_id": CAST["type"],
            "channel": "phone",
            "subject": subject,
            "partner_id": random.choice(CAST["contacts"]),
        }
        made = self.call("SIG: filed by hand", "sig.pqrs", "web_save", [], values, specification={"name": {}})
        if made:
            tell("filed", subject=subject, number=made[0]["name"])

    @task(2)
    def look(self):
        self.call("SIG: my day", "sig.my.day", "get_my_day")
        self.call("SIG: groups", "sig.pqrs", "web_read_group", domain=[], groupby=["state"], aggregates=["__count"])

    @task(1)
    def launch(self):
        if self.waves:
            wave = self.waves.pop()
            if self.call("SIG: survey launched", "sig.survey.wave", "action_launch", [wave]):
                tell("launched", wave=wave)


class Leader(Colleague):
    """Approves, and sometimes returns."""

    weight = 8
    role = "leader"

    @task(5)
    def approve(self):
        domain = [["state", "=", "submitted"], ["leader_id", "=", self.uid]]
        shares = self.read_list("leader: drafts", "sig.pqrs.assignment", domain, ("state", "pqrs_id", "response"))
        for share in random.sample(shares, min(2, len(shares))):
            if random.random() < 0.15:
                if self.call(
                    "leader: returned", "sig.pqrs.assignment", "action_return", [share["id"]], "Falta la fecha."
                ):
                    tell("returned", case=share["pqrs_id"])
            elif self.call("leader: approved", "sig.pqrs.assignment", "action_approve", [share["id"]]):
                tell("approved", case=share["pqrs_id"])

    @task(2)
    def look(self):
        self.read_list("leader: cases", "sig.pqrs", [], ("name", "subject", "state", "deadline_state", "date_deadline"))


class Collaborator(Colleague):
    """Drafts, and submits the drafts."""

    weight = 18
    role = "collaborator"

    @task(5)
    def draft(self):
        domain = [
            ["state", "in", ["pending", "returned"]],
            ["user_id", "=", self.uid],
            ["pqrs_id.state", "=", "assigned"],
        ]
        shares = self.read_list("collaborator: to draft", "sig.pqrs.assignment", domain, ("state", "pqrs_id"))
        for share in random.sample(shares, min(2, len(shares))):
            values = {"response": f"<p>Revisamos los hechos y tomamos las medidas del caso ({uuid4().hex}).</p>"}
            if (
                self.call(
                    "collaborator: wrote", "sig.pqrs.assignment", "web_save", [share["id"]], values, specification={}
                )
                is None
            ):
                continue
            if self.call("collaborator: submitted", "sig.pqrs.assignment", "action_submit", [share["id"]]):
                tell("submitted", case=share["pqrs_id"])

    @task(2)
    def look(self):
        self.read_list("collaborator: cases", "sig.pqrs", [], ("name", "subject", "state", "deadline_state"))


class Manager(Colleague):
    """Reads."""

    weight = 8
    role = "management"

    @task(3)
    def read_cases(self):
        self.read_list(
            "management: cases", "sig.pqrs", [], ("name", "subject", "state", "deadline_state", "date_deadline")
        )

    @task(2)
    def read_figures(self):
        self.read_list(
            "management: measures", "sig.indicator.measure", [], ("indicator_id", "date_from", "value", "status")
        )
        for group in ("state", "type_id", "deadline_state"):
            self.call(
                "management: groups", "sig.pqrs", "web_read_group", domain=[], groupby=[group], aggregates=["__count"]
            )

    @task(1)
    def read_results(self):
        for wave in CAST["waves"]:
            self.call("management: results", "sig.survey.wave", "get_results", [wave])


class Gateway(Colleague):
    """A mail pipe: mails of clients and of strangers, some of them twice."""

    weight = 3
    role = "gateway"

    @task
    def deliver(self):
        ident = uuid4().hex
        author = random.choice([*random.sample(CAST["emails"], 1), f"{ident[:12]}@correo.example.net"])
        subject = f"a prueba {ident}"
        lines = (
            f"From: {author}",
            f"To: {CAST['mailbox']}",
            f"Subject: {subject}",
            f"Message-Id: <{ident}@correo.example.net>",
            "Content-Type: text/plain; charset=utf-8",
            "",
            f"Nadie hizo la ronda. {ident}",
            "",
        )
        mail = "\r\n".join(lines)
        for _time in range(random.choice((1, 1, 2))):
            if self.call("mail: handed over", "mail.thread", "message_process", False, mail) is not None:
                tell("mailed", subject=subject)


class Surveyed(Person):
    """Answers the survey by the link that came by mail."""

    weight = 5
    taken = set()

    @task
    def answer(self):
        """Links come line by line: the tokens of the survey and of the answer."""
        waiting = [link for link in Path(CAST["links"]).read_text().splitlines() if link not in self.taken]
        if not waiting:
            return
        self.taken.add(waiting[0])
        self.become_somebody()
        survey, sheet = waiting[0].split()
        self.ask("survey: opened", f"/survey/start/{survey}?answer_token={sheet}")
        begun = self.ask("survey: begun", f"/survey/begin/{survey}/{sheet}", json={"params": {}})
        content = begun and begun.json().get("result", [0, {}])[1].get("survey_content")
        if not content:
            return
        answers = {}
        for tag in _TAG.findall(content):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if (
                attributes.get("type") == "radio"
                and attributes.get("name", "").isdigit()
                and attributes["value"].isdigit()
            ):
                answers.setdefault(attributes["name"], attributes["value"])
        self.wait()
        for _time in range(random.choice((1, 1, 2))):
            answer = self.ask(
                "survey: answered",
                f"/survey/submit/{survey}/{sheet}",
                check=lacks("o_survey_finished"),
                json={"params": answers},
            )
            if answer:
                tell("answered", sheet=sheet)
