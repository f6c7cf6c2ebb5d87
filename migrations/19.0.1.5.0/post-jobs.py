"""Some topics are models of their own: their jobs call them there."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, model in (("cron_watch", "sig.daily.review"), ("cron_kept", "sig.case.binding")):
        if job := env.ref(f"sig_pqrs.{name}", raise_if_not_found=False):
            job.with_context(tracking_disable=True).model_id = env["ir.model"]._get(model)
