"""Run by dev/run in Odoo's shell: everybody works in Spanish, and links lead to the demo server."""

import os

env = globals()["env"]
language = os.environ["SIG_LANGUAGE"]
everybody = env["res.users"].with_context(active_test=False).search([])
everybody.partner_id.write({"lang": language})
everybody.filtered(lambda user: not user.tz).partner_id.write({"tz": "America/Bogota"})
env["res.partner"].with_context(active_test=False).search([("lang", "!=", language)]).write({"lang": language})
env["ir.default"].set("res.partner", "lang", language)
spanish = env["res.lang"]._lang_get(language)
for website in env["website"].search([]):
    website.write({"language_ids": [(4, spanish.id)], "default_lang_id": spanish.id})
env["ir.config_parameter"].set_param("web.base.url", os.environ["SIG_ADDRESS"])
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
env.cr.commit()
