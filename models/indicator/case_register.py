from odoo import api, fields, models

from ...tools.report_workbook import Field, Sheet, write_report

#: cases that are read at a time
BATCH = 2000

#: ``(field, kind, width)``
COLUMNS = (
    *(("name", "line", 18), ("type_id", "line", 30), ("reason_id", "line", 34), ("channel", "line", 19)),
    *(("subject", "line", 44), ("client_id", "line", 28), ("site", "line", 22), ("city", "line", 16)),
    *(("process_ids", "line", 26), ("priority", "line", 10), ("date_received", "datetime", 17)),
    *(("date_deadline", "date", 12), ("date_legal", "date", 12), ("date_answered", "datetime", 17)),
    *(("response_days", "whole", 10), ("state", "line", 14), ("deadline_state", "line", 24), ("outcome", "line", 16)),
    *(("resolution", "line", 22), ("rating_value", "whole", 10), ("company_id", "line", 24)),
)


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
        columns = self._get_columns()
        rows = self._iter_rows(cases, [name for _column, name in columns])
        return write_report([Sheet("PQRS", [column for column, _name in columns], rows, plain=True)])

    @api.model
    def _iter_rows(self, cases, names):
        labelled = [name for name in names if self._case_fields[name].type in ("selection", "many2one", "many2many")]
        for start in range(0, len(cases), BATCH):
            batch = cases[start : start + BATCH]
            rows = batch.read([*names, "company_id"], load=None)
            batch.invalidate_recordset(flush=False)  # memory stays flat
            self._localize(rows, names)
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
    def _localize(self, rows, names):
        moments = [name for name in names if self._case_fields[name].type == "datetime"]
        companies = self.env["res.company"].sudo().browse({row["company_id"] for row in rows})
        local = {company.id: company._sig_local for company in companies}
        for row in rows:
            for name in moments:
                row[name] = row[name] and local[row["company_id"]](row[name]).replace(tzinfo=None)

    @api.model
    def _get_keys(self, value):
        """Several records each, none as one without data."""
        return (value or [False]) if isinstance(value, list | tuple) else [value]

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
