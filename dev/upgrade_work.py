"""Run by dev/upgrade in Odoo's shell: jobs run, the acts hold, and a case goes from its receipt to its rating."""

import logging

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

env = globals()["env"]
# Nobody serves the pictures of what is printed here.
logging.getLogger("odoo.addons.base.models.ir_actions_report").setLevel(logging.ERROR)
cases = env["sig.pqrs"].search([])
assert cases
known = env["sig.pqrs.act"]._verify(cases)
jobs = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", "ir.cron")]).mapped("res_id")
for cron in env["ir.cron"].search([("id", "in", jobs)]):
    assert cron.method_direct_trigger() is True, cron.name
director = env["res.users"].search([("login", "=", "directora")])
leader = env["res.users"].search([("login", "=", "lider1")])
clients = env["res.partner"].with_company(director.company_id).search([("sig_is_client", "=", True)])
assert clients, "nobody is a current client any more"
builder = CaseBuilder(env, director)
process = env["sig.process"].search([("leader_id", "=", leader.id)], limit=1)
case = builder.file({"partner_name": "Ana", "email_from": "ana@example.com"})
builder.send(builder.answer(case, process))
builder.rate(case, 5)
assert case.state == "closed"
found = env["sig.pqrs.act"]._verify(env["sig.pqrs"].search([]))
assert found == known, f"the acts do not hold: {found}"
env.cr.commit()
