from collections import Counter

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools.report_workbook import Chart, Field, Sheet, write_report

#: cases that are read at a time
BATCH = 2000

#: bars of a chart at most, the largest: the table beside it has the others
BARS = 15


class CaseRegister(models.AbstractModel):
    """The register of cases ("matriz de PQRS") as a workbook: what the reader may see, whatever its size."""

    _name = "sig.case.register"
    _description = "Register of Cases"

    @property
    def _case_fields(self):
        return self.env["sig.pqrs"]._fields

    @api.model
    def _get_columns(self):
        """``[(column, name of the field)]``, in the order of the sheet; see `_get_maker`."""
        return [
            (Field(self._case_fields[name]._description_string(self.env), kind, width), name)
            for name, kind, width in (
                ("name", "line", 18),
                ("type_id", "line", 30),
                ("reason_id", "line", 34),
                ("channel", "line", 19),
                ("subject", "line", 44),
                ("client_id", "line", 28),
                ("site", "line", 22),
                ("city", "line", 16),
                ("process_ids", "line", 26),
                ("priority", "line", 10),
                ("date_received", "datetime", 17),
                ("date_deadline", "date", 12),
                ("date_legal", "date", 12),
                ("date_answered", "datetime", 17),
                ("response_days", "whole", 10),
                ("state", "line", 14),
                ("deadline_state", "line", 24),
                ("outcome", "line", 16),
                ("resolution", "line", 22),
                ("rating_value", "whole", 10),
                ("company_id", "line", 24),
            )
        ]

    @api.model
    def _get_charts(self):
        """``[(field, kind of the chart)]`` of what the second sheet counts the cases by."""
        return [
            *(("date_received", "column"), ("type_id", "bar"), ("process_ids", "bar")),
            *(("state", "bar"), ("deadline_state", "bar")),
        ]

    @api.model
    def _write_register(self, cases):
        """The register of some cases, an XLSX, in their order: their table, and charts of it. Memory does not grow.

        :raises AccessError: for cases that the user may not read.
        """
        if cases.with_context(active_test=False).search_count([("id", "in", cases.ids)]) != len(cases):
            cases.check_access("read")
        return write_report(self._iter_sheets(cases))

    @api.model
    def _iter_sheets(self, cases):
        columns = self._get_columns()
        counts, known = {name: Counter() for name, _kind in self._get_charts()}, {}
        # The rows are counted as the first sheet is written: that of the charts is made after it.
        rows = self._iter_rows(cases, columns, counts, known)
        yield Sheet("PQRS", [column for column, _name in columns], rows, plain=True)
        yield self._get_chart_sheet(counts, known)

    @api.model
    def _iter_rows(self, cases, columns, counts, known):
        """The rows of the table.

        What the charts count is added to ``counts``, ``{field: Counter}``, and what the cases refer to, to ``known``,
        ``{model: {id: name}}``.
        """
        names = [name for _column, name in columns]
        wanted = {*names, *counts}
        makers = [self._get_maker(name, known) for name in names]
        for start in range(0, len(cases), BATCH):
            rows = self._read_values(cases[start : start + BATCH], wanted)
            self._localize(rows, wanted)
            self._name_records(rows, wanted, known)
            for name, counter in counts.items():
                counter.update(self._get_keys(name, rows))
            for row in rows:
                yield [make(row[name], row) for name, make in zip(names, makers, strict=True)]

    @api.model
    def _read_values(self, cases, names):
        """``[{name: value}]`` of some cases, in their order.

        Columns are read by one query, and leave no records in memory; what is no column, as always.
        """
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
        """Put the moments of the rows, in place, on the clock of the company of each."""
        moments = [name for name in names if self._case_fields[name].type == "datetime"]
        companies = self.env["res.company"].sudo().browse({row["company_id"] for row in rows})
        local = {company.id: company._sig_local for company in companies}
        for row in rows:
            for name in moments:
                row[name] = row[name] and local[row["company_id"]](row[name]).replace(tzinfo=None)

    @api.model
    def _name_records(self, rows, names, known):
        """Add to ``known``, ``{model: {id: name}}``, what the rows refer to."""
        for name in names:
            field = self._case_fields[name]
            if not field.relational:
                continue
            found = known.setdefault(field.comodel_name, {})
            ids = {id_ for row in rows for id_ in self._as_ids(row[name])}.difference(found)
            for record in self.env[field.comodel_name].sudo().browse(ids):
                found[record.id] = record.display_name

    @api.model
    def _as_ids(self, value):
        return value if isinstance(value, list | tuple) else [value] if value else []

    @api.model
    def _get_maker(self, name, known):
        """A function of the value of a field, and of its row, that makes its cell."""
        field = self._case_fields[name]
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return lambda value, _row: labels.get(value)
        if field.type == "many2one":
            found = known.setdefault(field.comodel_name, {})
            return lambda value, _row: found.get(value)
        if field.relational:
            found = known.setdefault(field.comodel_name, {})
            return lambda value, _row: ", ".join(found[id_] for id_ in value)
        if name == "response_days":
            return lambda value, row: value if row["date_answered"] else None
        if name == "rating_value":
            return lambda value, _row: value or None
        return lambda value, _row: value

    # -- Charts -----------------------------------------------------------------------------------------------------

    @api.model
    def _get_keys(self, name, rows):
        """What the charts count rows by: each value of a field, and of a date its local month."""
        field = self._case_fields[name]
        if field.type == "datetime":
            return [row[name].date().replace(day=1) for row in rows if row[name]]
        if field.relational:
            return [id_ for row in rows for id_ in self._as_ids(row[name]) or (False,)]
        return [row[name] for row in rows]

    @api.model
    def _get_chart_sheet(self, counts, known):
        """A table of the counts by each dimension, and a chart of each; see `_iter_rows`."""
        kinds = dict(self._get_charts())
        rows, charts = [], []
        for name, counter in counts.items():
            title = self._case_fields[name]._description_string(self.env)
            if self._case_fields[name].type == "datetime":
                title = self.env._("Received, by month")
            named = self._name_counts(name, counter, known)
            first, shown = len(rows), named[:BARS] if kinds[name] == "bar" else named
            rows += [[title, label, number] for label, number in named]
            charts.append(Chart(kinds[name], title, 1, (2,), first, first + len(shown) - 1))
        heads = [
            Field(self.env._("Counted by"), "line", 26),
            Field(self.env._("Value"), "line", 34),
            Field("PQRS", "whole", 10),
        ]
        return Sheet(self.env._("Charts"), heads, rows, charts=charts)

    @api.model
    def _name_counts(self, name, counter, known):
        """``[(label, number)]``: months in their order, anything else from the most frequent on."""
        field = self._case_fields[name]
        if field.type == "datetime":
            return [(format_date(self.env, month, date_format="MMM yyyy"), counter[month]) for month in sorted(counter)]
        labels = known.get(field.comodel_name, {}) if field.relational else dict(field._description_selection(self.env))
        missing = self.env._("Without data")
        return sorted(
            ((labels.get(value) or missing, number) for value, number in counter.items()),
            key=lambda row: (-row[1], row[0]),
        )


class PqrsRegister(models.Model):
    _inherit = "sig.pqrs"

    def action_export_register(self):
        """Download the register of the selected cases, or of all that the user reads."""
        cases = self or self.search([])  # pylint: disable=no-search-all  # read in batches
        day = fields.Date.to_string(self.env.company._sig_today())
        content = self.env["sig.case.register"]._write_register(cases)
        return self.env["sig.workbook"]._offer(f"matriz-pqrs-{day}.xlsx", content)
