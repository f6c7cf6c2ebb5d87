"""Builds people and cases by the very steps that users take, at the moments given.

Demo data, tests and benchmarks share it, so that history made for one is history that the software can make.
"""

import json
from contextlib import contextmanager, nullcontext
from datetime import datetime, time
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.fields import Command

from ..models import clock
from ..models.answer.letter import REPORT

#: what people write in the demo
TEXTS = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))

GROUPS = {
    "collaborator": "sig_pqrs.group_collaborator",
    "leader": "sig_pqrs.group_process_leader",
    "director": "sig_pqrs.group_sig_director",
    "administrator": "sig_pqrs.group_administrator",
    "management": "sig_pqrs.group_top_management",
    "auditor": "sig_pqrs.group_auditor",
    "interviewer": "sig_pqrs.group_interviewer",
    "gateway": "sig_pqrs.group_mail_gateway",
}


def moment(company, day, hour=10, minute=0):
    return company._sig_utc(datetime.combine(day, time(hour, minute)))


class Builder:
    def __init__(self, env, director, company=None):
        self.env = env
        self.company = company or env.company
        self.director = director

    @contextmanager
    def _at(self, when):
        """Flush at the end, as a request does, to store at ``when``; letters are HTML: no server prints them here."""
        letters = patch.object(type(self.env["sig.letter"]), "_render", render_letter_as_html)
        with letters, clock.at(when) if when else nullcontext():
            yield
            self.env.flush_all()

    def _as_director(self, records):
        return records.with_user(self.director).with_company(self.company)


class Story:
    def __init__(self, scenario):
        self.scenario = scenario
        self.env = scenario.env
        self.company = scenario.company
        self.director = scenario.builder.director
        self.as_director = scenario.builder._as_director


class CaseBuilder(Builder):
    @classmethod
    def make_user(cls, env, login, name, role, company=None, **vals):
        return cls.make_users(env, [(login, name, role)], company, **vals)

    @classmethod
    def make_users(cls, env, people, company=None, **vals):
        """A user for each ``(login, name, role)``, of whom the password is the login."""
        company = company or env.company
        common = {"company_id": company.id, "company_ids": [Command.set(company.ids)], "tz": "America/Bogota", **vals}
        vals_list = [
            {
                "login": login,
                "name": name,
                "password": login,
                "email": f"{login}@example.com",
                "group_ids": [Command.set(env.ref(GROUPS[role] if role else "base.group_user").ids)],
                **common,
            }
            for login, name, role in people
        ]
        return env["res.users"].with_context(no_reset_password=True).create(vals_list)

    def make_process(self, code, name, leader, members, **vals):
        return self.env["sig.process"].create(
            {
                "code": code,
                "name": name,
                "leader_id": leader.id,
                "member_ids": [Command.set(members.ids)],
                "company_id": self.company.id,
                **vals,
            }
        )

    def file(self, vals_list, when=None):
        """File cases; ``type`` is the code of their type."""
        if isinstance(vals_list, dict):
            vals_list = [vals_list]
        vals_list = [self._prepare(vals) for vals in vals_list]
        with self._at(when):
            return self._as_director(self.env["sig.pqrs"]).create(vals_list)

    def _prepare(self, vals):
        vals = {"type": "queja", "subject": "Ronda nocturna sin realizar", "channel": "phone", **vals}
        code = vals.pop("type")
        kind = self.env["sig.pqrs.type"].with_context(active_test=False).search([("code", "=", code)], limit=1)
        return {"type_id": kind.id, "company_id": self.company.id, **vals}

    def assign(self, cases, processes, when=None, users=None, **vals):
        with self._at(when):
            self._as_director(cases).action_assign(
                [
                    {
                        "process_id": process.id,
                        "user_id": ((users or {}).get(process) or process.member_ids[:1] or process.leader_id).id,
                        **vals,
                    }
                    for process in processes
                ]
            )
        return cases.assignment_ids.filtered("is_current")

    def promise(self, assignment, name, date_due, when=None):
        with self._at(when):
            own = assignment.with_user(assignment.user_id).with_company(self.company)
            own.write({"commitment_ids": [Command.create({"name": name, "date_due": date_due})]})

    def draft(self, assignments, text="<p>Revisamos los hechos y tomamos las medidas del caso.</p>", when=None):
        with self._at(when):
            for user, theirs in assignments.sudo().grouped("user_id").items():
                theirs.with_user(user).with_company(self.company).write({"response": text})
                theirs.with_user(user).with_company(self.company).action_submit()

    def approve(self, assignments, when=None):
        with self._at(when):
            for leader, theirs in assignments.sudo().grouped("leader_id").items():
                theirs.with_user(leader).with_company(self.company).action_approve()

    def answer(self, cases, processes, when=None, text="<p>Revisamos los hechos y tomamos las medidas del caso.</p>"):
        assignments = self.assign(cases, processes, when)
        self.draft(assignments, text, when)
        self.approve(assignments, when)
        return cases

    def send(self, cases, when=None, delivery="email", resolution="upheld"):
        with self._at(when):
            self.check_identity(cases.filtered(lambda case: case.type_id.personal_data and not case.identity_checked))
            self._as_director(cases).write({"resolution": resolution})
            self._as_director(cases).action_send_response(delivery=delivery)
            pending = cases.sudo().filtered(lambda case: case.delivery_state == "pending")
            pending.delivery_id.mail_id.write({"state": "sent"})
            pending.delivery_id.filtered("mail_id")._record_sent()
        return cases

    def receive(self, case, text, when=None, author="petitioner", medium="email", files=(), **values):
        """Somebody writes about the case, as a channel that knows who it is stores it."""
        with self._at(when):
            case = case.with_user(SUPERUSER_ID)
            contact = case._get_contact()
            values.setdefault("email_from", False if case.anonymous else contact.partner.name or contact.name)
            return case.env["sig.pqrs.communication"]._receive(case, author, medium, text, files, **values)

    def check_identity(self, cases, when=None):
        with self._at(when):
            if cases:
                evidence = "Cédula presentada y confrontada con los datos del contrato."
                self._as_director(cases).action_check_identity("holder", evidence)

    def acknowledge(self, cases, when=None):
        with self._at(when):
            due = cases.sudo().filtered("acknowledgement_pending")
            due.acknowledgement_pending = False
            due._filter_mailable()._open_communications("acknowledgement", medium="email")._record_sent()

    def tell(self, cases, when=None):
        with self._at(when):
            queued = cases.sudo().communication_ids.filtered(lambda each: each.state == "queued")
            queued.mail_id.write({"state": "sent"})
            queued._record_sent()

    def rate(self, cases, stars, feedback="", when=None):
        with self._at(when):
            self._as_director(cases).action_register_rating(stars, feedback)


def render_letter_as_html(self, case, report=REPORT):
    return self._get_report(case, report)._render_qweb_html(report, case.ids)
