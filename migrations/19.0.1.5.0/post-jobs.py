"""Some topics are models of their own: their jobs call them there."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if job := env.ref("sig_pqrs.cron_watch", raise_if_not_found=False):
        job.with_context(tracking_disable=True).model_id = env["ir.model"]._get("sig.daily.review")
