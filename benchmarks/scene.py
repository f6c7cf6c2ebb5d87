"""People who work over HTTP, and what must be true of what they were told.

Clients file, leaders approve, the director sends answers, launches a wave and closes a review, all at once. Who gets no
answer does what people do: looks again, and tries again.
"""

import re
import threading
import time
from datetime import timedelta
from functools import partial

import requests

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.fields import Command
from odoo.sql_db import close_all

from .web import PDF, Visitor, petition, prepare, read_hidden

CLIENTS, PETITIONS = 4, 8
CASES, TO_APPROVE = 24, 12
SURVEYED = 60
PATIENCE = 300


class Unanswered(Exception):
    """Nobody knows whether it was done."""


class Refused(Exception):
    """The server said no, in words."""


class Colleague(Visitor):
    """Somebody of the company, in a browser."""

    def __init__(self, address, database, login):
        super().__init__(address)
        self.persist(lambda: self._ask("/web/session/authenticate", db=database.name, login=login, password=login))

    def _ask(self, path, **params):
        try:
            response = self.session.post(f"{self.address}{path}", json={"params": params}, timeout=120)
        except requests.RequestException as error:
            raise Unanswered(error) from error
        if response.status_code != 200:
            raise Unanswered(response.status_code)
        answer = response.json()
        if error := answer.get("error"):
            data = error["data"]
            if data["name"].startswith(("odoo.exceptions.UserError", "odoo.exceptions.ValidationError")):
                raise Refused(data["message"])
            raise Unanswered(f"{data['name']}: {data['message']}")
        return answer["result"]

    def call(self, model, name, *args, **kwargs):
        return self._ask(f"/web/dataset/call_kw/{model}/{name}", model=model, method=name, args=args, kwargs=kwargs)

    def persist(self, act, is_done=None):
        """Do it until it is known to be done. :return: how often it was tried."""
        end, tries = time.monotonic() + PATIENCE, 0
        while True:
            tries += 1
            try:
                if tries == 1 or not (is_done and is_done()):
                    act()
            except Unanswered:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return tries

    def do(self, model, record, name, field, states, **kwargs):
        """Take a step, unless it turns out to be taken."""

        def is_done():
            return self.call(model, "read", [record], [field])[0][field] in states

        return self.persist(lambda: self.call(model, name, [record], **kwargs), is_done)


class Scene:
    """A database with work to do, and what its people were told."""

    def __init__(self, database, mail_port):
        self.database = database
        self.filed = {}
        self.errors = []
        prepare(database)
        with database.environment(commit=True) as env:
            self._build(env, mail_port)

    def _build(self, env, mail_port):
        env["ir.mail_server"].create({"name": "Here", "smtp_host": "127.0.0.1", "smtp_port": mail_port})
        director = env.company.sig_director_id = CaseBuilder.make_user(env, "director", "Directora", "director")
        builder = CaseBuilder(env, director)
        leader = CaseBuilder.make_user(env, "leader", "Líder", "leader")
        author = CaseBuilder.make_user(env, "author", "Autora", "collaborator")
        processes = [builder.make_process(code, code, leader, author) for code in ("OPE", "TEC")]
        partners = env["res.partner"].create(
            [
                {"name": f"Cliente {number}", "email": f"cliente{number}@example.com", "is_company": True}
                for number in range(SURVEYED)
            ]
        )
        cases = builder.file(
            [
                {"partner_id": partners[number].id, "subject": f"Ronda {number}", "channel": "phone"}
                for number in range(CASES)
            ]
        )
        builder.assign(cases, processes)
        builder.draft(cases.assignment_ids)
        builder.approve(cases[TO_APPROVE:].assignment_ids)
        self.to_approve = cases[:TO_APPROVE].assignment_ids.ids
        self.to_send = cases.ids
        self.wave = (
            env["sig.survey.wave"]
            .with_user(director)
            .create({"population_domain": f"[('id', 'in', {partners.ids})]"})
            .id
        )
        self.review = self._hold_review(env, director)

    def _hold_review(self, env, director):
        today = env.company._sig_today()
        first = today.replace(day=1)
        review = (
            env["sig.management.review"]
            .with_user(director)
            .create(
                {
                    "kind": "review",
                    "date_from": (first - timedelta(days=1)).replace(day=1),
                    "date_to": first - timedelta(days=1),
                    "date": today,
                    "participants": "Gerencia y SIG",
                    "presented_by_id": director.id,
                    "conclusion": "<p>Conveniente, adecuado y eficaz.</p>",
                    "decision_ids": [
                        Command.create({"name": "Nombrar un suplente", "user_id": director.id, "date_due": today})
                    ],
                }
            )
        )
        review.action_hold()
        return review.id

    # -- Work -------------------------------------------------------------------------------------------------------

    def work(self, address, fault):
        """Everybody at once, while a fault lasts."""
        duties = [partial(self._file, address, number) for number in range(CLIENTS)]
        duties += [partial(self._approve, address), partial(self._manage, address)]
        duties += [partial(self._send, address, half) for half in range(2)]
        threads = [threading.Thread(target=self._try, args=(duty,)) for duty in duties]
        close_all()
        with fault:
            for thread in threads:
                thread.start()
            threads[0].join(20)
        for thread in threads:
            thread.join(PATIENCE + 60)
        if any(thread.is_alive() for thread in threads):
            self.errors.append("somebody still waits")

    def _try(self, duty):
        try:
            duty()
        except Exception as error:
            self.errors.append(f"{duty.func.__name__}: {type(error).__name__}: {error}"[:500])

    def _file(self, address, client):
        for number in range(PETITIONS):
            subject = f"a prueba {client}-{number}"
            end = time.monotonic() + PATIENCE
            visitor = hidden = None
            while subject not in self.filed:
                try:
                    if not hidden:  # the page, with the token of this petition
                        visitor = Visitor(address)
                        hidden = visitor.get_hidden("/pqrs/new")
                    response, _seconds = visitor.post(
                        "/pqrs/new",
                        {**petition(hidden, number), "subject": subject},
                        {"attachments": ("acta.pdf", PDF)},
                    )
                    page = visitor.read_receipt(response)
                    if found := re.search(r"PQRS-\d{4}-\d{5,}", page):
                        self.filed[subject] = found.group()
                        continue
                    hidden = read_hidden(page) or hidden  # the form again, with what was wrong
                except requests.RequestException:
                    pass
                if time.monotonic() > end:
                    raise Unanswered(subject)
                time.sleep(0.5)

    def _approve(self, address):
        leader = Colleague(address, self.database, "leader")
        for assignment in self.to_approve:
            leader.do("sig.pqrs.assignment", assignment, "action_approve", "state", ("approved",))

    def _send(self, address, half):
        director = Colleague(address, self.database, "director")
        waiting = self.to_send[half::2][::-1]  # those that are approved already first
        while waiting:
            case = waiting.pop(0)
            try:
                director.do(
                    "sig.pqrs",
                    case,
                    "action_send_response",
                    "delivery_state",
                    ("pending", "sent", "delivered"),
                    delivery="email",
                )
            except Refused:  # not approved yet
                waiting.append(case)
                time.sleep(0.2)

    def _manage(self, address):
        director = Colleague(address, self.database, "director")
        director.do("sig.survey.wave", self.wave, "action_launch", "state", ("running",))
        director.do("sig.management.review", self.review, "action_close", "state", ("closed",))

    # -- What is found ----------------------------------------------------------------------------------------------

    def settle(self):
        """Wait until the jobs have nothing left to do.

        :return: seconds.
        """
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE:
            with self.database.environment() as env:
                if not list(self._get_unfinished(env)):
                    break
            with self.database.environment(commit=True) as env:
                self._let_time_pass(env)
            time.sleep(3)
        return time.monotonic() - began

    def _let_time_pass(self, env):
        """What is to be tried again later is tried again now."""
        env.cr.execute(
            "UPDATE mail_mail SET scheduled_date = NULL WHERE state = 'outgoing' AND scheduled_date IS NOT NULL"
        )
        for cron in ("sig_pqrs.cron_delivery", "sig_pqrs.cron_survey", "mail.ir_cron_mail_scheduler_action"):
            env.ref(cron)._trigger()

    def _get_unfinished(self, env):
        cases = env["sig.pqrs"].browse(self.to_send)
        return [
            *(f"{case.name} is not answered" for case in cases if case.state != "closed"),
            *(
                f"{mail.subject} waits"
                for mail in env["mail.mail"].search([("state", "in", ("outgoing", "exception"))])
            ),
            *(
                f"{recipient.display_name} was not asked"
                for recipient in env["sig.survey.wave"].browse(self.wave).recipient_ids
                if recipient.state != "sent"
            ),
        ]

    def find_faults(self, unfinished=True):
        """What is not as it was promised, in words."""
        with self.database.environment() as env:
            yield from self.errors
            if unfinished:
                yield from self._get_unfinished(env)
            yield from self._find_petition_faults(env)
            yield from self._find_answer_faults(env)
            yield from self._find_other_faults(env)
            for case, found in env["sig.pqrs.act"]._verify(env["sig.pqrs"].search([])).items():
                yield f"the acts of {case.name} do not hold: {found}"

    def _find_petition_faults(self, env):
        filed = env["sig.pqrs"].search([("subject", "like", "a prueba %")])
        if len(filed) != CLIENTS * PETITIONS:
            yield f"{len(filed)} cases of {CLIENTS * PETITIONS} petitions"
        by_subject = filed.grouped("subject")
        for subject, number in self.filed.items():
            case = by_subject.get(subject, filed.browse())
            if case.name != number:
                yield f"“{subject}” was told {number}, and is {case.mapped('name')}"
            if case.attachment_ids.mapped("raw") != [PDF]:
                yield f"the file of {number} is not whole"

    def _find_answer_faults(self, env):
        for case in env["sig.pqrs"].browse(self.to_send):
            acts = case.act_ids.mapped("kind")
            for kind in ("response_sent", "closed", "acknowledged"):
                if acts.count(kind) > 1:
                    yield f"{case.name} has {acts.count(kind)} acts “{kind}”"
            if acts.count("approved") > len(case.assignment_ids):
                yield f"{case.name} was approved {acts.count('approved')} times"
        for assignment in env["sig.pqrs.assignment"].browse(self.to_approve):
            if assignment.state != "approved":
                yield f"{assignment.display_name} is {assignment.state}"

    def _find_other_faults(self, env):
        wave = env["sig.survey.wave"].browse(self.wave)
        if len(wave.recipient_ids) != SURVEYED or len(wave.recipient_ids.partner_id) != SURVEYED:
            yield f"the wave has {len(wave.recipient_ids)} clients"
        sheets = env["survey.user_input"].search([("sig_recipient_id", "in", wave.recipient_ids.ids)])
        if len(sheets) > SURVEYED:
            yield f"{len(sheets)} answer sheets"
        review = env["sig.management.review"].browse(self.review)
        if review.state != "closed" or not review.is_intact:
            yield f"the review is {review.state}, intact: {review.is_intact}"
