"""Core leaves indexes of fields that have none any more: `_state_index` of the cases does what this one did."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS sig_pqrs__state_index")
