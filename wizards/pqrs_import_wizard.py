import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import import_workbook
from .pqrs_import_columns import make_template
from .pqrs_import_reader import HistoryReader

#: faults that the dialog lists
SHOWN = 500


class PqrsImportWizard(models.TransientModel):
    """Cases of the past from a spreadsheet: template, dry run, and import, all or nothing."""

    _name = "sig.pqrs.import.wizard"
    _description = "Import PQRS of the Past"
    _inherit = ["sig.output.mixin"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    file = fields.Binary("Spreadsheet")
    filename = fields.Char()
    checked = fields.Char(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    case_count = fields.Integer("Correct rows", readonly=True)
    fault_count = fields.Integer("Errors", readonly=True)
    ignored = fields.Char("Columns that are not read", readonly=True)
    line_ids = fields.One2many("sig.pqrs.import.wizard.line", "wizard_id", "Errors found", readonly=True)

    def action_download_template(self):
        self.ensure_one()
        return self.env["sig.workbook"]._offer(f"{self.env._('PQRS to import')}.xlsx", make_template(self.env))

    def action_check(self):
        self.ensure_one()
        self._check_file()
        return self._reopen()

    def action_import(self):
        """Import the checked file in one transaction, and show its cases: all rows, or none while one has an error."""
        self.ensure_one()
        checked = self.checked
        reader, cases, digest = self._check_file()
        if checked != self.checked or reader.faults:
            return self._reopen()
        name = self.filename or self.env._("a file")
        self.env["sig.pqrs.import"]._import(cases, digest, name)
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_pqrs_all")
        shown = {"name": self.env._("Imported from %s", name), "domain": [("import_source", "=", digest)]}
        return {**action, **shown, "context": {}}

    def _check_file(self):
        """Read the file, store what was found, and return the reader, the correct cases and the digest of the file."""
        if self.company_id not in self.env.user.company_ids:
            raise UserError(self.env._("You do not work in that company."))
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if not content:
            raise UserError(self.env._("Choose the file with the cases."))
        reader = HistoryReader(self.env, self.company_id)
        try:
            cases = reader.read_cases(content)
        except import_workbook.WorkbookError as error:
            raise UserError(self._get_file_refusal(error)) from error
        digest = hashlib.sha256(content).hexdigest()
        self.line_ids.unlink()
        faults = sorted(reader.faults, key=lambda fault: fault.row)
        self.write(
            {
                "checked": f"{digest} {self.company_id.id}",
                "row_count": reader.row_count,
                "case_count": len(cases),
                "fault_count": len(faults),
                "ignored": ", ".join(reader.ignored) or False,
                "line_ids": [fields.Command.create(fault._asdict()) for fault in faults[:SHOWN]],
            }
        )
        return reader, cases, digest

    def _get_file_refusal(self, error):
        return {
            "too_large": self.env._("The file is too large, as it is or unpacked: split it."),
            "too_many_rows": self.env._("The file has too many rows: %s at most. Split it.", import_workbook.MAX_ROWS),
            "old_excel": self.env._("This is a file of an old Excel. Save it as .xlsx."),
            "not_a_workbook": self.env._("This is not a spreadsheet: choose an .xlsx."),
            "damaged": self.env._(
                "This spreadsheet cannot be read. Open it, save it again as .xlsx, and try once more."
            ),
        }[error.args[0]]

    def _reopen(self):
        return self._get_records_action(target="new", name=self.env._("Import PQRS of the past"), context={})


class PqrsImportWizardLine(models.TransientModel):
    _name = "sig.pqrs.import.wizard.line"
    _description = "Error in a Row to Import"
    _inherit = ["sig.output.mixin"]
    _order = "row, id"

    wizard_id = fields.Many2one("sig.pqrs.import.wizard", required=True, ondelete="cascade")
    row = fields.Integer()
    column = fields.Char()
    value = fields.Char()
    message = fields.Text("What is wrong")
