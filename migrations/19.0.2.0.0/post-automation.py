"""The example of an automation, which made an activity of nobody, goes where nobody switched it on."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    example = env.ref("sig_pqrs.automation_failed", raise_if_not_found=False)
    if example and not example.active:
        example.action_server_ids.unlink()
        example.unlink()
