import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

#: fields that are not changed once the notice was published
CONTENT = frozenset({"name", "company_id", "origin_id", "summary", "survey_purpose", "oral_text", "body", "remarks"})

#: of these, what people are shown
SHOWN = ("name", "summary", "survey_purpose", "oral_text", "body")


class PrivacyNotice(models.Model):
    """A version of a company's privacy notice (Decreto 1377 de 2013, art. 15).

    One version is in force at a time, the company's own before one shared by all. Published versions are neither
    changed nor deleted: consents name the version that was read.
    """

    _name = "sig.privacy.notice"
    _description = "Privacy Notice"
    _inherit = ["sig.shared.mixin", "sig.files.mixin"]
    _editable_fields = CONTENT
    _order = "company_id, version desc"
    _sig_is_proof = "draft"
    _picture_fields = ("body",)

    name = fields.Char("Title", required=True, translate=True)
    origin_id = fields.Many2one("sig.privacy.notice")
    version = fields.Integer(aggregator=None, compute="_compute_version", store=True, precompute=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("in_force", "In force"), ("replaced", "Replaced")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    date_from = fields.Date("In force since", readonly=True, copy=False)
    date_to = fields.Date("Replaced on", readonly=True, copy=False)
    summary = fields.Text(
        required=True,
        translate=True,
        help="Two or three sentences, shown where people file: who treats their data, what for, and their rights.",
    )
    survey_purpose = fields.Text("What surveys are for", translate=True)
    oral_text = fields.Text(
        "What is said by word of mouth",
        translate=True,
        help="Read out by phone or in a visit, while the case is registered; it ends with the question about surveys.",
    )
    body = fields.Html(
        "Whole notice",
        required=True,
        translate=True,
        help="Who treats the data and how to reach them, what for, the rights of the holder, how to know the policy and"
        " its changes, and that sensitive data are optional.",
    )
    remarks = fields.Text(translate=True, help="For our own people; never shown to the public.")

    _in_force_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE state = 'in_force'", "One version is in force at a time."
    )
    _version_unique = models.UniqueIndex("(COALESCE(company_id, 0), version)", "Two versions cannot have one number.")

    @api.depends("company_id")
    def _compute_version(self):
        for company, notices in self.filtered(lambda notice: not notice.version).grouped("company_id").items():
            others = self.sudo().search([("company_id", "=", company.id)], order="version desc", limit=1)
            for number, notice in enumerate(notices, others.version + 1):
                notice.version = number

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = notice._get_title(notice.name)

    def _get_title(self, name):
        return self.env._("%(name)s, version %(version)s", name=name or "", version=self.version)

    @api.model
    def _get_current(self, company):
        """The version in force in a company, as superuser; empty when there is none."""
        notices = self.sudo()
        return notices.browse(notices._get_current_id(company.id))

    @api.model
    @tools.ormcache("company_id")
    def _get_current_id(self, company_id):
        notices = self.search([("state", "=", "in_force"), ("company_id", "in", (False, company_id))])
        return (notices.filtered("company_id") or notices)[:1].id

    @api.model
    def _find_published(self, companies, notice_id):
        """The published notice of companies with an id as typed by anybody, as superuser; empty for any other id."""
        text = str(notice_id or "")
        id_ = int(text) if text.isascii() and text.isdecimal() and int(text) < 2**31 else 0
        published = [("id", "=", id_), ("state", "!=", "draft"), ("company_id", "in", (False, *companies.ids))]
        return self.sudo().search(published)

    def _get_path(self, company):
        return f"/pqrs/privacy?version={self.id}&company={company.id}"  # the website may be of another

    def _get_texts(self, lang):
        """``{field: text}`` in a language, also one that is archived by now, which no environment may have."""
        texts = {}
        for field in map(self._fields.get, SHOWN):
            stored = field._get_stored_translations(self) or {}
            texts[field.name] = field.convert_to_record(stored.get(lang, stored.get("en_US")), self)
        return texts

    def _get_digest(self):
        """SHA-256 of the texts in the language of the environment, for consents."""
        texts = "\0".join(str(self[name] or "") for name in SHOWN)
        return hashlib.sha256(f"{self.version}\0{texts}".encode()).hexdigest()

    def write(self, vals):
        if not CONTENT.isdisjoint(vals):
            self._check_draft()
        if "company_id" in vals and any(notice.company_id.id != (vals["company_id"] or False) for notice in self):
            raise UserError(self.env._("A version is of the company for which it was made. Make a new one."))
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        self._check_draft()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    def _check_draft(self):
        for notice in self.filtered(lambda notice: notice.state != "draft"):
            text = self.env._("%s was published: people consented to what it says. Make a new version.", notice.name)
            raise UserError(text)

    def action_new_version(self):
        self.ensure_one()
        draft = self.copy({"remarks": False, **(self._get_copy_values(self.env.company) if self.is_foreign else {})})
        return draft._get_records_action(context={})

    def _move_to_own(self, own):
        """Consents are of the version that was read."""

    def action_publish(self):
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("%s was published already.", self.display_name))
        if not (self.summary or "").strip() or tools.is_html_empty(self.body):
            raise UserError(self.env._("Write the summary and the whole notice before it is published."))
        for code, _name in self.env["res.lang"].get_installed():
            localized = self.with_context(lang=code)
            localized._own_files(self._picture_fields)
            localized._check_shows_own(localized.body)
        notice = self.sudo()
        before = notice.search([("state", "=", "in_force"), ("company_id", "=", notice.company_id.id)])
        company = notice.company_id or self.env.company.sudo()
        before._write_state({"state": "replaced", "date_to": company._sig_today()})
        notice._write_state({"state": "in_force", "date_from": company._sig_today()})
        return True

    def _write_state(self, vals):
        # pylint: disable-next=super-method-mismatch  # past `write`, which refuses what was published
        result = super().write(vals)
        self.flush_recordset()  # the one before steps down before the next is in force
        self.env.registry.clear_cache()
        return result
