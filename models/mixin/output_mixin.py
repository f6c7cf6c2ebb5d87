import re

from odoo import api, models, tools

from ...tools import periods
from ..core.base import HIDDEN, OURS

#: texts that spreadsheets open as formulas or addresses
_FORMULA = re.compile(r"\s*(=|\{=|@|external:|internal:|file:)", re.IGNORECASE)

#: between tags: browsers drop it as well
_INDENTATION = re.compile(r">\s*\n\s*<")
_FIELD = re.compile(r'<field\b[^>]*?\bname="(\w+)"')
#: attributes of fields that a form does not use; the lists in it are sorted
_UNUSED = ("groupable", "searchable", "sortable", "store")


class OutputMixin(models.AbstractModel):
    """Lists, groups, RPC and exports name linked records, which core reads as superuser, only to their readers; exports
    quote formulas; views are sent without what browsers do not use.
    """

    _name = "sig.output.mixin"
    _description = "Output of Records"

    def _get_choices(self, name):
        """``{value: label}`` of a selection field."""
        return dict(self._fields[name]._description_selection(self.env))

    @api.readonly
    def read(self, fields=None, load="_classic_read"):
        rows = super().read(fields, load)
        return self._sig_hide_names(rows) if load == "_classic_read" else rows

    @api.model
    @api.readonly
    def search_read(self, domain=None, fields=None, offset=0, limit=None, order=None, **read_kwargs):
        rows = super().search_read(domain, fields, offset, limit, order, **read_kwargs)
        return self._sig_hide_names(rows) if read_kwargs.get("load", "_classic_read") == "_classic_read" else rows

    def _read_group_format_result(self, rows_dict, lazy_groupby):
        result = super()._read_group_format_result(rows_dict, lazy_groupby)
        self._sig_hide_names(rows_dict, lazy_groupby)
        return result

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        field = self._fields[groupby_spec.partition(":")[0].partition(".")[0]]
        if self.env.su or not field.relational or not field.comodel_name.startswith(OURS) or "." in groupby_spec:
            return formatter
        named = self.env[field.comodel_name].union(*filter(None, values))._sig_filter_named()

        def format_named(value):
            label, domain = formatter(value)
            return ((label[0], HIDDEN) if label and value not in named else label), domain

        return format_named

    def _format_day(self, value):
        """A date, or the local one of a moment, as dd/mm/yyyy; a dash without any."""
        day = (self.company_id or self.env.company)._sig_date(value)
        return tools.format_date(self.env, day, date_format="dd/MM/yyyy") if day else "—"

    def _name_period(self, start, end):
        if (start, end) == periods.containing(start, "month"):
            return tools.format_date(self.env, start, date_format=self.env._("MMMM y"))
        if (start, end) == periods.containing(start, "semester"):
            return self.env._("%(year)s, semester %(half)s", year=start.year, half=periods.semester_of(start))
        first, last = (tools.format_date(self.env, day) for day in (start, end))
        return self.env._("%(start)s to %(end)s", start=first, end=last)

    def _describe_cut(self, company, moment, period):
        """What stands beside every figure: its period, and the moment until which it knows of the data."""
        cut = company._sig_format_moment(moment, brief=True)
        return self.env._("%(period)s. Cut: %(moment)s", period=period, moment=cut)

    def export_data(self, fields_to_export):
        result = super().export_data(fields_to_export)
        result["datas"] = [
            [f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell for cell in row]
            for row in result["datas"]
        ]
        return result

    @api.model
    @api.readonly
    def get_views(self, views, options=None):
        """Without indentation, false attributes, and what a form alone needs not know of its fields: a third less."""
        result = super().get_views(views, options)
        is_form, shown = result["views"].keys() == {"form"}, set()
        for view in result["views"].values():
            view["arch"] = _INDENTATION.sub("><", view["arch"])
            shown.update(_FIELD.findall(view["arch"]))
        for model, content in result["models"].items():
            unused = {"groups", *(_UNUSED if is_form else ())} - ({"sortable"} if model != self._name else set())
            content["fields"] = {
                name: {key: value for key, value in description.items() if value and key not in unused}
                for name, description in content["fields"].items()
                if not is_form or name in shown
            }
        return result
