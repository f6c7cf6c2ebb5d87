"""Run by dev/upgrade in Odoo's shell on an earlier database: what its demo lacks, and as many cases as asked for."""

import os

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

from benchmarks import multiply, proof
from benchmarks.attack_scene import Scene

env = globals()["env"]
Scene(env, CaseBuilder).build()
env.flush_all()
if size := int(os.environ["SIG_CASES"]):
    env["res.partner"].create([{"name": f"Persona {n} Ruiz", "email": f"persona{n}@example.org"} for n in range(200)])
    env.flush_all()
    multiply.multiply_cases(env, size)
    proof.chain_anew(env, env["sig.pqrs"].with_context(active_test=False).search([]))
for company in env["sig.pqrs"].search([]).company_id:
    cases = env["sig.pqrs"].search([("company_id", "=", company.id)])
    env["sig.act.check"]._check(cases)
    heads = env["sig.act.witness"].create({"company_id": company.id, "date": company._sig_today()})
    heads._keep_file(heads._take_heads(company), False)
    heads.user_ids = company._sig_get_director()
# Runs of anonymisation: what was asked for and given up, and surveys of which one failed. A late reserve of identity.
closed = env["sig.pqrs"].search([("state", "=", "closed"), ("partner_id", "!=", False)], order="id", limit=20)
alone = closed.filtered(lambda case: case._get_linked_cases() == case)
company = alone[0].company_id
run = {"company_id": company.id, "date": company._sig_today(), "reason": "Tabla de retención"}
waves = env["sig.survey.wave"].search([("company_id", "=", company.id)], limit=2)
asked = {"kind": "request", "state": "cancelled", "person": "A** R***", "reference": "Carta 7, carpeta 4"}
env["sig.anonymization"].create({**run, **asked, "line_ids": [(0, 0, {"pqrs_id": alone[0].id})]})
env["sig.anonymization"].create({**run, "state": "done", "wave_ids": [(6, 0, waves.ids)], "wave_failure": "roto"})
alone[1].with_user(alone[1].company_id._sig_get_director()).action_reserve_identity("Lo pidió por teléfono")
# A company remembers who answers surveys, another than who is marked.
marked = env["res.partner"].search([("sig_survey_respondent", "=", True)], order="id", limit=1)
client = marked.commercial_partner_id.with_company(env["res.users"].search([("login", "=", "directora")]).company_id)
client.sig_survey_contact_id = env["res.partner"].create({"name": "Quien responde", "parent_id": client.id})
# What only companies have: an own text around what was shipped, an own document, and rows beyond what are limits now.
env["sig.document"].create({"name": "Traslado", "code": "FOR-SIG-PQRS-11", "company_id": False})
own_text = env.ref("sig_pqrs.template_closing_general").id
env.flush_all()
for table, values in (
    ("sig_action_plan_line", "progress = 120"),
    ("sig_management_review", "date_from = date_to - INTERVAL '5 years', state = 'draft'"),
    ("sig_indicator", "baseline_from = '2026-01-01', baseline_to = NULL"),
    ("sig_survey_wave", "year = 26"),
):
    env.cr.execute(f"UPDATE {table} SET {values} WHERE id = (SELECT min(id) FROM {table})")  # noqa: S608
env.cr.execute(
    """UPDATE sig_response_template
          SET body = (SELECT jsonb_object_agg(key, value || '<p>Lo propio</p>') FROM jsonb_each_text(body))
        WHERE id = %s""",
    [own_text],
)
env.cr.commit()
