def post_init_hook(env):
    """Give the companies that exist already what a new one gets by itself."""
    env["res.company"].search([])._sig_set_up()
