import hashlib
import json
import tempfile
import zipfile
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...tools import evidence
from ...tools.report_workbook import Field, Sheet, write_report
from .. import clock

#: how long the file can be downloaded; the record stays
RETENTION = timedelta(days=7)


class PersonExport(models.Model):
    """The personal data of one person, as they were handed over: the proof that a query was attended to."""

    _name = "sig.person.export"
    _description = "Personal Data Handed Over"
    _inherit = ["sig.files.mixin", "sig.thread.mixin"]
    _order = "id desc"
    _rec_name = "person"
    _sig_is_proof = True
    _mail_post_access = "read"
    _sig_keeps_messages = True  # who downloaded it

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    person = fields.Char("Of whom", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True, index="btree_not_null", ondelete="set null")
    request_id = fields.Many2one(
        "sig.pqrs", "Query", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True
    )
    reason = fields.Text("Why, and how the identity was checked", readonly=True)
    user_id = fields.Many2one("res.users", "Made by", required=True, readonly=True)
    date = fields.Datetime("Handed over on", required=True, readonly=True)
    case_ids = fields.Many2many(
        "sig.pqrs", "sig_person_export_case_rel", string="Cases", readonly=True, copy=False, check_company=True
    )
    recipient_ids = fields.Many2many("sig.survey.recipient", string="Surveys", readonly=True, check_company=True)
    mail_ids = fields.Many2many("sig.pqrs.mail", string="Mails not filed", readonly=True, check_company=True)
    case_count = fields.Integer("PQRS", readonly=True)
    file_count = fields.Integer("Files", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True, exportable=False)
    attachment_id = fields.Many2one("ir.attachment", "File handed over", readonly=True, groups=fields.NO_ACCESS)
    is_kept = fields.Boolean("File kept", compute="_compute_is_kept", compute_sudo=True)
    is_of_another = fields.Boolean("Of somebody else than who asks", readonly=True)

    @api.depends("attachment_id")
    def _compute_is_kept(self):
        for export in self:
            export.is_kept = export.attachment_id

    @api.model
    def _make(self, person, held, request, reason):
        """Write the personal data of a person into a ZIP, and record it; see `_check_asked` of `sig.person.data`."""
        Data = self.env["sig.person.data"]
        company = self.env.company
        reason = (reason or "").strip()
        of_another = Data._check_asked(company, person, held, request, reason)
        cases, recipients = held.cases.sorted(lambda case: (case.date_received, case.id)), held.recipients.sorted("id")
        sections = Data._collect(company, person, held._replace(cases=cases, recipients=recipients))
        if not sections:
            raise UserError(self.env._("Nothing is held on this person in %s.", company.name))
        export = self.sudo().create(
            {
                "company_id": company.id,
                "person": Data._mask(person),
                "partner_id": person.partner.id,
                "request_id": request.id,
                "reason": reason,
                "is_of_another": of_another,
                "user_id": self.env.uid,
                "date": clock.now(),
                "case_ids": [Command.set(cases.ids)],
                "recipient_ids": [Command.set(recipients.ids)],
                "mail_ids": [Command.set(held.mails.ids)],
                "case_count": len(cases),
                "file_count": sum(len(section.members) for section in sections),
            }
        )
        content = self._write_zip(sections, export)
        name = f"{evidence.safe_name(self.env._('Personal data'))} {company._sig_today()}.zip"
        # The content of a field that nobody reads: only the route that logs the download hands it over.
        kind = {"mimetype": "application/zip", "res_field": "attachment_id"}
        export.attachment_id = export.env["ir.attachment"]._sig_create_for(export, name, content, **kind)
        export.digest = hashlib.sha256(content).hexdigest()
        if request:
            data = {"export": export.id, "sha256": export.digest, **({"of_another": True} if of_another else {})}
            note = reason if of_another else ""
            self.env["sig.pqrs.act"]._append(request, "data_exported", note, data=data)
        for records in (cases, export.recipient_ids):
            records._touch_rows("anonymized_on")  # no export outlives an anonymization at the same time
        return self.browse(export.id)

    @api.model
    def _write_zip(self, sections, export):
        company = self.env.company
        moment = company._sig_local(export.date).replace(tzinfo=None)
        about = {"company": company.name, "date": str(moment), "person": export.person}
        tables = {
            section.code: [dict(zip(section.headings, row, strict=True)) for row in section.rows]
            for section in sections
        }
        date_text = company._sig_format_moment(export.date, brief=True)
        intro = (
            self.env._("Personal data held by %(company)s on %(date)s", company=company.name, date=date_text),
            self.env._(
                "You may ask that they be corrected, updated or deleted, and revoke your consent (Ley 1581 de "
                "2012, art. 8). Data that a law or a contract asks to keep are not deleted before its time."
            ),
        )
        sheets = [
            Sheet(section.title, [Field(heading, width=30) for heading in section.headings], section.rows, intro)
            for section in sections
        ]
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("datos.xlsx", write_report(sheets))
                archive.writestr("datos.json", json.dumps({**about, "data": tables}, ensure_ascii=False, indent=1))
                for path, attachment in (member for section in sections for member in section.members.items()):
                    with archive.open(path, "w", force_zip64=True) as member:
                        for chunk in attachment._sig_read_chunks():
                            member.write(chunk)
            file.seek(0)
            return file.read()

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        if not self.is_kept:
            raise UserError(self.env._("The file is not kept any more: look the person up again."))
        return {"type": "ir.actions.act_url", "url": f"/pqrs/personal-data/{self.id}", "target": "download"}

    @api.model
    def _clear_person(self, cases=(), recipients=(), mails=()):
        """Delete files with data of what was anonymized; take the person out of exports that such cases asked for."""
        links = {"case_ids": cases, "recipient_ids": recipients, "mail_ids": mails}
        found = {name: [record.id for record in records] for name, records in links.items()}
        of_claims = Domain("request_id", "in", found["case_ids"])
        exports = self.search(of_claims | Domain.OR(Domain(name, "in", ids) for name, ids in found.items()))
        exports.attachment_id.unlink()
        exports.write({name: [*map(Command.unlink, ids)] for name, ids in found.items()})
        Anonymizer = self.env["sig.anonymizer"]
        asked = exports.filtered(lambda export: export.request_id in cases)
        Anonymizer._delete_notes(asked)
        for export in asked:
            placeholder = Anonymizer._get_placeholder(export.company_id)
            export.write({"person": placeholder, "partner_id": False, "reason": False})

    @api.autovacuum
    def _gc_files(self):
        old = self.search([("attachment_id", "!=", False), ("date", "<", clock.now() - RETENTION)], limit=1000)
        old.attachment_id.unlink()
        return len(old), len(old) == 1000
