import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .. import clock

#: what a notice says; once it was in force, nobody changes it
CONTENT = frozenset({"name", "company_id", "summary", "survey_purpose", "oral_text", "body", "remarks"})


class PrivacyNotice(models.Model):
    """What a company tells whoever gives it personal data (Decreto 1377 de 2013, art. 15), version by version.

    One version is in force at a time, that of the company before one shared by all. What was ever in force is neither
    changed nor deleted: consents say which version was read.
    """

    _name = "sig.privacy.notice"
    _description = "Privacy Notice"
    _order = "company_id, version desc"
    _rec_names_search = ["name"]
    _check_company_auto = True

    name = fields.Char("Title", required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: shared by all companies.")
    version = fields.Integer(readonly=True, copy=False)
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
    survey_purpose = fields.Text(
        "What surveys are for", translate=True, help="Consent to surveys is asked apart, and is optional."
    )
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

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = self.env._(
                "%(name)s, version %(version)s", name=notice.name or "", version=notice.version
            )

    # -- Which one --------------------------------------------------------------------------------------------------

    @api.model
    def _get_current(self, company):
        """The version in force in a company, as superuser: its own before the shared one; empty when there is none."""
        return self.sudo().browse(self._get_current_id(company.id))

    @api.model
    @tools.ormcache("company_id")
    def _get_current_id(self, company_id):
        notices = self.sudo().search([("state", "=", "in_force"), ("company_id", "in", (False, company_id))])
        return (notices.filtered("company_id") or notices)[:1].id

    @api.model
    def _find_published(self, company, notice_id):
        """The notice with that id, as superuser, if a company ever had it in force; empty for any other id."""
        try:
            notice_id = int(notice_id)
        except (TypeError, ValueError):
            return self.sudo().browse()
        if not 0 < notice_id < 2**31:
            return self.sudo().browse()
        return self.sudo().search(
            [("id", "=", notice_id), ("state", "!=", "draft"), ("company_id", "in", (False, company.id))]
        )

    def _get_path(self):
        """Address of the page that says the whole of it; of an old version, under its id."""
        self.ensure_one()
        return "/pqrs/privacy" if self.state == "in_force" else f"/pqrs/privacy?version={self.id}"

    def _get_digest(self):
        """SHA-256 of what it says in the language of the environment: what a consent proves was read."""
        self.ensure_one()
        said = "\0".join(str(self[name] or "") for name in ("name", "summary", "survey_purpose", "oral_text", "body"))
        return hashlib.sha256(f"{self.version}\0{said}".encode()).hexdigest()

    # -- Versions ---------------------------------------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            operation != "write" or self.env.su or field.name in CONTENT or "sig_pqrs" not in field._modules
        )

    @api.model_create_multi
    def create(self, vals_list):
        versions = {}
        numbered = []
        for vals in vals_list:
            company_id = vals.get("company_id") or False
            if company_id not in versions:
                domain = [("company_id", "=", company_id)]
                versions[company_id] = self.sudo().search(domain, order="version desc", limit=1).version
            versions[company_id] += 1
            numbered.append({**vals, "version": versions[company_id]})
        if self.env.su:
            self.env.registry.clear_cache()
            return super().create(numbered)
        self.browse().check_access("create")
        for name in {name for vals in vals_list for name in vals} & self._fields.keys():
            self._check_field_access(self._fields[name], "write")
        draft = {"state": "draft", "date_from": False, "date_to": False}
        notices = super(PrivacyNotice, self.sudo()).create([{**vals, **draft} for vals in numbered]).with_env(self.env)
        notices.check_access("create")
        return notices

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
        for notice in self:
            if notice.state != "draft":
                raise UserError(
                    self.env._("%s was published: people consented to what it says. Make a new version.", notice.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def action_new_version(self):
        """A draft with the text of this version, to be changed and published.

        :return: the action that opens it.
        """
        self.ensure_one()
        draft = self.copy({"remarks": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

    def action_publish(self):
        """Put the draft in force from today on; the version before it is replaced."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("%s was published already.", self.display_name))
        if not (self.summary or "").strip() or tools.is_html_empty(self.body):
            raise UserError(self.env._("Write the summary and the whole notice before it is published."))
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


class PqrsPrivacy(models.Model):
    """Of a case, what its petitioner was told about personal data, and whether surveys are allowed."""

    _inherit = "sig.pqrs"

    consent_ids = fields.One2many(
        "sig.privacy.consent", "pqrs_id", "Notice and consents", readonly=True, groups="sig_pqrs.group_sig_director"
    )
    notice_told = fields.Boolean(
        "The privacy notice was made known",
        compute="_compute_notice_told",
        inverse="_inverse_notice_told",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="By phone or in a visit, it was told; with a letter, it was handed over.",
    )
    survey_answer = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Allows surveys",
        compute="_compute_survey_answer",
        inverse="_inverse_survey_answer",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="What the petitioner answered when asked. Empty: not asked. Silence is no consent.",
    )

    notice_script = fields.Text(
        "Say it",
        compute="_compute_notice_script",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="What whoever calls or comes is told about personal data.",
    )

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_notice_script(self):
        for case in self:
            case.notice_script = case._get_told_notice().oral_text

    @api.depends("consent_ids.subject")
    def _compute_notice_told(self):
        for case in self:
            case.notice_told = "notice" in case.consent_ids.mapped("subject")

    @api.depends("consent_ids.decision")
    def _compute_survey_answer(self):
        for case in self:
            case.survey_answer = case._get_survey_answer()

    def _get_told_notice(self):
        """The privacy notice that its petitioner was told, or else the one in force, as superuser; in the language of
        the environment.
        """
        told = self.sudo().consent_ids.filtered(lambda consent: consent.subject == "notice").sorted("id")
        return told[:1].notice_id or self._get_privacy_notice(self.company_id)

    def _get_notice_url(self):
        """Address of the version that was told: what it says does not change when another one is published."""
        return f"{self.get_base_url()}/pqrs/privacy?version={self._get_told_notice().id}"

    def _is_notice_told(self):
        """Whether the notice was told, for whoever renders a template."""
        return self.sudo().notice_told

    def _inverse_notice_told(self):
        for case in self:
            told = "notice" in case.sudo().consent_ids.mapped("subject")
            if case.notice_told and not told:
                case._record_consent(True, how=case._get_telling(), moment=case._get_telling_moment())
            elif told and not case.notice_told:
                raise UserError(self.env._("That the notice was made known is on record, and stays."))

    def _inverse_survey_answer(self):
        for case in self:
            answer = case.survey_answer
            if answer and answer != case.sudo()._get_survey_answer():
                case._record_consent(False, answer == "yes", case._get_telling(), moment=case._get_telling_moment())
            elif not answer and case.sudo()._get_survey_answer():
                raise UserError(self.env._("What the petitioner answered is on record. Record the new answer."))

    def _get_survey_answer(self):
        """What the last record says: ``yes``, ``no``, or False."""
        decisions = self.consent_ids.filtered(lambda consent: consent.subject == "surveys").sorted("id")
        return bool(decisions) and ("yes" if decisions[-1].decision == "given" else "no")

    def _get_telling(self):
        """How the notice of this channel is told by whoever registers the case."""
        if self._is_oral():
            return "oral"
        return "form" if self.channel in ("web", "portal", "api") else "written"

    def _get_telling_moment(self):
        """When it was told: with the petition, while that is being filed; now, later on."""
        return clock.now() if self.sudo().act_ids else self.date_received

    def _record_consent(self, notice, consent_surveys=None, how="form", version=None, moment=None):
        """Record what the petitioner was told of personal data, and what they answered about surveys.

        Of anonymous cases nothing is kept: they hold no personal data.

        :param bool notice: whether the privacy notice was read or told.
        :param consent_surveys: True or False as answered; None when not asked, or left open.
        :param str how: see `sig.privacy.consent`.
        :param version: the `sig.privacy.notice` that was shown; the one in force by default.
        :param datetime moment: when; now by default.
        :raises UserError: for an anonymous case.
        """
        self.ensure_one()
        if self.anonymous:
            raise UserError(self.env._("An anonymous case keeps no personal data: there is nothing to consent to."))
        self.env["sig.privacy.consent"]._record(
            self.company_id,
            notice,
            consent_surveys,
            how,
            version,
            [{"pqrs_id": self.id, "channel": self.channel}],
            moment or clock.now(),
        )

    def _client_answer_surveys(self, allows):
        """Allow surveys, or revoke that, as easily as it was allowed; of whoever is not anonymous.

        :param bool allows: what the client says now. Said again, nothing is recorded.
        """
        self._check_is_client()
        answer = "yes" if allows else "no"
        if self._get_client_survey_answer() is None or answer == self.sudo()._get_survey_answer():
            return
        self._as_nobody()._record_consent(False, allows)

    def _get_client_survey_answer(self):
        """``yes``, ``no``, empty when not asked; None when there is nothing to ask."""
        if self.anonymous or not self._get_privacy_notice(self.company_id):
            return None
        return self.sudo()._get_survey_answer() or ""

    def _on_petition_filed(self, petition):
        """Record the notice that was read on the form. A box of surveys left empty answers nothing."""
        result = super()._on_petition_filed(petition)
        if not self.anonymous and (petition.notice or petition.consent_surveys):
            version = self.env["sig.privacy.notice"]._find_published(self.company_id, petition.notice_id)
            self._record_consent(petition.notice, petition.consent_surveys or None, version=version)
        return result

    def _on_mail_left(self, purpose, moment=False, mail=None):
        """The acknowledgement tells the notice to whoever did not know it before: by mail, by letter, by phone."""
        result = super()._on_mail_left(purpose, moment, mail)
        if purpose == "acknowledgement":
            for case in self.sudo().filtered(lambda case: not case.anonymous and not case.notice_told):
                told = case.with_context(lang=case._get_letter_lang())
                told._record_consent(True, how="mail", moment=moment)
        return result
