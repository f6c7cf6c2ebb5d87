"""Acts of steps bind files and texts: no job does. What none of its acts binds yet is bound now."""

from collections import defaultdict

from odoo import SUPERUSER_ID, api

BATCH = 1000


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if job := env.ref("sig_pqrs.cron_kept", raise_if_not_found=False):
        action = job.ir_actions_server_id
        job.unlink()
        action.unlink()
    # The links of mails bring no more texts to cases whose personal data were erased.
    env["sig.pqrs"].search([("anonymized_on", "!=", False)]).rating_ids.access_token = False
    ids = env["sig.pqrs"].search([("anonymized_on", "=", False), ("act_number", ">", 0)], order="id").ids
    for start in range(0, len(ids), BATCH):
        bind(env["sig.pqrs"].browse(ids[start : start + BATCH]))
        env.flush_all()
        env.invalidate_all()


def bind(cases):
    """Files, and the messages of which conversations were before."""
    Binding = cases.env["sig.case.binding"]
    bound, missing = Binding._get_bound_ids(cases), defaultdict(cases.env["mail.message"].browse)
    held = cases.env["sig.pqrs.communication"].search([("pqrs_id", "in", cases.ids), ("message_id", "!=", False)])
    for each in held:
        if each.message_id.id not in bound[each.pqrs_id.id, "messages"]:
            missing[each.pqrs_id] |= each.message_id
    data = Binding._bind_missing(cases)
    for case, found in Binding._bind_each({case: {"messages": own} for case, own in missing.items()}).items():
        data.setdefault(case, {}).update(found)
    cases.env["sig.pqrs.act"]._append(cases.filtered(data.get), "kept", data=data)
