"""Selection fields that repeat the choices of another model."""


def choices_of(model, name):
    """The choices of a selection field of a model, in the language of the reader: for a field that repeats them."""
    return lambda self: self.env[model]._fields[name]._description_selection(self.env)
