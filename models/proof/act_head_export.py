import hashlib
import re

from odoo import api, fields, models

#: line of a case; some imported numbers have blanks: `evidence_check` passes over those
_HEAD = re.compile(r"^(.+) (\d+) ([0-9a-f]{64})$", re.MULTILINE)


class ActHeadExport(models.Model):
    """A file with the heads of the chains of acts of a company, which the daily review exports.

    Each file names the SHA-256 of the one before. The digest of the SIG and the monthly report print that of the last
    one. Recipients of them can prove later tampering: no act can be changed, inserted or removed without another head.
    Files of before version 19.0.1.5.0 were mailed to management.
    """

    _name = "sig.act.head.export"
    _description = "Heads of the Acts of a Day"
    _inherit = ["sig.files.mixin"]
    _order = "id desc"
    _rec_name = "date"
    _sig_is_proof = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    act_count = fields.Integer("Acts", readonly=True)
    head_count = fields.Integer("Heads", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True, exportable=False)
    attachment_id = fields.Many2one("ir.attachment", "Exported file", readonly=True)
    last_act = fields.Integer(aggregator=None, readonly=True, exportable=False)

    _date_unique = models.UniqueIndex("(company_id, date)", "The heads of that day were kept already.")

    @api.model
    def _export_heads(self, company):
        """Once a day. A transaction open at the last export may have committed acts with lower ids since: the file
        lists the cases that changed after the export before the last.
        """
        today = company._sig_today()
        localized = self._sig_in_language_of(company)
        of_company = [("company_id", "=", company.id)]
        if localized.search_count([*of_company, ("date", "=", today)], limit=1):
            return
        known = localized.search(of_company, limit=2)
        Case, Act = self.env["sig.pqrs"], self.env["sig.pqrs.act"]
        [(cases, acts)] = Case._read_group(of_company, [], ["__count", "act_number:sum"])
        if not cases:
            return
        export = localized.create(
            {
                "company_id": company.id,
                "date": today,
                "case_count": cases,
                "act_count": acts,
                "last_act": Act.search([], order="id desc", limit=1).id,
            }
        )
        moved = [*of_company, ("act_ids", "any", [("id", ">", known[1:].last_act)])]
        export._store_file(Case.search_fetch(moved, ["name", "act_number", "act_head"], order="id"), known[:1].digest)

    def _store_file(self, cases, previous):
        """Store the heads of cases as `verify_evidence --heads` reads them."""
        lines = [
            self.env._("Heads of the acts of the PQRS of %s", self.company_id.name),
            self.env._("Date: %s", self.date),
            self.env._("Cases: %(cases)s. Acts: %(acts)s.", cases=self.case_count, acts=self.act_count),
            self.env._("SHA-256 of the file before: %s", previous or "—"),
            "",
            *(f"{case.name} {case.act_number} {case.act_head}" for case in cases),
            "",
        ]
        content = "\n".join(lines).encode()
        name, digest = f"sellos-{self.date}.txt", hashlib.sha256(content).hexdigest()
        file = self.env["ir.attachment"]._sig_create_for(self, name, content, mimetype="text/plain")
        self.write({"head_count": len(cases), "digest": digest, "attachment_id": file.id})

    @api.model
    def _get_last(self, company):
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    @api.model
    def _read_heads(self, company):
        """The last exported head of each chain of a company.

        :return: ``{filing number: (number of the act, digest)}``, and the names of altered files.
        """
        heads, altered = {}, []
        for export in self.search([("company_id", "=", company.id)], order="id"):
            file = export.attachment_id
            content = file.raw or b""
            if hashlib.sha256(content).hexdigest() == export.digest:
                found = _HEAD.findall(content.decode())
                heads.update((name, (int(number), digest)) for name, number, digest in found)
            else:
                altered.append(file.name or f"sellos-{export.date}.txt")
        return heads, altered
