"""Companies that were in use go on receiving PQRS; the others are switched on when somebody wants it."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT DISTINCT company_id FROM sig_pqrs")
    in_use = {row[0] for row in cr.fetchall()}
    directors = env.ref("sig_pqrs.group_sig_director").all_user_ids.filtered(lambda user: not user.share)
    companies = env["res.company"].with_context(active_test=False).search([])
    on = companies.filtered(
        lambda company: company.id in in_use or company.sig_director_id or company in directors.company_ids
    )
    if on:
        cr.execute("UPDATE res_company SET sig_active = TRUE WHERE id IN %s", [on._ids])
        cr.execute("UPDATE website SET sig_pqrs_active = TRUE WHERE company_id IN %s", [on._ids])
    (companies - on).sig_alias_id.unlink()
    env.invalidate_all()
