from odoo import SUPERUSER_ID, api

#: types that the reasons of the addon propose
TYPES = {
    "trato": "queja",
    "ausencia": "queja",
    "consignas": "queja",
    "supervision": "queja",
    "perdida": "reclamo",
    "facturacion": "reclamo",
    "grabaciones": "informacion",
    "reconocimiento": "felicitacion",
}


def migrate(cr, _version):
    """Reasons propose a type when a case is registered: those of the addon, and copies of them, do so from now on."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for code, kind in TYPES.items():
        reason = env.ref(f"sig_pqrs.reason_{code}", raise_if_not_found=False)
        proposed = env.ref(f"sig_pqrs.type_{kind}", raise_if_not_found=False)
        if reason and proposed and proposed.active and not proposed.company_id:
            every = reason.with_context(active_test=False)
            copies = every.search([("origin_id", "=", reason.id)])
            (reason | copies).type_id = proposed
