from datetime import date
from itertools import product
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..mixin.transitions import UNAPPROVED

PEOPLE = ("leader_id", "deputy_ids", "member_ids")
LONGEST_DRAFT = 365  # business days


class Leadership(NamedTuple):
    """Users who act as leader of a process today.

    :param leaders: leader, deputies, and substitutes of those who are away.
    :param present: those of them who are active, have a role and are not away, in the order in which they are asked.
    :param substitutes: ``{substitute: absent user}``.
    """

    leaders: models.Model
    present: models.Model
    substitutes: dict


class Substitution(NamedTuple):
    """Days on which a user stands in."""

    company_id: int
    date_from: date
    date_to: date
    process_id: int


class ProcessRoles(NamedTuple):
    """Ids of the processes of which a user is member, or leader or deputy; and the `Substitution`s."""

    member_ids: frozenset
    led_ids: frozenset
    substitutions: tuple


class Process(models.Model):
    """A unit of the company's process map, which answers its part of a case."""

    _name = "sig.process"
    _description = "Process"
    _inherit = ["sig.record.mixin", "sig.thread.mixin"]
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, tracking=True, help="As in the process map.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    leader_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Approves the answers of the process before they go to the SIG.",
    )
    deputy_ids = fields.Many2many(
        "res.users",
        "sig_process_deputy_rel",
        "process_id",
        "user_id",
        "Deputies",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="May always approve. What waits for approval comes to them when the leader is away without a substitute.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "sig_process_member_rel",
        "process_id",
        "user_id",
        "Collaborators",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="They draft, and read the cases of the process.",
    )
    absence_ids = fields.One2many("sig.process.absence", "process_id", "Absences")
    absence_notice = fields.Char(compute="_compute_absence_notice")
    internal_days = fields.Integer(
        "Days for the draft",
        aggregator=None,
        default=8,
        help="Business days from the assignment in which the process drafts its answer.",
    )
    checklist = fields.Html("Approval checklist")
    # For record rules of what hangs on a process.
    is_led = fields.Boolean("Led by me", compute="_compute_is_led", search="_search_is_led")

    _code_unique = models.UniqueIndex("(company_id, code)", "Another process of the company has that code.")

    @api.model
    def _check_company_domain(self, companies):
        """What is of all companies may name a process of any."""
        return super()._check_company_domain(companies) if companies else Domain.TRUE

    @api.depends("absence_ids.date_from", "absence_ids.date_to", "absence_ids.substitute_id")
    def _compute_absence_notice(self):
        current = self.env["sig.process.absence"]._search_current([("process_id", "in", self.ids)])
        by_process = current.grouped("process_id")
        for process in self:
            process.absence_notice = " ".join(away._describe() for away in by_process.get(process._origin, ()))

    @api.depends("leader_id", "deputy_ids", "absence_ids.date_from", "absence_ids.date_to", "absence_ids.substitute_id")
    @api.depends_context("uid")
    def _compute_is_led(self):
        led = self._filter_led_by_user()
        for process in self:
            process.is_led = process in led

    def _search_is_led(self, operator, _value):
        return Domain("id", "in", self._get_led_ids()) if operator == "in" else NotImplemented

    @api.constrains("internal_days")
    def _check_internal_days(self):
        if any(not 1 <= process.internal_days <= LONGEST_DRAFT for process in self):
            raise ValidationError(self.env._("A process drafts its answer in 1 to 365 business days."))

    @api.constrains("company_id")
    def _check_people(self):
        self._check_named(dict.fromkeys(PEOPLE, self.env["res.users"]))

    def _check_named(self, before):
        """:param before: ``{field: users}`` who were there already, and may have lost their role since."""
        for process, name in product(self.sudo(), before):
            named = process[name] - before[name]
            process.company_id._sig_check_own(named)
            active = named.filtered("active")
            process.company_id._sig_check_staff(active)
            able = active if name == "member_ids" else active._sig_filter_active("process_leader", process.company_id)
            if without := ", ".join((active - able).mapped("name")):
                text = self.env._("Who leads approves: give the role of process leader first to %s.", without)
                raise ValidationError(text)

    @api.model_create_multi
    def create(self, vals_list):
        processes = super().create(vals_list)
        self.env.registry.clear_cache()  # of `_get_roles_of`, here and below
        return processes

    def write(self, vals):
        before = {name: self.sudo()[name] for name in PEOPLE if name in vals}
        result = super().write(vals)
        if before:
            self.env.registry.clear_cache()
            self._check_named(before)
        if not vals.keys().isdisjoint({"leader_id", "deputy_ids"}):
            self._follow_people()
        return result

    def _get_people(self):
        processes = self.sudo()
        return processes.leader_id | processes.deputy_ids | processes.member_ids

    @api.model
    def _get_domain_of_people(self, users):
        """The processes of which one of the users is leader, deputy or member."""
        return Domain.OR(Domain(name, "in", users.ids) for name in PEOPLE)

    def _get_leaderships(self):
        """``{process: Leadership}`` by the local date of each company."""
        processes = self.sudo()
        current = self.env["sig.process.absence"]._search_current([("company_id", "in", processes.company_id.ids)])
        away = {(absence.company_id, absence.user_id) for absence in current}
        by_place = {(absence.process_id, absence.user_id): absence for absence in current}
        leaderships = {}
        for process in processes:
            principals = process.leader_id | process.deputy_ids.sorted("id")
            able = principals._sig_filter_active("process_leader", process.company_id)
            present, substitutes = principals.browse(), {}
            for person in principals:
                absence = by_place.get((process, person))
                if not absence:
                    present |= person & able
                elif absence.substitute_id:
                    substitutes[absence.substitute_id] = person
                    if (process.company_id, absence.substitute_id) not in away:
                        present |= absence.substitute_id
            present = present._sig_filter_active("collaborator", process.company_id)
            leaderships[process] = Leadership(principals.union(*substitutes), present, substitutes)
        return leaderships

    def _filter_led_by_user(self):
        """Processes for which the user acts as leader today: as leader by role, or as substitute with any."""
        ids = ()
        if self.env.user.has_group("sig_pqrs.group_process_leader"):
            ids = self._get_led_ids()
        elif self.env.user.has_group("sig_pqrs.group_collaborator"):
            ids = self._get_substituted_ids()
        return self.filtered(lambda process: process._origin.id in ids)

    @api.model
    @tools.ormcache("user_id")
    def _get_roles_of(self, user_id):
        processes = self.sudo().with_context(active_test=False)

        def find(domain):
            return frozenset(processes.search(domain).ids)

        absences = self.env["sig.process.absence"].sudo().search([("substitute_id", "=", user_id)])
        return ProcessRoles(
            find(Domain("member_ids", "in", user_id)),
            find(Domain("leader_id", "=", user_id) | Domain("deputy_ids", "in", user_id)),
            tuple(
                Substitution(absence.company_id.id, absence.date_from, absence.date_to, absence.process_id.id)
                for absence in absences
                if absence.user_id in absence.process_id.leader_id | absence.process_id.deputy_ids
            ),
        )

    @api.model
    def _get_substituted_ids(self):
        Company = self.env["res.company"]
        return frozenset(
            substitution.process_id
            for substitution in self._get_roles_of(self.env.uid).substitutions
            if substitution.date_from <= Company.browse(substitution.company_id)._sig_today() <= substitution.date_to
        )

    @api.model
    def _get_led_ids(self):
        return sorted(self._get_roles_of(self.env.uid).led_ids | self._get_substituted_ids())

    @api.model
    def _get_worked_in_ids(self):
        """Ids of the processes whose cases the user reads: as member, substitute, or leader by role."""
        roles = self._get_roles_of(self.env.uid)
        process_ids = roles.member_ids | self._get_substituted_ids()
        if self.env.user.has_group("sig_pqrs.group_process_leader"):
            process_ids |= roles.led_ids
        return sorted(process_ids)

    def _follow_people(self):
        self.env["sig.pqrs.assignment"].sudo().search([("process_id", "in", self.ids), *UNAPPROVED])._follow_people()

    def _check_can_answer(self):
        for process in self:
            if not process.active:
                raise UserError(self.env._("The process %s is archived.", process.name))
            if not process.company_id._sig_filter_staff(process.leader_id):
                text = self.env._("The process %s has no active leader to approve its answer: name one.", process.name)
                raise UserError(text)
