"""What has no digit, as “N/A”, is nobody's document."""


def migrate(cr, _version):
    cr.execute("UPDATE sig_pqrs SET document_key = NULL WHERE document_key !~ '[0-9]'")
    cr.execute("UPDATE sig_pqrs_identity SET document_key = NULL WHERE document_key !~ '[0-9]'")
