from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .. import clock


class ProcessAbsence(models.Model):
    """The substitute of the leader or of a deputy acts as leader (see `sig.process._get_leaderships`); that of anybody
    is proposed as responsible, and reads no more for it.
    """

    _name = "sig.process.absence"
    _description = "Absence"
    _inherit = ["sig.record.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    process_id = fields.Many2one("sig.process", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="process_id.company_id", store=True, index=True, precompute=True)
    user_id = fields.Many2one(
        "res.users",
        "Who is away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    substitute_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Drafts meanwhile; for a leader or deputy, approves. Without one, the deputies approve, or else the SIG.",
    )
    date_from = fields.Date("First day", required=True, default=lambda self: self.env.company._sig_today())
    date_to = fields.Date("Last day", required=True)
    reason = fields.Char(groups="sig_pqrs.group_process_leader")
    state = fields.Selection(
        [("planned", "Planned"), ("current", "Current"), ("ended", "Ended")], compute="_compute_state"
    )

    can_edit = fields.Boolean(compute="_compute_can_edit")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "An absence cannot end before it begins. Check the dates."
    )
    _substitute_is_another = models.Constraint(
        "CHECK(substitute_id != user_id)", "Nobody stands in for themselves. Choose another substitute."
    )

    @api.depends("date_from", "date_to", "company_id")
    def _compute_state(self):
        for absence in self:
            today = (absence.company_id or self.env.company)._sig_today()
            if not absence.date_from or not absence.date_to or today < absence.date_from:
                absence.state = "planned"
            else:
                absence.state = "current" if today <= absence.date_to else "ended"

    @api.depends("user_id", "process_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        editable = self._origin._filtered_access("write")
        for absence in self:
            absence.can_edit = absence._origin in editable

    @api.depends("user_id", "date_from", "date_to")
    def _compute_display_name(self):
        for absence in self:
            absence.display_name = self.env._(
                "%(user)s, %(start)s to %(end)s",
                user=absence.sudo().user_id.name,
                start=tools.format_date(self.env, absence.date_from),
                end=tools.format_date(self.env, absence.date_to),
            )

    @api.constrains("process_id", "user_id")
    def _check_user(self):
        for absence in self.sudo():
            if absence.user_id not in absence.process_id._get_people():
                args = {"user": absence.user_id.name, "process": absence.process_id.name}
                text = self.env._("%(user)s is not of the process %(process)s: nobody needs to stand in.", **args)
                raise ValidationError(text)

    @api.constrains("process_id", "substitute_id")
    def _check_substitute(self):
        for absence in self.sudo():
            absence.company_id._sig_check_staff(absence.substitute_id)

    @api.constrains("process_id", "user_id", "substitute_id", "date_from", "date_to")
    def _check_overlaps(self):
        meanwhile = self.sudo()._get_meanwhile("user_id", self.user_id | self.substitute_id)
        for absence, others in meanwhile.items():
            same = [("user_id", "=", absence.user_id.id), ("process_id", "=", absence.process_id.id)]
            if same := others.filtered_domain(same):
                args = {"absence": same[0].display_name, "process": absence.process_id.name}
                text = self.env._(
                    "%(absence)s is recorded already for %(process)s. Change that absence instead.", **args
                )
                raise ValidationError(text)
            if away := others.filtered(lambda each, own=absence: each.user_id == own.substitute_id)[:1]:
                text = self.env._("The substitute will be away too: %s. Choose another one.", away.display_name)
                raise ValidationError(text)

    def _get_meanwhile(self, name, users):
        """``{absence: others of its company that share a day with it, and have one of some users in a field}``"""
        theirs = self.search([("company_id", "in", self.company_id.ids), (name, "in", users.ids)])
        found = {}
        for absence in self:
            days = [("date_to", ">=", absence.date_from), ("date_from", "<=", absence.date_to)]
            found[absence] = (theirs - absence).filtered_domain([("company_id", "=", absence.company_id.id), *days])
        return found

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._on_recorded(absences.process_id)
        return absences

    def write(self, vals):
        processes = self.sudo().process_id
        result = super().write(vals)
        if not vals.keys().isdisjoint({"process_id", "user_id"}):
            self.check_access("write")  # core checks the former values alone
        if vals.keys() - {"reason"}:
            self._on_recorded(processes | self.process_id)
        return result

    def unlink(self):
        processes = self.sudo().process_id
        result = super().unlink()
        self.env.registry.clear_cache()
        processes._follow_people()
        return result

    def _on_recorded(self, processes):
        self.env.registry.clear_cache()  # of `sig.process._get_roles_of`, as in `unlink`
        self.sudo()._notify_of_absence()
        processes.sudo()._follow_people()

    def _describe(self):
        if self.substitute_id:
            args = {"absence": self.display_name, "substitute": self.substitute_id.name}
            return self.env._("Away: %(absence)s. %(substitute)s stands in.", **args)
        return self.env._("Away: %s. Nobody stands in.", self.display_name)

    def _notify_of_absence(self):
        def get_subject(absence):
            names = {"user": absence.user_id.name, "process": absence.process_id.name}
            return absence.env._("You stand in for %(user)s in %(process)s", **names)

        def get_text(absence):
            env, process = absence.env, absence.process_id
            start, end = (tools.format_date(env, day) for day in (absence.date_from, absence.date_to))
            days = {"start": start, "end": end, "user": absence.user_id.name}
            return (
                env._("From %(start)s to %(end)s you approve the answers of the process in place of %(user)s.", **days)
                if absence.user_id in process.leader_id | process.deputy_ids
                else env._("From %(start)s to %(end)s new drafts are proposed to you in place of %(user)s.", **days)
            )

        mail, user = self.env["sig.staff.notice"]._mail_about, self.env.user
        current = self.filtered(lambda absence: absence.state != "ended")
        mail(current, {each: each.substitute_id - user for each in current}, get_subject, get_text)
        meanwhile = current._get_meanwhile("substitute_id", current.user_id)
        left = [of.filtered_domain([("substitute_id", "=", each.user_id.id)]) for each, of in meanwhile.items()]
        left = self.browse().union(*left).filtered(lambda absence: absence.state != "ended")
        leaders = {each: each.process_id.leader_id | each.company_id._sig_get_director() for each in left}
        mail(left, leaders, lambda each: each.env._("Who stands in will be away too"), lambda each: each._describe())

    @api.model
    def _search_current(self, domain, until=None):
        """Absences that are current by the local date of their company, or begin until a day."""
        today, day = clock.now().date(), timedelta(days=1)
        near = [("date_from", "<=", max(until or today, today + day)), ("date_to", ">=", today - day), *domain]
        near = self.sudo().search(near, order="id")
        planned = near.filtered(lambda absence: until and absence.state == "planned" and absence.date_from <= until)
        return planned | near.filtered(lambda absence: absence.state == "current")

    @api.model
    def _get_current_of(self, users, process, until=None):
        """The absences of users whom one would make responsible in a process, of today or that begin until a day.

        The first of those in the process, which everybody who reads it knows, else of those elsewhere that the user
        reads; as superuser.

        :return: ``{user: absence}``
        """
        users, process = users._origin, process._origin
        process.check_access("read")
        of_users = [("user_id", "in", users.ids)]
        elsewhere = self.search(of_users) if self.has_access("read") else self
        known = ["|", ("process_id", "=", process.id), ("id", "in", elsewhere.ids), *of_users]
        found = self._search_current(known, until).sorted("date_from", reverse=True)
        return {absence.user_id: absence for absence in found.sorted(lambda absence: absence.process_id == process)}

    @api.model
    def _get_stand_in(self, user, process):
        absence = self._get_current_of(user, process).get(user._origin)
        able = process.sudo().company_id._sig_filter_own(absence.substitute_id if absence else user.sudo())
        return able.with_env(self.env) if able and not self._get_current_of(able, process) else user

    @api.model
    def _get_notice(self, users, process, until=None):
        return "\n".join(absence._describe() for absence in self._get_current_of(users, process, until).values())
