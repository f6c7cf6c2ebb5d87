"""Run by dev/mail in a shell of Odoo: two companies with their mailboxes, and the people that the plays need.

Prints the id of the user of the pipe.
"""

import os

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

env = env  # noqa: F821, PLW0127  # of the shell
north, params = env.company, env["ir.config_parameter"]
params.set_param("web.base.url", os.environ["SIG_ODOO"])
params.set_param("web.base.url.freeze", "True")
domain = env["mail.alias.domain"]
north.write({"name": "Vigilancia del Norte S. A. S.", "country_id": env.ref("base.co").id})
north.alias_domain_id = domain.search([("name", "=", "example.com")]) or domain.create({"name": "example.com"})
south = env["res.company"].create(
    {
        "name": "Vigilancia del Sur S. A. S.",
        "country_id": env.ref("base.co").id,
        "alias_domain_id": domain.create({"name": "sur.example.com"}).id,
    }
)
for company, name in ((north, "director"), (south, "director_sur")):
    company.sig_trusted_relays = "mx.example.com"
    company.email = f"empresa@{company.alias_domain_id.name}"
    company.sig_director_id = CaseBuilder.make_user(env, name, "Directora", "director", company)
    company._sig_open()
leader = CaseBuilder.make_user(env, "leader", "Líder", "leader")
CaseBuilder(env, north.sig_director_id).make_process("OPE", "Operaciones", leader, leader)
gateway = CaseBuilder.make_user(env, "gateway", "Correo", "gateway", email=False)
env["res.users"].browse(2).password = "admin"
env["fetchmail.server"].create(
    {
        "name": "Sur",
        "server_type": "imap",
        "server": "127.0.0.1",
        "port": int(os.environ["SIG_IMAP_PORT"]),
        "user": "servicioalcliente@sur.example.com",
        "password": "secret",
        "object_id": env["ir.model"]._get_id("sig.pqrs"),
        "state": "done",
    }
)
client = env["res.partner"].create({"name": "Conjunto El Roble", "is_company": True})
addresses = {
    "Ana Ruiz": "ana@example.net",
    "Vera Vacas": "vacation@example.net",
    "Raúl Reenvía": "forwards@example.net",
    "Berta Bit": "berta@example.net",
    "Íñigo Peña": "peña@example.net",
    "Quino Qmail": "qmail@example.net",
    "Sin Buzón": "nobody@example.net",
    "Diego Demora": "ana@defers.example.org",
    "Nelly Nunca": "ana@never.example.org",
    "Gris Greylist": "ana@greylisted.example.org",
    "Rosa Rechazo": "ana@refuses.example.org",
}
for name, address in addresses.items():
    env["res.partner"].create({"name": name, "email": address, "parent_id": client.id})
env.cr.commit()
print(gateway.id)
