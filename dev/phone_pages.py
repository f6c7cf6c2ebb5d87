"""Run by dev/phone in a shell of Odoo: prints, as JSON, where the pages are that it measures."""

import json

env = env  # noqa: F821, PLW0127  # of the shell
client = env["res.users"].search([("login", "=", "cliente1")])
mine = [("partner_id", "=", client.partner_id.id), ("state", "=", "closed")]
case = env["sig.pqrs"].search([*mine, ("date_answered", "!=", False)], order="id desc", limit=1)
rating = env["rating.rating"].search(
    [("res_model", "=", case._name), ("consumed", "=", False), ("access_token", "!=", False)], order="id desc", limit=1
)
ticket = env["helpdesk.ticket"].create(
    {
        "name": case.subject,
        "description": case.description,
        "partner_id": client.partner_id.id,
        "partner_email": client.email,
        "team_id": env["helpdesk.ticket.team"].search([], limit=1).id,
    }
)
ticket.message_post(body=case.description, message_type="comment", subtype_xmlid="mail.mt_comment")
env.cr.commit()
base = env["sig.pqrs"].get_base_url()
print(
    json.dumps(
        {
            "case": case.id,
            "link": case._get_tracking_url().removeprefix(base),
            "rating": rating.access_token,
            "ticket": ticket.id,
        }
    )
)
