import functools

from odoo import fields, models

from ...tools.report_workbook import Field, Sheet, write_report
from .. import clock

#: cases that are read at a time
BATCH = 2000

#: ``(field, kind, width)``
COLUMNS = (
    ("name", "line", 18), ("type_id", "line", 30), ("reason_id", "line", 34), ("channel", "line", 19),
    ("subject", "line", 44), ("client_id", "line", 28), ("site", "line", 22), ("city", "line", 16),
    ("petitioner", "line", 28), ("process_ids", "line", 26), ("assignment_ids", "line", 26),
    ("severity", "line", 12), ("priority", "line", 10), ("date_received", "datetime", 17),
    ("date_deadline", "date", 12), ("date_legal", "date", 12), ("date_answered", "datetime", 17),
    ("response_days", "whole", 10), ("state", "line", 14), ("deadline_state", "line", 24), ("outcome", "line", 16),
    ("resolution", "line", 22), ("rating_value", "whole", 10), ("company_id", "line", 24),
)  # fmt: skip


class CaseRegister(models.AbstractModel):
    """The register of cases (“matriz de PQRS”) as a workbook of what the reader may see, in constant memory."""

    _name = "sig.case.register"
    _description = "Register of Cases"

    def _write_register(self, cases):
        if cases.with_context(active_test=False).search_count([("id", "in", cases.ids)]) != len(cases):
            cases.check_access("read")
        missing = self.env._("Without data")
        [[companies]] = cases._read_group([("id", "in", cases.ids)], aggregates=["company_id:recordset"])
        company = companies if len(companies) == 1 else self.env.company
        moment = company._sig_format_moment(clock.now(), brief=True)

        @functools.cache
        def tell(model, ids):
            return ", ".join(self.env[model].sudo().browse(ids).mapped("display_name")) or missing

        columns = []
        for name, kind, width in COLUMNS:
            field, heading = cases._fields[name], self.env._("Responsible") if name == "assignment_ids" else ""
            heading = heading or field._description_string(self.env)
            columns.append((Field(heading, kind, width), self._get_reader(field, companies, tell, missing)))
        cut = self.env._("Cut: %(moment)s. Cases: %(cases)s.", moment=moment, cases=len(cases))
        several = [", ".join(companies.mapped("name"))] if len(companies) > 1 else []
        letterhead = self.env["sig.workbook"]._get_letterhead("register", company, cut, *several)
        return write_report([Sheet.of("PQRS", columns, self._iter_cases(cases), plain=True)], letterhead)

    def _iter_cases(self, cases):
        names = [name for name, _kind, _width in COLUMNS if name != "assignment_ids"]
        Assignment = self.env["sig.pqrs.assignment"].sudo()  # the caller may read the cases
        for start in range(0, len(cases), BATCH):
            batch = cases.browse(cases.ids[start : start + BATCH])
            current = [("pqrs_id", "in", batch.ids), ("is_current", "=", True)]
            users = dict(Assignment._read_group(current, ["pqrs_id"], ["user_id:recordset"]))
            for case, row in zip(batch, batch.sudo().read(names), strict=True):
                yield {**row, "assignment_ids": users[case]._ids if case in users else ()}
            batch.invalidate_recordset(flush=False)  # memory stays flat

    def _get_reader(self, field, companies, tell, missing):
        name = field.name
        if field.type == "many2one":
            return lambda row: row[name][1] if row[name] else missing
        if field.relational:
            model = "res.users" if name == "assignment_ids" else field.comodel_name
            return lambda row: tell(model, tuple(row[name]))
        if field.type == "selection":
            labels = self.env["sig.pqrs"]._get_choices(name)
            return lambda row: labels.get(row[name], missing)
        if field.type == "datetime":
            zones = {company.id: company._sig_zone() for company in companies}
            return lambda row: row[name] and zones[row["company_id"][0]].fromutc(row[name]).replace(tzinfo=None)
        return lambda row: row[name] or (0 if name == "response_days" and row["date_answered"] else None)

    def _name_values(self, name, values):
        """``{value: label}`` of a field of cases; empty and deleted values are said to be so.

        :param values: of a relational field ids, also as texts.
        """
        field = self.env["sig.pqrs"]._fields[name]
        if field.relational:
            known = self.env[field.comodel_name].sudo().with_context(active_test=False)
            ids = {value: int(value) for value in values if value}
            found = {record.id: record.display_name for record in known.browse(set(ids.values())).exists()}
            names = {value: found.get(id_) for value, id_ in ids.items()}
        elif field.type == "selection":
            names = self.env["sig.pqrs"]._get_choices(name)
        else:
            names = {value: value for value in values}
        missing = self.env._("Without a process") if name == "process_ids" else self.env._("Without data")
        return {value: names.get(value) or missing for value in values}


class PqrsRegister(models.Model):
    _inherit = "sig.pqrs"

    def action_export_register(self):
        cases = self or self.search([])  # pylint: disable=no-search-all  # read in batches
        day = fields.Date.to_string(self.env.company._sig_today())
        content = self.env["sig.case.register"]._write_register(cases)
        return self.env["sig.workbook"]._offer(f"matriz-pqrs-{day}.xlsx", content)
