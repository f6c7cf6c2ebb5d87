from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.legal_term import Term

DAYS_FIELDS = ("term_days", "extension_days", "requirement_days", "transfer_days", "mark_days", "copies_days")
COUNT_FIELDS = (*DAYS_FIELDS, "completion_months", "completion_extension_months")

#: a change of these moves the deadlines of open cases
TERM_FIELDS = (*COUNT_FIELDS, "requirement_allowed", "due_by_authority", "silence")

SUPERVIGILANCIA = "Superintendencia de Vigilancia y Seguridad Privada"


class PqrsType(models.Model):
    _name = "sig.pqrs.type"
    _description = "PQRS Type"
    _inherit = ["sig.shared.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Other software and the spreadsheet of imports know it by this code.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.pqrs.type")
    definition = fields.Text(translate=True)
    term_days = fields.Integer("Term", aggregator=None, default=15)
    extension_days = fields.Integer(
        "Extension", aggregator=None, help="Business days by which the term may be extended, once; 0: none."
    )
    requirement_allowed = fields.Boolean(
        "Information may be required",
        help="The petitioner may be asked to complete the petition, which suspends the term.",
    )
    requirement_days = fields.Integer(
        "Require within", aggregator=None, help="Business days from receipt to require what is missing."
    )
    completion_months = fields.Integer("Complete within", aggregator=None)
    completion_extension_months = fields.Integer(
        "Extension to complete",
        aggregator=None,
        help="Months by which it is extended, once, for whoever asks for it before it ends; 0: none. Ley 1755 de 2015, "
        "art. 17, gives as much again; Ley 1581 de 2012, art. 15, and Ley 1266 de 2008, art. 16, give none.",
    )
    transfer_days = fields.Integer("Transfer within", aggregator=None)
    mark_days = fields.Integer(
        "Mark within",
        aggregator=None,
        help="Business days to mark “claim in process” (Ley 1581, art. 15; Ley 1266, art. 16).",
    )
    copies_days = fields.Integer(
        "Copies within",
        aggregator=None,
        help="Business days after the term to hand over copies, when silence means acceptance.",
    )
    silence = fields.Selection(
        [
            ("breach", "Breach"),
            ("accepted", "The request is deemed accepted"),
            ("serious_indication", "Serious indication against the company"),
            ("none", "No effect"),
        ],
        "Effect of silence",
        required=True,
        default="breach",
        help="What the law makes of a petition that is not answered in time.",
    )
    legal_basis = fields.Char(
        translate=True, help="The law from which the term comes; it is told with the count of the term."
    )
    recourse_authority = fields.Char(
        "Authority to go to",
        translate=True,
        default=SUPERVIGILANCIA,
        help="To which the answer says that whoever does not agree may go, and by which law. Empty: it names none.",
    )
    regulator_notice = fields.Char(
        "Incidents with staff are told to",
        translate=True,
        default=lambda self: self.env._("%s, and the other competent authorities", SUPERVIGILANCIA),
        help="Who must be told at once of an incident in which staff is involved (Decreto 356 de 1994, art. 74, num. "
        "28). Empty: it is not told.",
    )
    on_website = fields.Boolean(
        "Offered to the public", help="Clients choose among these types; the SIG may change the regime in triage."
    )
    allow_anonymous = fields.Boolean("May be anonymous")
    personal_data = fields.Boolean(
        "About personal data",
        help="Of Ley 1581 de 2012 or Ley 1266 de 2008: the identity is checked before the answer leaves.",
    )
    due_by_authority = fields.Boolean(
        "Date set by the authority", help="The authority sets day and hour: no term is counted."
    )
    legal_risk = fields.Boolean(
        "Proposes legal review", help="Its answers go to the legal reviewer before they are sent."
    )
    has_resolution = fields.Boolean("Decided on its merits")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another type has that code.")
    _terms_possible = models.Constraint(
        f"CHECK(LEAST({', '.join(COUNT_FIELDS)}) >= 0 AND (term_days >= 1 OR due_by_authority IS TRUE)"
        f" AND GREATEST({', '.join(DAYS_FIELDS)}) <= 365"
        " AND completion_months <= 12 AND completion_extension_months <= completion_months)",
        "Terms are of 1 to 365 business days, and of at most 12 months to complete, extended by as much again at most.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint((*TERM_FIELDS, "regulator_notice")):
            self.flush_recordset(TERM_FIELDS)  # PostgreSQL refuses impossible terms before cases get them
            Change = self.env["sig.term.change"]
            cases = Change._get_cases([("type_id", "in", self.ids)])
            Change._apply(cases, self.env._("Change of the term of %s", ", ".join(self.mapped("name"))))
        return result

    @api.model
    def _get_fallback(self, company, code, anonymous=False):
        """Choose the type of a case for which nobody chose one; the SIG sets the regime in triage.

        :param str code: preferred; any other type of the company does too.
        :return: the type, as superuser.
        :raises UserError: when the company has none.
        """
        domain = self._get_domain_of(company) & Domain("due_by_authority", "=", False)
        if anonymous:
            domain &= Domain("allow_anonymous", "=", True)
        kinds = self.sudo().search(domain)
        same = kinds.filtered(lambda kind: kind.code == code)
        kind = (same.filtered("company_id") or same or kinds)[:1]  # a company's own goes before the shared one
        if not kind:
            raise UserError(self.env._("Choose an active type."))
        return kind

    def _get_answer_days(self, company):
        """Business days of the legal term, or fewer by the policy of the company."""
        return min(self.term_days, company.sig_policy_days or self.term_days)

    def _get_term(self):
        counts = {name: self[name] for name in COUNT_FIELDS}
        if not self.requirement_allowed:
            counts["requirement_days"] = 0
        if self.silence != "accepted":
            counts["copies_days"] = 0
        return Term(days=counts.pop("term_days"), **counts)
