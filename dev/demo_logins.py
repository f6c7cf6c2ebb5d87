"""Run by dev/run in Odoo's shell: prints who can log in, with which password, as what."""

from odoo.exceptions import AccessDenied

MODULE = "sig_pqrs"

env = globals()["env"](context={"lang": "es_CO"})


def _has_password(user, password):
    try:
        user.with_user(user)._check_credentials({"type": "password", "password": password}, {"interactive": True})
    except AccessDenied:
        return False
    return True


def _roles(user):
    known = env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", "res.groups")]).mapped("res_id")
    groups = user.group_ids.filtered(lambda group: group.id in known)
    implied = groups.implied_ids.all_implied_ids
    return ", ".join((groups - implied).mapped("name")) or ("Portal" if user.share else "-")


ids = env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", "res.users")]).mapped("res_id")
users = env.ref("base.user_admin") | env["res.users"].browse(ids).exists()
rows = [("login", "password", "name", "role")] + [
    (user.login, user.login if _has_password(user, user.login) else "(another)", user.name, _roles(user))
    for user in users
]
widths = [max(len(row[column]) for row in rows) for column in range(4)]
for row in rows:
    print("    " + "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())
