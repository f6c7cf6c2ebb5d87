"""The automation rule that escalates overdue cases waits for the date that the daily review writes."""

from odoo import SUPERUSER_ID, api, fields


def migrate(cr, version):
    cr.execute("UPDATE sig_pqrs SET date_escalation = now() AT TIME ZONE 'UTC' WHERE deadline_state = 'overdue'")
    env = api.Environment(cr, SUPERUSER_ID, {})
    if rule := env.ref("sig_pqrs.automation_overdue", raise_if_not_found=False):
        rule.with_context(tracking_disable=True).write(
            {
                "trigger": "on_time",
                "trg_date_id": env.ref("sig_pqrs.field_sig_pqrs__date_escalation").id,
                "trg_date_range": 0,
                "trg_date_range_type": "minutes",
                "trg_date_range_mode": "after",
                "trigger_field_ids": [fields.Command.clear()],
                "filter_pre_domain": False,
                "filter_domain": rule.filter_domain or "[('deadline_state', '=', 'overdue')]",
                "last_run": fields.Datetime.now(),
            }
        )
