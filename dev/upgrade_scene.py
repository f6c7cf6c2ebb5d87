"""Run by dev/upgrade in Odoo's shell on an earlier database: what its demo lacks, and as many cases as asked for."""

import os

from attack.scene import Scene  # of this checkout: the path of modules has its tests

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

from benchmarks import multiply, proof

env = globals()["env"]
Scene(env, CaseBuilder).build()
env.flush_all()
if size := int(os.environ["SIG_CASES"]):
    env["res.partner"].create([{"name": f"Persona {n} Ruiz", "email": f"persona{n}@example.org"} for n in range(200)])
    env.flush_all()
    multiply.multiply_cases(env, size)
    proof.find_chains(env)  # copies are chained anew
for company in env["sig.pqrs"].search([]).company_id:
    cases = env["sig.pqrs"].search([("company_id", "=", company.id)])
    env["sig.act.check"]._check(cases)
    heads = env["sig.act.witness"].create({"company_id": company.id, "date": company._sig_today()})
    heads._keep_file(heads._take_heads(company), False)
    heads.user_ids = company._sig_get_director()
env.cr.commit()
