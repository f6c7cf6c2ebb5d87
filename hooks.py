def uninstall_hook(env):
    """Take away what Odoo, which removes the models with all their cases, would leave behind."""
    sequences = env["ir.sequence"].with_context(active_test=False).search([("code", "=like", "sig.%")])
    sequences.date_range_ids.unlink()  # with them, so that their sequences in PostgreSQL go too
    sequences.unlink()
    env["ir.config_parameter"].search([("key", "=like", "sig\\_pqrs.%")]).unlink()
    env["rating.rating"].search([("res_model", "=like", "sig.%")]).unlink()
    env["website.menu"].search([("url", "=", "/pqrs")]).unlink()  # each website has a copy of ours
    ours = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=like", "ir.actions.%")])
    homes = env["res.users"].with_context(active_test=False).search([("action_id", "in", ours.mapped("res_id"))])
    homes.action_id = False  # a home action that is gone locks its user out
