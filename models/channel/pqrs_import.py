from typing import NamedTuple
from uuid import uuid4

from odoo import models
from odoo.tools import groupby, split_every

from .. import clock
from ..case.priority import highest

BATCH = 1000

#: kind of the act with which an imported case ended, by outcome
END_ACTS = {
    "answered": "response_sent",
    "transferred": "transfer",
    "withdrawn": "withdrawn",
    "tacitly_withdrawn": "withdrawn",
    "duplicate": "cancelled",
    "spam": "cancelled",
}


class ImportedCase(NamedTuple):
    """``vals`` are those of `sig.pqrs`, moments in naive UTC; ``processes`` and ``user`` are records; ``deadline`` is a
    local moment or False; ``closed_on`` is the moment of the answer or end, or False while it is open.
    """

    row: int
    vals: dict
    processes: models.BaseModel
    user: models.BaseModel
    deadline: object = False
    closed_on: object = False


class PqrsImport(models.AbstractModel):
    """Nobody is notified. Acts: `imported`, with the digest of file and row, and that of an end, on its date."""

    _name = "sig.pqrs.import"
    _description = "Import of Cases"

    def _import(self, items, source, filename):
        """Import `ImportedCase`s of companies in which the user works: the dialog has proven the right. Their ids.

        :param str source: SHA-256 of the file, hexadecimal.
        """
        ids = []
        for batch in split_every(BATCH, items, list):
            ids += self._import_batch(batch, source, filename).ids
            self.env.flush_all()
            self.env.invalidate_all()  # memory does not grow with the file
        return ids

    def _import_batch(self, batch, source, filename):
        now, Case = clock.now(), self.env["sig.pqrs"]
        for company_id, items in groupby(batch, lambda item: item.vals["company_id"]):
            company = self.env["res.company"].sudo().browse(company_id)
            first = min(item.vals["date_received"] for item in items)
            company._sig_calendar(company._sig_local_date(first))  # loads all years at once
        vals_list, first_acts = [], {}
        for item in batch:
            vals = self._prepare_case(item, source, now)
            note = self.env._("Imported from %(file)s, row %(row)s.", file=filename, row=item.row)
            act = Case._prepare_first_act("imported", vals, now, note=note, source=source, row=item.row)
            vals_list.append({**vals, "act_number": 1, "act_head": act["digest"]})
            first_acts[vals["uuid"]] = act
        cases = Case._create_with_acts(vals_list, first_acts)
        by_case = dict(zip(cases, batch, strict=True))
        self._create_assignments(by_case)
        self._append_ends(by_case)
        cases._message_log_batch({case.id: first_acts[case.sudo().uuid]["note"] for case in cases})
        return cases

    def _prepare_case(self, item, source, now):
        vals = item.vals
        company = self.env["res.company"].browse(vals["company_id"]).sudo()
        kind = self.env["sig.pqrs.type"].sudo().browse(vals["type_id"])
        reason = self.env["sig.pqrs.reason"].sudo().browse(vals.get("reason_id") or [])
        dated = kind.due_by_authority and item.deadline and company._sig_utc(item.deadline)
        deadline = not kind.due_by_authority and item.deadline and item.deadline.date()
        outcome = vals.get("outcome")
        received_on, today = company._sig_local_date(vals["date_received"]), company._sig_today()
        vals = {
            "state": "assigned" if item.processes else "received",
            **vals,
            **kind._get_term_values(company, received_on, (), dated, today, imported_deadline=deadline),
            "uuid": str(uuid4()),
            "date_recorded": now,
            "authority_deadline": dated,
            "imported_deadline": deadline,
            "import_source": source,
            "priority": highest(not outcome and reason.priority),
        }
        if vals.get("rating_value"):
            vals["rating_state"] = "rated"
        if outcome:
            vals["state"] = "cancelled" if outcome in ("duplicate", "spam") else "closed"
            vals["next_duty"] = vals["next_duty_date"] = False
        if outcome == "answered":
            answered_on = company._sig_local_date(item.closed_on)
            vals["date_answered"] = item.closed_on
            vals["response_days"] = company._sig_calendar(received_on, answered_on).count(received_on, answered_on)
        return vals

    def _create_assignments(self, by_case):
        Assignment = self.env["sig.pqrs.assignment"].sudo()
        now, vals_list = clock.now(), []
        for case, item in by_case.items():
            case_sudo, running = case.sudo(), not item.closed_on
            company = case_sudo.company_id
            received_on = company._sig_local_date(case_sudo.date_received)
            answered = case_sudo.outcome == "answered"
            ended_on = received_on if running else company._sig_local_date(item.closed_on)
            for process in item.processes:
                days = process.internal_days
                due = Assignment._get_due_date(case_sudo, now, days) if running else case_sudo.date_deadline or ended_on
                vals_list.append(
                    {
                        "pqrs_id": case.id,
                        "process_id": process.id,
                        "user_id": item.user.id or process.leader_id.id,
                        "state": "approved" if answered else "pending",
                        "date_assigned": now if running else case_sudo.date_received,
                        "date_due": max(due, received_on),
                        "internal_days": days,
                        "date_submitted": answered and item.closed_on,
                        "date_approved": answered and item.closed_on,
                    }
                )
        quietly = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "tracking_disable": True}
        assignments = Assignment.with_context(**quietly).create(vals_list).with_env(Assignment.env)
        running = assignments.filtered(lambda assignment: not by_case[assignment.pqrs_id].closed_on)
        running._record("assigned", notes={assignment: assignment.user_id.name for assignment in running})

    def _append_ends(self, by_case):
        Act = self.env["sig.pqrs.act"]
        ended = self.env["sig.pqrs"].sudo().browse(case.id for case, item in by_case.items() if item.closed_on)
        dates = {case: by_case[case].closed_on for case in ended}
        ended.env["sig.pqrs.answer"]._store(ended.filtered(lambda case: case.outcome == "answered"))
        data = {
            case: {
                "imported": True,
                "outcome": case.outcome,
                "deadline": str(case.date_deadline or ""),
                "in_time": case.deadline_state == "answered_on_time",
            }
            for case in ended
        }
        for kind, cases in ended.grouped(lambda case: END_ACTS[case.outcome]).items():
            Act._append(cases, kind, date=dates, data=data)
        Act._append(ended.filtered(lambda case: case.outcome == "answered"), "closed", date=dates)
        rated = ended.filtered(lambda case: case.rating_value)
        reasons = {case: case.rating_reason or "" for case in rated}
        data = {case: {"imported": True, "rate": case.rating_value} for case in rated}
        Act._append(rated, "rated", notes=reasons, date=dates, data=data)
