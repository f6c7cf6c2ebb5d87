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

#: how long the file can be downloaded; that it was made stays known
RETENTION = timedelta(days=7)


class PersonExport(models.Model):
    """What is held on one person, as it was handed over to them: the proof that the query was attended to.

    The file is kept for some days. The record stays, and tells of the person no more than it must.
    """

    _name = "sig.person.export"
    _description = "Personal Data Handed Over"
    _inherit = ["sig.files.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "person"
    _check_company_auto = True
    _mail_post_access = "read"
    _sig_keeps_messages = True  # who downloaded it

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    person = fields.Char(
        "Of whom", required=True, readonly=True, help="Hidden in part: it is a proof, not a directory."
    )
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
    wave_ids = fields.Many2many(
        "sig.survey.wave", "sig_person_export_wave_rel", string="Surveys", readonly=True, copy=False, check_company=True
    )
    case_count = fields.Integer("PQRS", readonly=True)
    file_count = fields.Integer("Files", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "File handed over", readonly=True, groups=fields.NO_ACCESS)
    is_kept = fields.Boolean("File kept", compute="_compute_is_kept", compute_sudo=True)
    is_of_another = fields.Boolean(
        "Of somebody else than who asks", readonly=True, help="What was written for it is in the act of the query."
    )

    @api.depends("attachment_id")
    def _compute_is_kept(self):
        for export in self:
            export.is_kept = export.attachment_id

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("It stays known which personal data were handed over, and by whom."))

    # -- Making it --------------------------------------------------------------------------------------------------

    @api.model
    def _make(self, person, cases, request, reason):
        """Write all that is held on a person into a ZIP, and keep the record of it.

        :param Person person: of `sig.person.data`.
        :param cases: those of the person.
        :param request: the query about personal data that this answers; empty when it came otherwise.
        :param str reason: why, and how the identity was checked; not needed with a request of the person, whose case
            says so. With the request of somebody else it is what the act says.
        """
        Data = self.env["sig.person.data"]
        company = self.env.company
        reason = (reason or "").strip()
        of_another = Data._check_asked(company, person, cases, request, reason)
        sections = Data._collect(company, person, cases.sorted(lambda case: (case.date_received, case.id)))
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
                "wave_ids": [Command.set(Data._find_recipients(company, person).wave_id.ids)],
                "case_count": len(cases),
                "file_count": sum(len(section.members) for section in sections),
            }
        )
        export._keep(self._write_zip(sections, export))
        if request:
            data = {"export": export.id, "sha256": export.digest, **({"of_another": True} if of_another else {})}
            note = reason if of_another else ""
            self.env["sig.pqrs.act"]._append(request, "data_exported", note, data=data)
        for records in (cases, export.wave_ids):
            self.env["sig.erasure"]._conflict_with_erasing(records)
        return export.sudo(False)

    @api.model
    def _write_zip(self, sections, export):
        """The content of the ZIP: a workbook to read, the same as JSON, the files, and what it all is."""
        company = self.env.company
        moment = company._sig_local(export.date).replace(tzinfo=None)
        about = {"company": company.name, "date": str(moment), "person": export.person}
        tables = {
            section.code: [dict(zip(section.headings, row, strict=True)) for row in section.rows]
            for section in sections
        }
        told = company._sig_format_moment(export.date, brief=True)
        intro = (self.env._("Personal data held by %(company)s on %(date)s", company=company.name, date=told),)
        sheets = [
            Sheet(section.title, [Field(heading, width=30) for heading in section.headings], section.rows, intro)
            for section in sections
        ]
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{self.env._('READ ME')}.txt", self._get_read_me(sections))
                archive.writestr("datos.xlsx", write_report(sheets))
                archive.writestr("datos.json", json.dumps({**about, "data": tables}, ensure_ascii=False, indent=1))
                for path, attachment in (member for section in sections for member in section.members.items()):
                    with archive.open(path, "w", force_zip64=True) as member:
                        for chunk in attachment._sig_read_chunks():
                            member.write(chunk)
            file.seek(0)
            return file.read()

    def _keep(self, content):
        """Keep the file as the content of a field that nobody reads, and its digest for good.

        Only the route that notes who downloads it hands it over.
        """
        file = {
            "name": f"{evidence.safe_name(self.env._('Personal data'))} {self.company_id._sig_today()}.zip",
            "raw": content,
            "mimetype": "application/zip",
            "res_model": self._name,
            "res_field": "attachment_id",
            "res_id": self.id,
        }
        self.attachment_id = self.env["ir.attachment"].create(file)
        self.digest = hashlib.sha256(content).hexdigest()

    @api.model
    def _get_read_me(self, sections):
        company = self.env.company
        contact = company._sig_get_contact_email()
        return "\n".join(
            [
                self.env._("Personal data held by %s", company.name),
                "",
                self.env._("datos.xlsx: to be read. datos.json: the same, for a program. archivos: files and mails."),
                "",
                *(f"- {section.title}: {len(section.rows)}" for section in sections),
                "",
                self.env._(
                    "You may ask that they be corrected, updated or deleted, and revoke your consent (Ley 1581 de "
                    "2012, art. 8). Data that a law or a contract asks to keep are not deleted before its time."
                ),
                self.env._("Write to %s.", contact) if contact else "",
                "",
            ]
        )

    # -- Handing it over --------------------------------------------------------------------------------------------

    def action_download(self):
        """The file, while it is kept."""
        self.ensure_one()
        self.env["sig.person.data"]._check_is_sig()
        self.check_access("read")
        if not self.is_kept:
            raise UserError(self.env._("The file is not kept any more: look the person up again."))
        return {"type": "ir.actions.act_url", "url": f"/pqrs/personal-data/{self.id}", "target": "download"}

    @api.model
    def _clear_person(self, cases=(), waves=()):
        """Delete the files that hold what is being erased, before their time; what was erased leads to nobody by them.

        That of an erased query tells no more whose it was.
        """
        exports = self.search(
            Domain("case_ids", "in", [case.id for case in cases])
            | Domain("wave_ids", "in", [wave.id for wave in waves])
            | Domain("request_id", "in", [case.id for case in cases])
        )
        exports.attachment_id.unlink()
        exports.write(
            {
                "case_ids": [Command.unlink(case.id) for case in cases],
                "wave_ids": [Command.unlink(wave.id) for wave in waves],
            }
        )
        Erasure = self.env["sig.erasure"]
        asked = exports.filtered(lambda export: export.request_id in cases)
        Erasure._erase_notes({self._name: asked})
        for export in asked:
            erased = Erasure._get_erased_text(export.company_id)
            export.write({"person": erased, "partner_id": False, "reason": False})

    @api.autovacuum
    def _gc_files(self):
        """The files go; the records stay."""
        old = self.search([("attachment_id", "!=", False), ("date", "<", clock.now() - RETENTION)], limit=1000)
        old.attachment_id.unlink()
        return len(old), len(old) == 1000
