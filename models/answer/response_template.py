import re
from html import unescape

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html2plaintext, is_html_empty

from ..choices import choices_of

_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r"«\s*\[.*?\]\s*»|«\s*\[|\]\s*»", re.DOTALL)
_PLACEHOLDER = re.compile(r'\bt-out\s*=\s*"([^"]*)"')

#: fields of the case that templates of answers may print
PLACEHOLDERS = tuple(
    f"object.{name}"
    for name in (
        "name", "subject", "site", "city", "client_id.name", "type_id.name", "type_id.legal_basis", "reason_id.name",
        "letter_addressee", "letter_received_on", "letter_incident_on", "letter_contact", "letter_recourse",
        "company_id.name", "company_id.phone", "company_id.email", "company_id.website", "company_id.city",
        "company_id.sig_service_email",
    )
)  # fmt: skip


def get_blanks(text):
    """Places «[…]» of a plain text that somebody must still fill in."""
    return _BLANK.findall(text or "")


def get_html_blanks(html):
    return get_blanks(unescape(_TAG.sub("", html or "")))


class ResponseTemplate(models.Model):
    """Initial text of a part of an answer.

    Only the placeholders of `mail_allowed_qweb_expressions` of the case are accepted, even from administrators.
    """

    _name = "sig.response.template"
    _description = "Answer Template"
    _inherit = ["sig.shared.mixin", "mail.render.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    part = fields.Selection(
        [("opening", "Opening"), ("section", "Section"), ("closing", "Closing")],
        required=True,
        default="section",
        help="Where in the letter it goes: before the answer of the processes, in it, or after it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.response.template")
    type_ids = fields.Many2many(
        "sig.pqrs.type", string="Types", check_company=True, help="For which it is meant; empty: for all."
    )
    reason_ids = fields.Many2many(
        "sig.pqrs.reason", string="Reasons", check_company=True, help="For which it is meant; empty: for all."
    )
    resolution = fields.Selection(selection=choices_of("sig.pqrs", "resolution"), string="Proposed resolution")
    body = fields.Html(
        "Text",
        required=True,
        translate=True,
        render_engine="qweb",
        sanitize="email_outgoing",
        help="Mark with «[…]» what a person must write in each answer.",
    )

    def _compute_render_model(self):
        self.render_model = "sig.pqrs"

    @api.constrains("body")
    def _check_body(self):
        for template in self:
            if is_html_empty(template.body):
                raise ValidationError(self.env._("%s: write the text of the template.", template.name))
            if not self._is_safe(template.body):
                text = self.env._(
                    "%(template)s: a placeholder is not one of those that an answer may hold. Write / to insert "
                    "one of these: %(placeholders)s.",
                    template=template.name,
                    placeholders=", ".join(self.env["sig.pqrs"].mail_allowed_qweb_expressions()),
                )
                raise ValidationError(text)

    @api.model
    def _is_safe(self, body):
        """Whether all placeholders are known, so that rendering evaluates nothing."""
        if not body or "{{" in body or "#{" in body:
            return not body
        return not self._has_unsafe_expression_template_qweb(body, "sig.pqrs") and set(
            _PLACEHOLDER.findall(body)
        ) <= set(self.env["sig.pqrs"].mail_allowed_qweb_expressions())

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        if field_name == "body":
            for lang in translations:
                self.with_context(lang=lang)._check_body()
        return result

    @api.model
    def _get_fitting(self, case, part):
        """Templates of a part that fit a case: those for its reason first, then those for its type."""
        # shared templates name shared types and reasons
        case_sudo = case.sudo()
        kinds, reasons = (records | records.origin_id for records in (case_sudo.type_id, case_sudo.reason_id))
        found = self.search(
            self._get_domain_of(case.company_id)
            & Domain("part", "=", part)
            & (Domain("type_ids", "=", False) | Domain("type_ids", "in", kinds.ids))
            & (Domain("reason_ids", "=", False) | Domain("reason_ids", "in", reasons.ids))
        )
        best_first = found.sudo().sorted(
            lambda template: (not reasons & template.reason_ids, not kinds & template.type_ids)
        )
        return best_first.with_env(self.env)

    @api.model
    def _propose(self, case, part):
        """:return: the template that fits best, and its text; what is written, or reviewed without it, stays."""
        text, reviewed = case[f"response_{part}"], case.legal_risk and case.legal_state in ("pending", "approved")
        free = is_html_empty(text) and not reviewed and case.delivery_state != "pending"
        template = self._get_fitting(case, part)[:1] if free else self.browse()
        return template, template._render_for(case) if template else text

    def _render_for(self, case):
        template = self.with_context(lang=case._get_lang())
        if not self._is_safe(template.body):
            raise UserError(self.env._("The template %s holds a placeholder that is not allowed.", self.name))
        return template._render_template(template.body, case._name, case.ids, engine="qweb")[case.id].strip()

    def _put_into(self, html, case):
        """The text takes the place of that of another template; what a person wrote stays, and the text goes below."""
        text = self._render_for(case)
        written = self._get_words(html)
        offered = {self._get_words(other._render_for(case)) for other in self._get_fitting(case, self.part) | self}
        if not written or written in offered:
            return text
        return html if self._get_words(text) in written else Markup(html) + text

    @api.model
    def _get_words(self, html):
        return " ".join(html2plaintext(html or "").split())


class LetterData(models.Model):
    _inherit = "sig.pqrs"

    letter_addressee = fields.Char("Addressee of the letter", compute="_compute_letter_data")
    letter_received_on = fields.Char("Date of receipt, in words", compute="_compute_letter_data")
    letter_contact = fields.Char("How to reach the company", compute="_compute_letter_data")
    letter_recourse = fields.Char("Authority to go to, as a sentence", compute="_compute_letter_data")
    letter_incident_on = fields.Char("Date of the facts, in words", compute="_compute_letter_data")

    @api.depends("partner_name", "date_received", "incident_date", "company_id", "type_id.recourse_authority")
    @api.depends_context("lang")
    def _compute_letter_data(self):
        def in_words(day):
            return day and tools.format_date(self.env, day, date_format="long")

        for case in self:
            case.letter_addressee = case.partner_name  # empty under reserve: processes read drafts
            case.letter_received_on = case.date_received and in_words(case._get_received_on())
            case.letter_incident_on = in_words(case.incident_date)
            company = case.company_id.sudo()
            case.letter_contact = ", ".join(filter(None, [company._sig_get_contact_email(), company.phone]))
            authority = case.type_id.recourse_authority
            case.letter_recourse = authority and self.env._("You may also go to the %s.", authority)

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Fewer than core's, which reach the whole contact."""
        return PLACEHOLDERS
