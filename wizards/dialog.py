#: options of a computed field that the user may change; its values are read with the rights of the user
PROPOSED = {"store": True, "compute_sudo": False, "readonly": False}


def active_of(model):
    """The default of a many2one to a model: the record of the screen."""
    return lambda self: self.env.context.get("active_model") == model and self.env.context.get("active_id")


def get_shown(record, names):
    """What a dialog shows of a record, or says itself, as it is written: what differs in the end was decided there."""
    return {name: record._fields[name].convert_to_write(record[name], record) for name in names}
