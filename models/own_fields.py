"""Which names in values to write are fields of this module."""

from odoo.exceptions import UserError


def get_own_names(records, vals):
    """Those of the names in ``vals`` that are fields of this module.

    :raises UserError: for a name that no field has.
    """
    if unknown := vals.keys() - records._fields.keys():
        raise UserError(
            records.env._(
                "%(model)s has no field %(names)s.",
                model=records._description,
                names=", ".join(f"“{name}”" for name in sorted(map(str, unknown))),
            )
        )
    return {name for name in vals if "sig_pqrs" in records._fields[name]._modules}
