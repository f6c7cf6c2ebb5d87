from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

#: what a version says: once one was issued, it changes with the next one alone
VERSION_FIELDS = frozenset({"name", "code", "version", "date", "prepared_by", "reviewed_by", "approved_by"})


class Document(models.Model):
    """A controlled document: the header and footer of a printed format. After its first version, only `_issue`
    changes it.
    """

    _name = "sig.document"
    _description = "SIG Document"
    _inherit = ["sig.shared.mixin", "mail.thread"]
    _order = "code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char(required=True, tracking=True, help="It goes into the header of the printed format.")
    usage = fields.Selection(
        [
            ("procedure", "Procedure"),
            ("response", "Answer letter"),
            ("client_sheet", "Client sheet"),
            ("action_plan", "Action plan"),
            ("receipt", "Receipt of a PQRS"),
            ("survey_report", "Report of the satisfaction survey"),
            ("management_report", "SIG management report"),
            ("management_review", "Management review"),
            ("privacy_proof", "Proof of the privacy notice and of consent"),
            ("case_file", "Case file"),
            ("survey", "Satisfaction survey"),
        ],
        help="The format of this software that the document controls.",
    )
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.document")
    version = fields.Char(
        required=True,
        default="1",
        tracking=True,
        help="It goes into the header; a new one is issued with what changes.",
    )
    date = fields.Date(
        default=lambda self: self.env.company._sig_today(), tracking=True, help="Empty: not approved yet."
    )
    prepared_by = fields.Char("Prepared by", help="Position, as printed.")
    reviewed_by = fields.Char("Reviewed by", help="Position, as printed.")
    approved_by = fields.Char("Approved by", help="Position, as printed.")
    revision_ids = fields.One2many("sig.document.revision", "document_id", "History of changes")
    issued = fields.Boolean(
        compute="_compute_issued", help="A version was issued: what it says changes with the next one alone."
    )

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another document has that code.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for document in self:
            document.display_name = f"{document.code} {document.name}"

    @api.depends("revision_ids")
    def _compute_issued(self):
        for document in self:
            document.issued = bool(document.revision_ids)

    @api.constrains("usage", "company_id", "active")
    def _check_usage(self):
        for document in self.filtered(lambda document: document.usage and document.active):
            others = Domain("usage", "=", document.usage) & Domain("company_id", "=", document.company_id.id)
            if self.search_count(others & Domain("id", "!=", document.id), limit=1):
                raise ValidationError(self.env._("Another document controls that format."))

    # -- Versions ---------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not VERSION_FIELDS.isdisjoint(vals) and any(self.sudo().mapped("revision_ids")):
            raise UserError(
                self.env._("A version that was issued does not change: use “New version”, and say what changes.")
            )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if self.sudo().revision_ids:
            raise UserError(self.env._("A document that was issued is archived, not deleted."))

    def _issue(self, values, description):
        """Issue a version: ``values`` are those of `VERSION_FIELDS`, ``description`` says what changes."""
        self.ensure_one()
        self.check_access("write")
        values = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        description = (description or "").strip()
        if not description:
            raise UserError(self.env._("Say what changes in this version."))
        if not all(values.get(name) for name in ("name", "code", "version", "date")):
            raise UserError(self.env._("A version has a title, a code, a number and a date."))
        self_sudo = self.sudo()
        revisions = self_sudo.revision_ids
        if values["version"].lstrip("0") in [(version or "").lstrip("0") for version in revisions.mapped("version")]:
            raise UserError(self.env._("Version %s was issued already.", values["version"]))
        if values["date"] > (self.company_id or self.env.company)._sig_today():
            raise UserError(self.env._("A version is issued on the day from which it holds, not before."))
        if any(revision.date > values["date"] for revision in revisions):
            raise UserError(self.env._("A version cannot be older than the one before."))
        self_sudo.write(values)
        self_sudo.env["sig.document.revision"].create({**values, "document_id": self.id, "description": description})

    def action_issue_first(self):
        today = self.env.company._sig_today()
        for document in self:
            if not document.issued:
                values = {**{name: document[name] for name in VERSION_FIELDS}, "date": document.date or today}
                document._issue(values, self.env._("Creation of the document"))
        return True

    @api.model
    def _get_for(self, usage, company):
        documents = self.sudo().search(self._get_domain_of(company) & Domain("usage", "=", usage))
        return documents.sorted(lambda document: not document.company_id)[:1]


class DocumentRevision(models.Model):
    _name = "sig.document.revision"
    _description = "SIG Document Revision"
    _inherit = ["sig.record.mixin"]
    _order = "date desc, id desc"
    _rec_name = "version"

    document_id = fields.Many2one("sig.document", required=True, ondelete="cascade", index=True)
    version = fields.Char(required=True)
    date = fields.Date(required=True)
    description = fields.Text("Description of the change", required=True, translate=True)
    name = fields.Char("Title", readonly=True)
    code = fields.Char(readonly=True)
    prepared_by = fields.Char("Prepared by", readonly=True)
    reviewed_by = fields.Char("Reviewed by", readonly=True)
    approved_by = fields.Char("Approved by", readonly=True)

    @api.depends("code", "version", "date", "document_id.code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._(
                "%(code)s version %(version)s (%(date)s)",
                code=revision.code or revision.document_id.code or "",
                version=revision.version or "",
                date=tools.format_date(self.env, revision.date, date_format="dd/MM/yyyy") if revision.date else "",
            )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A version that was issued does not change: issue the next one."))

    @api.model
    @tools.ormcache("company_id")
    def _get_procedure_versions(self, company_id):
        """``((date, id), …)``, latest first."""
        document = self.env["sig.document"]._get_for("procedure", self.env["res.company"].browse(company_id))
        versions = document.revision_ids.sorted(lambda revision: (revision.date, revision.id), reverse=True)
        return tuple((revision.date, revision.id) for revision in versions)

    @api.model
    def _get_procedure_id(self, company, day):
        """The version in force on a day; before the first version, the first."""
        versions = self._get_procedure_versions(company.id)
        in_force = [id_ for date, id_ in versions if date <= day]
        return (in_force[:1] or [id_ for _date, id_ in versions[-1:]] or [False])[0]


class PqrsProcedure(models.Model):
    _inherit = "sig.pqrs"

    procedure_revision_id = fields.Many2one(
        "sig.document.revision",
        "Version of the procedure",
        readonly=True,
        ondelete="restrict",
        help="The one in force when the case was received.",
    )

    def _create_with_acts(self, vals_list, first_acts):
        get_version = self.env["sig.document.revision"]._get_procedure_id
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"]).sudo()
            vals["procedure_revision_id"] = get_version(company, company._sig_local_date(vals["date_received"]))
        return super()._create_with_acts(vals_list, first_acts)
