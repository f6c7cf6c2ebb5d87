import ast

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..mixin.transitions import SIG, Transition
from ..survey.survey import SURVEY_TYPE
from .recipient import OPEN

#: month in which the survey of each semester is made (procedure 6)
MONTHS = {"1": 6, "2": 12}

#: of a company without goals
TARGETS = {"target_satisfaction": 80, "target_nps": 30, "target_response_rate": 60}
OF_COMPANY = {"compute": "_compute_targets", "store": True, "readonly": False, "precompute": True, "aggregator": None}

#: states in which nobody answers any more, and the results are frozen
ENDED = ("closed", "reported")

#: what the SIG edits until the wave is launched
PREPARED = frozenset({"survey_id", "year", "semester", "date_start", "company_id", "population_domain", *TARGETS})

#: states of the clients that each counter counts, as the filter of its name finds them
COUNTERS = {
    "answered_count": ("answered",),
    "pending_count": ("to_send", "sent", "started"),
    "unreached_count": ("failed", "bounced", "wrong_contact"),
    "declined_count": ("declined",),
    "excluded_count": ("excluded",),
}


class SurveyWave(models.Model):
    """One application of the satisfaction survey, in June or December (procedure 6)."""

    _name = "sig.survey.wave"
    _description = "Survey Wave"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _transitions = {
        "prepare": Transition({"draft": (SIG,)}),
        "edit": Transition({"draft": (SIG,), "running": (SIG,)}),
        "launch": Transition({"draft": (SIG,)}),
        "close": Transition({"running": (SIG,)}),
        "send_results": Transition(dict.fromkeys(ENDED, (SIG,))),
    }
    _editable_fields = PREPARED | {"name", "date_end"}
    _sig_is_proof = "draft"
    _order = "year desc, semester desc, date_start desc, id desc"

    name = fields.Char(
        required=True, tracking=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    survey_id = fields.Many2one(
        "survey.survey",
        "Questionnaire",
        required=True,
        index=True,
        domain=[("survey_type", "=", SURVEY_TYPE), ("sig_frozen", "=", False)],
        default=lambda self: self._get_default_survey(),
    )
    template_id = fields.Many2one("survey.survey", "Copied from", readonly=True, copy=False, ondelete="set null")
    year = fields.Integer(aggregator=None, required=True, default=lambda self: self._get_semester_to_make()[0])
    semester = fields.Selection(
        [("1", "First (June)"), ("2", "Second (December)")],
        required=True,
        default=lambda self: self._get_semester_to_make()[1],
    )
    date_start = fields.Date("From", required=True, default=lambda self: self.env.company._sig_today())
    date_end = fields.Date(
        "Until",
        required=True,
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The day that clients are told. Answers are taken until the SIG closes the wave.",
    )
    date_closed = fields.Datetime("Closed", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "In preparation"), ("running", "Running"), ("closed", "Closed"), ("reported", "Results sent")],
        default="draft",
        copy=False,
        tracking=True,
        index=True,
    )
    population_domain = fields.Char(
        "Clients to survey", required=True, exportable=False, default="[('sig_is_client', '=', True)]"
    )
    recipient_ids = fields.One2many(
        "sig.survey.recipient", "wave_id", "Clients", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )
    target_satisfaction = fields.Float("Target of satisfaction (%)", help="Of 4 and 5. To be confirmed.", **OF_COMPANY)
    target_nps = fields.Float("Target of NPS", help="From −100 to 100. To be confirmed.", **OF_COMPANY)
    target_response_rate = fields.Float("Target of response rate (%)", help="To be confirmed.", **OF_COMPANY)
    response_rate = fields.Float(
        "Response rate (%)",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Those who answered, of those who could be asked: whoever was left out or not reached does not count.",
    )
    satisfaction = fields.Float("Satisfied, 4 and 5 (%)", readonly=True, copy=False, aggregator=None)
    nps = fields.Float("NPS", readonly=True, copy=False, aggregator=None)
    has_response_rate = fields.Boolean("Clients were asked", readonly=True, copy=False)
    has_results = fields.Boolean("Has results", readonly=True, copy=False)
    has_nps = fields.Boolean("Has an NPS", readonly=True, copy=False)

    recipient_count = fields.Integer("Clients of the wave", compute="_compute_progress", compute_sudo=True)
    answered_count = fields.Integer("Answers", compute="_compute_progress", compute_sudo=True)
    pending_count = fields.Integer("Without answer", compute="_compute_progress", compute_sudo=True)
    unreached_count = fields.Integer("Not reached", compute="_compute_progress", compute_sudo=True)
    declined_count = fields.Integer("Do not take part", compute="_compute_progress", compute_sudo=True)
    excluded_count = fields.Integer("Left out of the wave", compute="_compute_progress", compute_sudo=True)
    queued_count = fields.Integer("In the queue", compute="_compute_progress", compute_sudo=True)
    progress = fields.Float("Progress (%)", compute="_compute_progress", compute_sudo=True)

    _semester_index = models.Index("(company_id, year, semester)")
    _dates = models.Constraint("CHECK (date_end >= date_start)", "The survey ends before it begins.")
    _year_range = models.Constraint("CHECK (year BETWEEN 2000 AND 2100)", "Write the year with four digits.")
    _targets = models.Constraint(
        "CHECK (target_satisfaction BETWEEN 0 AND 100 AND target_response_rate BETWEEN 0 AND 100"
        " AND target_nps BETWEEN -100 AND 100)",
        "Targets are percentages; that of NPS is between −100 and 100.",
    )

    @api.model
    def _get_default_survey(self):
        companies = ("sig_company_id", "in", [False, self.env.company.id])
        templates = [("survey_type", "=", SURVEY_TYPE), ("sig_frozen", "=", False), companies]
        surveys = self.env["survey.survey"].search(templates, order="id")
        return (surveys.filtered("sig_company_id") or surveys)[:1]  # a company's own goes before the shared one

    @api.depends("company_id")
    def _compute_targets(self):
        """The goals of the indicators, which judge the same figures."""
        for company, waves in self.grouped("company_id").items():
            indicators = self.env["sig.indicator"]._get_for(company).filtered("has_target")
            goals = {one.kind.replace("survey_", "target_"): one.target for one in indicators}
            waves.update({name: goals.get(name, usual) for name, usual in TARGETS.items()})

    @api.depends("year", "semester")
    def _compute_name(self):
        for wave in self:
            june = self.env._("Survey of June %(year)s", year=wave.year)
            december = self.env._("Survey of December %(year)s", year=wave.year)
            wave.name = december if wave.semester == "2" else june

    @api.depends("date_start")
    def _compute_date_end(self):
        for wave in self:
            if wave.date_start and not (wave.date_end and wave.date_end >= wave.date_start):
                wave.date_end = wave.date_start + relativedelta(days=21)

    def write(self, vals):
        if not self.env.su and not self._editable_fields.isdisjoint(vals):
            self._check_transition("edit" if PREPARED.isdisjoint(vals) else "prepare")
        return super().write(vals)

    @api.constrains("population_domain")
    def _check_population_domain(self):
        for wave in self:
            wave._get_population()

    def _get_population(self):
        """Commercial entities that the filter finds with the rights of the current user, or it could reveal hidden
        data.

        :raises ValidationError: for an invalid filter.
        """
        self.ensure_one()
        Partner = self.env["res.partner"].with_company(self.company_id)  # whose clients they are
        try:
            domain = Domain(ast.literal_eval(self.population_domain or "[]"))
            domain.validate(Partner)
            domain &= Domain(Partner._check_company_domain(self.company_id))
            with self.env.cr.savepoint(flush=False):
                groups = Partner._read_group(domain, ["commercial_partner_id"])
        except OperationalError:
            raise
        except Exception as error:
            raise ValidationError(
                self.env._("%s: the filter of clients is not valid, or asks for what you may not read.", self.name)
            ) from error
        return Partner.union(*(partner for (partner,) in groups))._filtered_access("read").filtered("active")

    @api.depends("recipient_ids.state", "recipient_ids.queued")
    def _compute_progress(self):
        known, by = [("wave_id", "in", self.ids)], ["wave_id", "state", "queued"]
        cells = self.env["sig.survey.recipient"]._read_group(known, by, ["__count"])
        for wave in self:
            counts = [cell[1:] for cell in cells if cell[0] == wave._origin]
            for name, states in COUNTERS.items():
                wave[name] = sum(number for state, _queued, number in counts if state in states)
            wave.recipient_count = sum(number for state, _queued, number in counts if state != "excluded")
            wave.queued_count = sum(number for state, queued, number in counts if queued and state in OPEN)
            reached = wave.recipient_count - wave.unreached_count
            wave.progress = 100 * wave.answered_count / reached if reached else 0
