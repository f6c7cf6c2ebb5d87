"""Run by dev/upgrade in Odoo's shell: jobs run, the acts hold, and a case goes from its receipt to its rating."""

import logging

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.modules.module import load_script
from odoo.tools import file_path

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
chosen = env["res.partner"].search([("name", "=", "Quien responde")])
for company in env["res.company"].search([]):
    respondent = chosen.commercial_partner_id.with_company(company).sig_survey_contact_id
    assert respondent and (respondent == chosen) == (company == director.company_id), (company.name, respondent.name)
builder = CaseBuilder(env, director)
process = env["sig.process"].search([("leader_id", "=", leader.id)], limit=1)
case = builder.file({"partner_name": "Ana", "email_from": "ana@example.com"})
builder.send(builder.answer(case, process))
builder.rate(case, 5)
assert case.state == "closed"
found = env["sig.pqrs.act"]._verify(env["sig.pqrs"].search([]))
assert found == known, f"the acts do not hold: {found}"
# What the law's corrections, the new documents and the limits of the tables make of what companies have of their own.
post_law = load_script(file_path("sig_pqrs/migrations/19.0.1.5.0/post-law.py"), "post_law")
for changes, field in ((post_law.TEMPLATES, "body"), (post_law.MAILS, "body_html")):
    for xmlid, pairs in changes.items():
        record = env.ref(f"sig_pqrs.{xmlid}")
        texts = "".join(str(record.with_context(lang=lang)[field]) for lang in ("en_US", "es_CO"))
        for old, new in pairs:
            assert new in texts and old not in texts, (xmlid, new)
assert "Lo propio" in env.ref("sig_pqrs.template_closing_general").with_context(lang="es_CO").body
footage = env.ref("sig_pqrs.template_section_reserve").with_context(lang="en_US")
assert (footage.name, footage.resolution) == (post_law.NAMES[0][1], "partially_upheld"), footage.name
transfer = env.ref("sig_pqrs.document_transfer")
assert (transfer.name, transfer.usage) == ("Traslado", "transfer"), transfer.name
env.cr.execute(
    """SELECT count(*) FROM pg_constraint
        WHERE contype = 'c' AND conname IN ('sig_action_plan_line_progress_range', 'sig_management_review_length',
                                            'sig_indicator_baseline', 'sig_survey_wave_year_range')"""
)
assert env.cr.fetchone() == (4,), "rows beyond a limit keep its constraint away"
env.cr.commit()
