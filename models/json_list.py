"""JSON fields for lists, and for what is never changed in place."""

from odoo import fields


class JsonList(fields.Json):
    """A list in JSON. An empty one is a list too, so that ``in`` asks it without a guard, in views as in code."""

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(value, record, validate) or []

    def convert_to_record(self, value, record):
        return super().convert_to_record(value, record) or []


class JsonFrozen(fields.Json):
    """JSON that nobody changes in place: it is read as it is kept, where core hands out a deep copy each time."""

    def convert_to_record(self, value, record):
        return False if value is None else value
