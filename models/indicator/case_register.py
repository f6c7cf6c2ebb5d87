from collections import Counter
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools.report_workbook import Chart, Field, Sheet, write_report

#: cases that are read at a time
BATCH = 2000

#: bars of a chart at most, the largest: the table beside it has the others
BARS = 15


#: ``(field, kind, width)`` of the first sheet
COLUMNS = (
    *(("name", "line", 18), ("type_id", "line", 30), ("reason_id", "line", 34), ("channel", "line", 19)),
    *(("subject", "line", 44), ("client_id", "line", 28), ("site", "line", 22), ("city", "line", 16)),
    *(("process_ids", "line", 26), ("priority", "line", 10), ("date_received", "datetime", 17)),
    *(("date_deadline", "date", 12), ("date_legal", "date", 12), ("date_answered", "datetime", 17)),
    *(("response_days", "whole", 10), ("state", "line", 14), ("deadline_state", "line", 24), ("outcome", "line", 16)),
    *(("resolution", "line", 22), ("rating_value", "whole", 10), ("company_id", "line", 24)),
)

#: ``{field: kind of chart}`` of the second sheet
CHARTS = {"date_received": "column", "type_id": "bar", "process_ids": "bar", "state": "bar", "deadline_state": "bar"}


class CaseRegister(models.AbstractModel):
    """The register of cases (“matriz de PQRS”) as a workbook of what the reader may see, in constant memory."""

    _name = "sig.case.register"
    _description = "Register of Cases"

    @property
    def _case_fields(self):
        return self.env["sig.pqrs"]._fields

    @api.model
    def _get_columns(self):
        """``[(Field, name of the field)]``"""
        fields_ = self._case_fields
        return [
            (Field(fields_[name]._description_string(self.env), kind, width), name) for name, kind, width in COLUMNS
        ]

    @api.model
    def _write_register(self, cases):
        """XLSX; see `docs/indicators.md`."""
        if cases.with_context(active_test=False).search_count([("id", "in", cases.ids)]) != len(cases):
            cases.check_access("read")
        return write_report(self._iter_sheets(cases))

    @api.model
    def _iter_sheets(self, cases):
        columns = self._get_columns()
        counts = {name: Counter() for name in CHARTS}
        # The counts of the second sheet are complete once the rows of the first are written.
        yield Sheet("PQRS", [column for column, _name in columns], self._iter_rows(cases, columns, counts), plain=True)
        yield self._get_chart_sheet(counts)

    @api.model
    def _iter_rows(self, cases, columns, counts):
        """Rows of the table. Adds to ``counts``, ``{field: Counter}``."""
        names = [name for _column, name in columns]
        wanted = {*names, *counts}
        labelled = [name for name in names if self._case_fields[name].type in ("selection", "many2one", "many2many")]
        for start in range(0, len(cases), BATCH):
            rows = self._read_values(cases[start : start + BATCH], wanted)
            self._localize(rows, wanted)
            for name, counter in counts.items():
                counter.update(key for row in rows for key in self._get_keys(row[name]))
            labels = {
                name: self._name_values(name, {key for row in rows for key in self._get_keys(row[name])})
                for name in labelled
            }
            for row in rows:
                yield [self._get_cell(name, row, labels) for name in names]

    @api.model
    def _get_cell(self, name, row, labels):
        if name in labels:
            return ", ".join(labels[name][key] for key in self._get_keys(row[name]) if key)
        if name == "response_days":
            return row[name] if row["date_answered"] else None
        return row[name] or None

    @api.model
    def _read_values(self, cases, names):
        """``[{name: value}]`` in the order of the cases. Columns are read by one query, without caching records."""
        fnames = [
            name
            for name in {*names, "company_id", "date_answered"}
            if (field := self._case_fields[name]).store and field.column_type and not field.translate
        ]
        query = cases._as_query(ordered=False)
        columns = [cases._field_to_sql(cases._table, name, query) for name in ("id", *fnames)]
        found = {}
        for id_, *values in self.env.execute_query(query.select(*columns)):
            found[id_] = dict(zip(fnames, values, strict=True))
        for row in cases.read([name for name in names if name not in fnames], load=None):
            found[row["id"]].update(row)
        cases.invalidate_recordset(flush=False)
        return [found[id_] for id_ in cases._ids]

    @api.model
    def _localize(self, rows, names):
        moments = [name for name in names if self._case_fields[name].type == "datetime"]
        companies = self.env["res.company"].sudo().browse({row["company_id"] for row in rows})
        local = {company.id: company._sig_local for company in companies}
        for row in rows:
            for name in moments:
                row[name] = row[name] and local[row["company_id"]](row[name]).replace(tzinfo=None)

    # -- Charts -----------------------------------------------------------------------------------------------------

    @api.model
    def _get_keys(self, value):
        """What a value counts as: a date as its month, several records each, none as one without data."""
        if isinstance(value, datetime):
            return [value.date().replace(day=1)]
        return (value or [False]) if isinstance(value, list | tuple) else [value]

    @api.model
    def _get_chart_sheet(self, counts):
        rows, charts = [], []
        for name, counter in counts.items():
            title = self._case_fields[name]._description_string(self.env)
            if self._case_fields[name].type == "datetime":
                title = self.env._("Received, by month")
            named = self._name_counts(name, counter)
            first, shown = len(rows), named[:BARS] if CHARTS[name] == "bar" else named
            rows += [[title, label, number] for label, number in named]
            charts.append(Chart(CHARTS[name], title, 1, (2,), first, first + len(shown) - 1))
        heads = [
            Field(self.env._("Counted by"), "line", 26),
            Field(self.env._("Value"), "line", 34),
            Field("PQRS", "whole", 10),
        ]
        return Sheet(self.env._("Charts"), heads, rows, charts=charts)

    @api.model
    def _name_counts(self, name, counter):
        """``[(label, number)]``: months in order, other values by frequency."""
        if self._case_fields[name].type == "datetime":
            return [(format_date(self.env, month, date_format="MMM yyyy"), counter[month]) for month in sorted(counter)]
        labels = self._name_values(name, counter)
        return sorted(((labels[value], number) for value, number in counter.items()), key=lambda row: (-row[1], row[0]))

    @api.model
    def _name_values(self, name, values):
        """``{value: label}`` of a field of cases; empty and deleted values are “without data”.

        :param values: of a relational field ids, also as texts.
        """
        field = self._case_fields[name]
        if field.relational:
            known = self.env[field.comodel_name].sudo().with_context(active_test=False)
            ids = {value: int(value) for value in values if value}
            found = {record.id: record.display_name for record in known.browse(set(ids.values())).exists()}
            names = {value: found.get(id_) for value, id_ in ids.items()}
        else:
            names = dict(field._description_selection(self.env))
        missing = self.env._("Without data")
        return {value: names.get(value) or missing for value in values}


class PqrsRegister(models.Model):
    _inherit = "sig.pqrs"

    def action_export_register(self):
        cases = self or self.search([])  # pylint: disable=no-search-all  # read in batches
        day = fields.Date.to_string(self.env.company._sig_today())
        content = self.env["sig.case.register"]._write_register(cases)
        return self.env["sig.workbook"]._offer(f"matriz-pqrs-{day}.xlsx", content)
