import secrets

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

MAX_SAMPLE = 100


class EvidenceWizard(models.TransientModel):
    """Draw cases of a period at random for an auditor, and make their evidence pack."""

    _name = "sig.evidence.wizard"
    _description = "Sample of Cases for an Audit"
    _inherit = ["sig.output.mixin"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    date_from = fields.Date(
        "Received from",
        required=True,
        default=lambda self: self.env.company._sig_today().replace(day=1) - relativedelta(months=6),
    )
    date_to = fields.Date("Received until", required=True, default=lambda self: self.env.company._sig_today())
    count = fields.Integer("Number of cases", required=True, default=10)
    seed = fields.Char(
        required=True,
        default=lambda self: secrets.token_hex(4),
        help="Whoever audits can say it: the same seed draws the same cases.",
    )
    population = fields.Integer("Drawn from", compute="_compute_population", help="Cases received in the period.")
    left_out = fields.Integer(
        "Restricted, left out",
        compute="_compute_population",
        help="Cases received in the period whose access is restricted, and which you may not read.",
    )
    with_identity = fields.Boolean(
        "With the identity", help="Reserved identities and identity documents go in the pack too."
    )

    @api.constrains("date_from", "date_to", "count")
    def _check_sample(self):
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise ValidationError(self.env._("The period ends before it begins."))
            if not 1 <= wizard.count <= MAX_SAMPLE:
                raise ValidationError(self.env._("A sample has from 1 to %s cases.", MAX_SAMPLE))

    @api.depends("date_from", "date_to")
    def _compute_population(self):
        for wizard in self:
            dated = wizard.date_from and wizard.date_to
            wizard.population = self.env["sig.pqrs"].search_count(wizard._get_domain()) if dated else 0
            wizard.left_out = wizard._count_left_out() if dated else 0

    def _count_left_out(self):
        """How many restricted cases cannot be drawn: their number is told to who makes packs, and nothing else."""
        company = self.company_id
        if company not in self.env.companies or not self.env["sig.audit.access"]._may_make_files(company):
            return 0
        Case = self.env["sig.pqrs"]
        restricted = self._get_domain() & Domain("restricted", "=", True)
        return Case.sudo().search_count(restricted) - Case.search_count(restricted)

    def _get_domain(self):
        """The cases among which it is drawn, of those that the user may read."""
        company = self.company_id
        end = fields.Date.add(self.date_to, days=1)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "!=", "to_file")
            & Domain("date_received", ">=", company._sig_midnight(self.date_from))
            & Domain("date_received", "<", company._sig_midnight(end))
        )

    def action_make(self):
        """Draw the sample and make its pack."""
        self.ensure_one()
        Pack = self.env["sig.evidence.pack"]
        cases = self.env["sig.pqrs"].search_fetch(self._get_domain(), ["name"], order="id")
        if not cases:
            raise UserError(self.env._("No case was received in the period."))
        seed = self.seed.strip()
        sample = Pack._draw(cases, self.count, seed)
        vals = {
            "date_from": self.date_from,
            "date_to": self.date_to,
            "population": len(cases),
            "left_out": self._count_left_out(),
            "seed": seed,
        }
        return Pack._ask(sample, self.with_identity, **vals)._get_action()
