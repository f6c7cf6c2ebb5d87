"""Run by dev/run in Odoo's shell: the demo shows every state, its acts hold, and nothing of its past is dated ahead."""

from datetime import timedelta

from odoo.fields import Datetime

env = globals()["env"]
cases = env["sig.pqrs"].search([])
states, terms = set(cases.mapped("state")), set(cases.mapped("deadline_state"))
assert states >= {"received", "assigned", "approved", "closed", "cancelled"}, states
assert terms >= {"on_track", "due_soon", "overdue", "suspended", "answered_on_time", "answered_late"}, terms
faults = env["sig.pqrs.act"]._verify(cases)
assert not faults, faults
planned = {"authority_deadline", "create_date", "write_date"}
ours = ("sig.pqrs", "sig.pqrs.assignment", "sig.pqrs.act", "sig.pqrs.communication", "sig.finding", "sig.action.plan")
for name in ours:
    for field in env[name]._fields.values():
        if field.store and field.type == "datetime" and field.name not in planned:
            assert not env[name].search_count([(field.name, ">", Datetime.now())]), f"{field} is ahead"
long_ago = Datetime.now() - timedelta(days=40)
said = cases.filtered(lambda case: case.date_answered and case.date_answered < long_ago).assignment_ids.message_ids
assert said and max(said.mapped("date")) < long_ago, "what was said is dated when it was"
