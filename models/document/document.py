import re

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..choices import choices_of
from ..mixin.transitions import APPROVER, SIG, VERIFIER, Transition

#: what a version says, which is what is printed
VERSION_FIELDS = frozenset({"name", "code", "version", "date", "prepared_by", "reviewed_by", "approved_by"})

#: which document controls which format, and where
REPLACING_FIELDS = frozenset({"active", "usage", "company_id", "origin_id"})

#: states of a version that is being made
IN_THE_MAKING = ("draft", "review", "approval", "approved")


def _copy_title(source, target):
    """Copy the title of a document to its version, or the other way round, in every language."""
    titles = {code: source.with_context(lang=code).name for code, _name in source.env["res.lang"].get_installed()}
    target.update_field_translations("name", titles)


class Document(models.Model):
    """Header and footer of a printed format, controlled: once it has a version, it says what the one in force says."""

    _name = "sig.document"
    _description = "SIG Document"
    _inherit = ["sig.shared.mixin", "sig.thread.mixin"]
    _order = "code, id"
    _rec_names_search = ["code", "name"]

    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char(required=True, tracking=True, help="It goes into the header of the printed format.")
    usage = fields.Selection(
        [
            ("procedure", "Procedure"),
            ("response", "Answer letter"),
            ("transfer", "Letter of transfer"),
            ("register", "Register of PQRS"),
            ("action_plan", "Action plan"),
            ("receipt", "Receipt of a PQRS"),
            ("survey_report", "Report of the satisfaction survey"),
            ("management_report", "SIG management report"),
            ("management_review", "Management review"),
            ("privacy_proof", "Proof of the privacy notice and of consent"),
            ("case_file", "Case file"),
            ("survey", "Satisfaction survey"),
        ]
    )
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.document")
    version = fields.Char(required=True, default="1", tracking=True)
    date = fields.Date(default=lambda self: self.env.company._sig_today(), tracking=True)
    prepared_by = fields.Char("Prepared by", help="Position, as printed.")
    reviewed_by = fields.Char("Reviewed by", help="Position, as printed.")
    approved_by = fields.Char("Approved by", help="Position, as printed.")
    revision_ids = fields.One2many("sig.document.revision", "document_id", "History of changes")
    issued = fields.Boolean(compute="_compute_revisions")
    next_revision_id = fields.Many2one("sig.document.revision", "Version in the making", compute="_compute_revisions")
    next_state = fields.Selection(
        choices_of("sig.document.revision", "state"), "State of the version in the making", compute="_compute_revisions"
    )

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another document has that code.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for document in self:
            document.display_name = f"{document.code} {document.name}"

    @api.depends("revision_ids.state")
    def _compute_revisions(self):
        for document in self:
            making = document.revision_ids.filtered(lambda revision: revision.state in IN_THE_MAKING)
            document.next_revision_id = making[:1]
            document.next_state = making[:1].state
            document.issued = bool(document.revision_ids - making)

    @api.constrains("usage", "company_id", "active")
    def _check_usage(self):
        for document in self.filtered(lambda document: document.usage and document.active):
            others = Domain("usage", "=", document.usage) & Domain("company_id", "=", document.company_id.id)
            if self.search_count(others & Domain("id", "!=", document.id), limit=1):
                raise ValidationError(self.env._("Another document controls that format."))

    def _check_replacing(self):
        """Which document controls a format, and where, is an administrator's to say."""
        controlling = not self.env.su and self.filtered("usage")
        if controlling and not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(
                self.env._("“%s” controls a format: an administrator alone replaces it.", controlling[:1].display_name)
            )

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._check_replacing()
        return documents

    def write(self, vals):
        if not self.env.su and not VERSION_FIELDS.isdisjoint(vals) and self.sudo().revision_ids:
            raise UserError(self.env._("What a document says changes with a version: use “New version”."))
        replaces = not REPLACING_FIELDS.isdisjoint(vals)
        if replaces:
            self._check_replacing()
        result = super().write(vals)
        if replaces:
            self._check_replacing()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if any(revision.state != "draft" for revision in self.sudo().revision_ids):
            raise UserError(self.env._("A document with versions that were sent to review is archived, not deleted."))

    def _copy_for(self, company):
        """The copy for a company has the versions that were issued: it says only what was approved."""
        self.browse().check_access("create")
        document = self.sudo()
        own = document.copy(document._get_copy_values(company))
        for revision in document.revision_ids.filtered(lambda each: each.state not in IN_THE_MAKING).sorted("id"):
            revision.copy({"document_id": own.id, "state": revision.state})
        return own.sudo(self.env.su)

    def action_new_version(self):
        """Open the version in the making of each document; begin it where there is none."""
        for document in self.filtered(lambda document: not document.next_revision_id):
            revision = document.next_revision_id.create(document._prepare_version())
            _copy_title(document, revision.sudo())
        return self.next_revision_id._get_records_action(name=self.env._("New version"), context={})

    def _prepare_version(self):
        vals = {"document_id": self.id, **{name: self[name] for name in VERSION_FIELDS}}
        if not self.issued:
            return {**vals, "description": self.env._("Creation of the document")}
        if found := re.fullmatch(r"(.*?)(\d+)", self.version or ""):
            vals["version"] = f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}"
        return {**vals, "date": False}

    @api.model
    def _get_for(self, usage, company, day=None):
        """The version in force on a day (today), before the first one the first; the document while none was issued."""
        documents = self.sudo()
        if in_force := self._get_version_id(usage, company, day or company._sig_today()):
            return documents.env["sig.document.revision"].browse(in_force)
        return documents.browse(self._get_versions(usage, company.id)[0])

    @api.model
    def _get_version_id(self, usage, company, day):
        _document, versions = self._get_versions(usage, company.id)
        in_force = [id_ for date, id_ in versions if date <= day]
        return (in_force or [id_ for _date, id_ in versions[-1:]] or [False])[0]

    @api.model
    @tools.ormcache("usage", "company_id")
    def _get_versions(self, usage, company_id):
        """``(ids of the document, ((date, id of a version that was issued), …))``, latest first."""
        company = self.env["res.company"].browse(company_id)
        documents = self.sudo().search(self._get_domain_of(company) & Domain("usage", "=", usage))
        document = documents.sorted(lambda document: not document.company_id)[:1]
        issued = document.revision_ids.filtered(lambda revision: revision.state not in IN_THE_MAKING)
        ordered = issued.sorted(lambda revision: (revision.date, revision.id), reverse=True)
        return document._ids, tuple((revision.date, revision.id) for revision in ordered)


class DocumentRevision(models.Model):
    """A version: prepared by the SIG, reviewed and approved by others, issued, and in force until the next one is."""

    _name = "sig.document.revision"
    _description = "SIG Document Revision"
    _inherit = ["sig.transition.mixin"]
    _order = "date desc, id desc"
    _rec_name = "version"
    _transitions = {
        "edit": Transition({"draft": (SIG,)}),
        "submit": Transition({"draft": (SIG,)}),
        "review": Transition({"review": (VERIFIER,)}),
        "approve": Transition({"approval": (APPROVER,)}),
        "return": Transition({"review": (VERIFIER, SIG), "approval": (APPROVER, SIG), "approved": (APPROVER, SIG)}),
        "issue": Transition({"approved": (SIG,)}),
    }
    _editable_fields = VERSION_FIELDS | {"document_id", "description"}
    _sig_is_proof = "draft"

    document_id = fields.Many2one("sig.document", required=True, ondelete="cascade", index=True)
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("review", "To review"),
            ("approval", "To approve"),
            ("approved", "Approved, to issue"),
            ("issued", "In force"),
            ("replaced", "Replaced"),
        ],
        default="draft",
        index=True,
    )
    version = fields.Char(required=True)
    date = fields.Date(help="From which day it holds. Empty: the day on which it is issued.")
    description = fields.Text("Description of the change", translate=True)
    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char(required=True)
    prepared_by = fields.Char("Prepared by", help="Position, as printed.")
    reviewed_by = fields.Char("Reviewed by", help="Position, as printed.")
    approved_by = fields.Char("Approved by", help="Position, as printed.")
    author_id = fields.Many2one("res.users", "Who prepared it", readonly=True, ondelete="restrict")
    reviewer_id = fields.Many2one("res.users", "Who reviewed it", readonly=True, ondelete="restrict")
    approver_id = fields.Many2one("res.users", "Who approved it", readonly=True, ondelete="restrict")
    return_reason = fields.Text("Why it was returned", readonly=True)

    _one_in_the_making = models.UniqueIndex(
        "(document_id) WHERE state IN ('draft', 'review', 'approval', 'approved')",
        "Another version of the document is being made.",
    )

    @api.depends("code", "version")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = f"{revision.code} v. {revision.version}"

    def _get_transition_depends(self):
        return ["author_id", "document_id.company_id"]

    def _get_user_roles(self):
        """Who began a version or sent it reviews or approves it only where nobody else could."""
        user, found = self.env.user, super()._get_user_roles()
        for company, revisions in self.grouped(lambda revision: revision.document_id.sudo().company_id).items():
            managers = self._get_able("sig_pqrs.group_top_management", company)
            people = self._get_able("sig_pqrs.group_sig_director", company) | managers
            is_foreign = not company and not user._sig_has_all_companies()  # it is of other companies too
            for revision in revisions:
                own = found[revision]
                if is_foreign:
                    own.clear()
                for role, users in ((VERIFIER, people), (APPROVER, managers or people)):
                    others = users - revision.author_id
                    if user in (others - revision.create_uid or others or users):
                        own.add(role)
        return found

    @api.model
    def _get_able(self, role, company):
        """Who has a role in the company of a document; of one that all share, those who have all companies."""
        users = (company or self.env.company)._sig_find_users(role)
        return users if company else users.filtered(lambda user: user._sig_has_all_companies())

    @api.model_create_multi
    def create(self, vals_list):
        revisions = super().create(vals_list)
        revisions._check_editable()
        return revisions

    def write(self, vals):
        if not self._editable_fields.isdisjoint(vals):
            self._check_editable()
            if "document_id" in vals and not self.env.su:
                raise UserError(self.env._("A version stays in its document."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_foreign(self):
        self._check_editable()

    def _check_editable(self):
        self.env.registry.clear_cache()
        if not self.env.su:
            self.check_access("write")
            self._check_transition("edit")

    def action_submit(self):
        revisions = self._check_transition("submit")
        for revision in revisions:
            revision._check_complete()
            revision._check_not_past()
        return revisions._take("review", self.env._("Sent to review"), author_id=self.env.uid, return_reason=False)

    def action_review(self):
        return self._check_transition("review")._take("approval", self.env._("Reviewed"), reviewer_id=self.env.uid)

    def action_approve(self):
        proven = self._check_transition("approve")
        for revision in proven:
            revision._check_not_past()
        return proven._take("approved", self.env._("Approved"), approver_id=self.env.uid)

    def action_return(self, reason):
        proven = self._check_transition("return")
        reason = self._require_text(reason)
        label = self.env._("Returned: %s", reason)
        return proven._take("draft", label, return_reason=reason, reviewer_id=False, approver_id=False)

    def action_issue(self):
        for revision in self._check_transition("issue"):
            document = revision.document_id
            today = (document.company_id or self.env.company)._sig_today()
            revision.date = revision.date or today
            if revision.date > today:
                raise UserError(self.env._("A version is issued on the day from which it holds, not before."))
            others = revision._get_others()
            if any(other.date > revision.date for other in others):
                raise UserError(self.env._("A version cannot be older than the one before."))
            others.state = "replaced"
            revision._take("issued", self.env._("Put in force"))
            document.write({name: revision[name] for name in VERSION_FIELDS})
            _copy_title(revision, document)
        return True

    def _take(self, state, label, **vals):
        self.env.registry.clear_cache()
        self.write({"state": state, **vals})
        author = self.env.user.partner_id.id
        for revision in self:
            body = self.env._("Version %(version)s: %(step)s", version=revision.version, step=label)
            revision.document_id._message_log(body=body, author_id=author)
        return True

    def _check_complete(self):
        names = ("name", "code", "version", "description", "prepared_by", "reviewed_by", "approved_by")
        self._check_lacks_nothing(
            [((self[name] or "").strip(), self._fields[name]._description_string(self.env)) for name in names]
        )
        known = [(version or "").lstrip("0") for version in self._get_others().mapped("version")]
        if self.version.strip().lstrip("0") in known:
            raise UserError(self.env._("Version %s was issued already.", self.version))

    def _check_not_past(self):
        """The first version may be dated back; the next ones hold from their approval on at the earliest."""
        today = (self.document_id.company_id or self.env.company)._sig_today()
        if self.document_id.issued and self.date and self.date < today:
            raise UserError(self.env._("%s would hold from before its approval: correct its date.", self.display_name))

    def _get_others(self):
        return self.document_id.revision_ids - self

    def _get_my_day_row(self, _tile):
        return {"name": self.display_name, "subject": self.name, "state": self._get_choices("state")[self.state]}


class PqrsProcedure(models.Model):
    _inherit = "sig.pqrs"

    procedure_revision_id = fields.Many2one(
        "sig.document.revision", "Version of the procedure", readonly=True, ondelete="restrict"
    )

    def _create_with_acts(self, vals_list, first_acts):
        get_version = self.env["sig.document"]._get_version_id
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"]).sudo()
            day = company._sig_local_date(vals["date_received"])
            vals["procedure_revision_id"] = get_version("procedure", company, day)
        return super()._create_with_acts(vals_list, first_acts)
