from odoo import api, fields, models

from ...tools.report_workbook import Field, Sheet, write_report

#: cases that are read at a time
BATCH = 2000


class CaseRegister(models.Model):
    """The register of cases ("matriz de PQRS") as a workbook: what the reader may see, whatever its size."""

    _inherit = "sig.pqrs"

    @api.model
    def _get_register_columns(self):
        """``[(column, name of the field)]``, in the order of the sheet; see `_get_register_value`."""
        return [
            (Field(self._fields[name]._description_string(self.env), kind, width), name)
            for name, kind, width in (
                ("name", "line", 18),
                ("type_id", "line", 22),
                ("reason_id", "line", 24),
                ("channel", "line", 16),
                ("subject", "line", 44),
                ("client_id", "line", 28),
                ("site", "line", 22),
                ("city", "line", 16),
                ("process_ids", "line", 26),
                ("priority", "line", 12),
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

    def _write_case_register(self):
        """The register of these cases, an XLSX, in their order. Memory does not grow with them.

        :raises AccessError: for cases that the user may not read.
        """
        self.check_access("read")
        columns = self._get_register_columns()
        return write_report(
            [Sheet("PQRS", [column for column, _name in columns], self._iter_register_rows(columns), plain=True)]
        )

    def _iter_register_rows(self, columns):
        names = [name for _column, name in columns]
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in names
            if self._fields[name].type == "selection"
        }
        zones = {company.id: company.sudo()._sig_local for company in self.company_id}
        ids, known = self.ids, {}
        for start in range(0, len(ids), BATCH):
            batch = self.browse(ids[start : start + BATCH])
            rows = batch.read(names, load=None)
            self._name_records(rows, names, known)
            for row in rows:
                yield [self._get_register_value(row, name, labels, known, zones) for name in names]
            batch.invalidate_recordset(flush=False)

    @api.model
    def _name_records(self, rows, names, known):
        """Add to ``known``, ``{model: {id: name}}``, what the rows refer to."""
        for name in names:
            field = self._fields[name]
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
    def _get_register_value(self, row, name, labels, known, zones):
        value, field = row[name], self._fields[name]
        if field.type == "selection":
            return labels[name].get(value)
        if field.relational:
            return ", ".join(known[field.comodel_name][id_] for id_ in self._as_ids(value))
        if field.type == "datetime":
            return value and zones[row["company_id"]](value).replace(tzinfo=None)
        if name == "response_days":
            return value if row["date_answered"] else None
        if name == "rating_value":
            return value or None
        return value

    def action_export_register(self):
        """Download the register of the selected cases, or of all that the user reads."""
        cases = self or self.search([])  # pylint: disable=no-search-all
        day = fields.Date.to_string(self.env.company.sudo()._sig_today())
        return self.env["sig.workbook"]._offer(f"matriz-pqrs-{day}.xlsx", cases._write_case_register())
