"""Answers that were given are records: that of each answered case, and those of cases that were taken up again."""

from odoo import SUPERUSER_ID, api, fields

#: what of a case its answer keeps under the same name
SAME = "company_id, date_deadline, date_legal, date_answered, resolution, legal_state, legal_digest, letter_id"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    add_earlier(env)
    env.flush_all()
    add_current(env)
    env.invalidate_all()


def add_earlier(env):
    """The answers of before a case was taken up again, as far as its acts tell of them."""
    cases = env["sig.pqrs"].search([("act_ids", "any", [("kind", "=", "reopened")])])
    vals_list = []
    for case in cases:
        own, sent, stars, since = [], {}, 0, case._get_received_on()
        for act in case.act_ids.sorted("number"):
            data = act.data or {}
            if act.kind == "response_sent":
                sent, stars = data, 0
            elif act.kind == "rated":
                stars = data.get("rate") or 0
            elif act.kind == "delivery_failed" and data.get("notice") == "earlier_response" and own:
                own[-1].update(state="failed", in_time=False)
            elif act.kind == "reopened":
                if data.get("answered"):
                    own.append(_prepare(case, len(own), data["answered"], sent, stars, since))
                since = case.company_id._sig_local_date(act.date)
        vals_list += own
    answers = env["sig.pqrs.answer"].create(vals_list)
    for answer in answers:
        attempts = answer.pqrs_id.communication_ids.filtered(
            lambda each, answer=answer: each.purpose == "response" and each.date == answer.date_answered
        )
        attempts.answer_id = answer


def _prepare(case, number, answered, sent, stars, since):
    holders = [("sig.pqrs", case.id), *(("sig.pqrs.identity", identity.id) for identity in case.identity_ids)]
    files = case.env["ir.attachment"].browse()
    for model, id_ in holders if sent.get("letter") else ():
        files |= files.search([("res_model", "=", model), ("res_id", "=", id_), ("checksum", "=", sent["letter"])])
    return {
        "pqrs_id": case.id,
        "round": number + 1,
        "kind": "correction" if number else "first",
        "state": "reopened",
        "date_from": since,
        "date_deadline": sent.get("deadline") or False,
        "date_answered": fields.Datetime.to_datetime(answered),
        "in_time": bool(sent.get("in_time")),
        "letter_id": files[:1].id,
        "rating_value": stars,
    }


def add_current(env):
    """The answers of cases that stand answered; by SQL, for there are many."""
    processes, annexes = env["sig.pqrs.answer"]._fields["process_ids"], env["sig.pqrs.answer"]._fields["attachment_ids"]
    of_case = env["sig.pqrs"]._fields["process_ids"]
    cr = env.cr
    cr.execute(
        # ruff: noqa: S608  # what is put in is written here
        f"""INSERT INTO sig_pqrs_answer
                   ({SAME}, pqrs_id, round, kind, state, date_from, in_time, opening, closing, body, rating_value,
                    rating_reason, response_days, create_uid, write_uid, create_date, write_date)
            SELECT {SAME}, id, 1 + earlier.number, CASE WHEN earlier.number > 0 THEN 'correction' ELSE 'first' END,
                   'sent', COALESCE((term_trace->>'received_on')::date, date_received::date),
                   deadline_state = 'answered_on_time', response_opening, response_closing, response, rating_value,
                   rating_reason, response_days, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM sig_pqrs
              JOIN LATERAL (SELECT count(*) AS number FROM sig_pqrs_answer WHERE pqrs_id = sig_pqrs.id) earlier ON TRUE
             WHERE state = 'closed' AND outcome = 'answered' AND date_answered IS NOT NULL
             ORDER BY id"""
    )
    cr.execute(
        """UPDATE sig_pqrs SET answer_id = answer.id
             FROM sig_pqrs_answer answer WHERE answer.pqrs_id = sig_pqrs.id AND answer.state = 'sent'"""
    )
    cr.execute(
        """UPDATE sig_pqrs_assignment SET answer_id = sig_pqrs.answer_id
             FROM sig_pqrs
            WHERE sig_pqrs.id = sig_pqrs_assignment.pqrs_id AND sig_pqrs.answer_id IS NOT NULL
              AND sig_pqrs_assignment.is_current"""
    )
    cr.execute(
        """UPDATE sig_pqrs_communication SET answer_id = sig_pqrs.answer_id
             FROM sig_pqrs WHERE sig_pqrs.delivery_id = sig_pqrs_communication.id"""
    )
    cr.execute(
        f"""INSERT INTO {processes.relation} ({processes.column1}, {processes.column2})
            SELECT pqrs.answer_id, rel.{of_case.column2}
              FROM {of_case.relation} rel JOIN sig_pqrs pqrs ON pqrs.id = rel.{of_case.column1}
             WHERE pqrs.answer_id IS NOT NULL"""
    )
    cr.execute(
        f"""INSERT INTO {annexes.relation} ({annexes.column1}, {annexes.column2})
            SELECT DISTINCT pqrs.answer_id, rel.ir_attachment_id
              FROM sig_pqrs_assignment_attachment_rel rel
              JOIN sig_pqrs_assignment assignment
                ON assignment.id = rel.sig_pqrs_assignment_id AND assignment.active AND assignment.state = 'approved'
              JOIN sig_pqrs pqrs ON pqrs.id = assignment.pqrs_id
             WHERE pqrs.answer_id IS NOT NULL"""
    )
