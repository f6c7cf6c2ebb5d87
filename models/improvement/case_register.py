from odoo import api, fields, models

from ...tools import table_workbook

#: cases that are read at a time
BATCH = 2000


class CaseRegister(models.Model):
    """The register of cases ("matriz de PQRS") as a workbook: what the reader may see, whatever its size."""

    _inherit = "sig.pqrs"

    @api.model
    def _get_register_columns(self):
        """``[(column, name of the field)]``, in the order of the sheet; see `_get_register_value`."""
        column = table_workbook.TableColumn
        return [
            (column(self._fields[name]._description_string(self.env), kind, width), name)
            for name, kind, width in (
                ("name", "text", 18),
                ("type_id", "text", 22),
                ("reason_id", "text", 24),
                ("channel", "text", 16),
                ("subject", "text", 44),
                ("client_id", "text", 28),
                ("site", "text", 22),
                ("city", "text", 16),
                ("process_ids", "text", 26),
                ("priority", "text", 12),
                ("date_received", "datetime", 17),
                ("date_deadline", "date", 12),
                ("date_legal", "date", 12),
                ("date_answered", "datetime", 17),
                ("response_days", "integer", 10),
                ("state", "text", 14),
                ("deadline_state", "text", 24),
                ("outcome", "text", 16),
                ("resolution", "text", 22),
                ("rating_value", "integer", 10),
                ("company_id", "text", 24),
            )
        ]

    def _write_case_register(self):
        """The register of these cases, an XLSX, in their order. Memory does not grow with them.

        :raises AccessError: for cases that the user may not read.
        """
        self.check_access("read")
        columns = self._get_register_columns()
        return table_workbook.write("PQRS", [column for column, _name in columns], self._iter_register_rows(columns))

    def _iter_register_rows(self, columns):
        names = [name for _column, name in columns]
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in names
            if self._fields[name].type == "selection"
        }
        zones = {company: company.sudo()._sig_local for company in self.company_id}
        for start in range(0, len(self), BATCH):
            batch = self.browse(self.ids[start : start + BATCH])
            batch.fetch(names)
            for case in batch:
                yield [self._get_register_value(case, name, labels, zones) for name in names]
            batch.invalidate_recordset(flush=False)

    @api.model
    def _get_register_value(self, case, name, labels, zones):
        value, kind = case[name], self._fields[name].type
        if kind == "selection":
            return labels[name].get(value)
        if kind in ("many2one", "many2many"):
            return ", ".join(value.sudo().mapped("display_name"))
        if kind == "datetime":
            return value and zones[case.company_id](value).replace(tzinfo=None)
        if name in ("response_days", "rating_value"):
            return value or None
        return value

    def action_export_register(self):
        """Download the register of the selected cases, or of all that the user reads."""
        cases = self or self.search([])
        day = fields.Date.to_string(self.env.company.sudo()._sig_today())
        return self.env["sig.workbook"]._offer(f"matriz-pqrs-{day}.xlsx", cases._write_case_register())
