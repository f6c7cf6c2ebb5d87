"""Selection fields that repeat the choices of another model."""


def choices_of(model, name):
    return lambda self: self.env[model]._fields[name]._description_selection(self.env)
