"""The limit of our own on the PDF engine is gone: core's hold."""


def migrate(cr, version):
    cr.execute("DELETE FROM ir_config_parameter WHERE key = 'sig_pqrs.pdf_time_limit'")
