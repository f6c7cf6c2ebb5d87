from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..mixin import transitions

#: states of the term of a case that answers badly: who hides it from management says why
LATE = ("overdue", "answered_late")


class PqrsRestricted(models.Model):
    """Restricted cases: only the SIG and the people named on them see them.

    Restricting one, and opening it again, is an act, and so is every change of the people named on it. Whoever
    restricts a case that is closed or late says why: neither management nor who audits reads it any more, and the act
    is what is left to ask about.
    """

    _inherit = "sig.pqrs"

    restricted = fields.Boolean("Restricted access", help="Only the SIG and the people named here see the case.")
    restriction_reason = fields.Char(
        "Why it is restricted",
        compute="_compute_restriction_reason",
        readonly=False,
        groups="sig_pqrs.group_sig_director",
        help="Of a case that is closed or late. It stays in the act.",
    )
    asks_restriction_reason = fields.Boolean("Asks why", compute="_compute_asks_restriction_reason")
    authorized_user_ids = fields.Many2many(
        "res.users",
        "sig_pqrs_authorized_rel",
        string="People who may see it",
        help="Besides the SIG, only they see the case.",
    )

    @api.depends("act_ids")
    def _compute_restriction_reason(self):
        acts = self.sudo().act_ids.filtered(lambda act: act.kind == "restricted").sorted("number")
        notes = {act.pqrs_id.id: act.note for act in acts if act.pqrs_id.restricted}
        for case in self:
            case.restriction_reason = notes.get(case._origin.id, False)

    @api.depends("restricted", "state", "deadline_state")
    def _compute_asks_restriction_reason(self):
        for case in self:
            case.asks_restriction_reason = case._origin._needs_restriction_reason()

    def _needs_restriction_reason(self):
        """Whether restricting it now would take from management a case that is over, or late."""
        return (
            bool(self)
            and not self.restricted
            and (self.state not in transitions.RUNNING or self.deadline_state in LATE)
        )

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        if self.env.su:  # what others name is written once the case is there
            cases._record_readers({})
        return cases

    def write(self, vals):
        vals = dict(vals)
        reason = vals.pop("restriction_reason", None)
        moved, restricted = self.browse(), bool(vals.get("restricted"))
        if "restricted" in vals:
            moved = self.filtered(lambda case: case.restricted != restricted)
        if restricted:
            reason = moved._take_restriction_reason(reason)
        moves_readers = not vals.keys().isdisjoint({"restricted", "authorized_user_ids"})
        readers = self._get_named_readers() if moves_readers else {}
        result = super().write(vals)
        if moved:
            moved._record_restriction(restricted, reason if restricted else "")
        if moves_readers:
            self._record_readers(readers)
            if restricted:
                moved.sudo()._authorize_workers()
            self.sudo()._follow_restriction()
        return result

    def _take_restriction_reason(self, reason):
        """
        :raises UserError: without one, when any of the cases is closed or late.
        """
        asking = not self.env.su and self.filtered(lambda case: case._needs_restriction_reason())
        if not asking and not reason:
            return ""
        self.check_access("write")
        missing = asking and self.env._("%s is closed or late: say why its access is restricted now.", asking[0].name)
        return self._require_text(reason, missing or None)

    def _record_restriction(self, restricted, reason):
        """The act, with where the case stood: a report counts those that were closed or late."""
        self._record(
            "restricted" if restricted else "unrestricted",
            dict.fromkeys(self, reason),
            data={
                case.with_env(self.env): {"state": case.state, "deadline": case.deadline_state} for case in self.sudo()
            },
        )

    def _get_named_readers(self):
        """``{id: people}`` who are named on those of the cases that are restricted."""
        return {case.id: case.authorized_user_ids for case in self.sudo().filtered("restricted")}

    def _record_readers(self, before):
        """The act of who was named, and who no longer is, on those of the cases that are restricted.

        :param dict before: of `_get_named_readers`; of a case that was open to others, all are new.
        """
        nobody = self.env["res.users"].sudo()
        notes, data = {}, {}
        for case in self.sudo().filtered("restricted"):
            now, was = case.authorized_user_ids, before.get(case.id, nobody)
            if now == was:
                continue
            added, removed = now - was, was - now
            texts = (
                added and self.env._("Named: %s.", ", ".join(added.mapped("name"))),
                removed and self.env._("No longer: %s.", ", ".join(removed.mapped("name"))),
            )
            notes[case] = " ".join(filter(None, texts))
            data[case] = {"added": added.ids, "removed": removed.ids}
        self.browse(case.id for case in notes)._record("readers_changed", notes, data=data)

    def _authorize(self, users):
        """Name people on those of the cases that are restricted.

        :param users: of all the cases, or ``{case: users}``.
        """
        alike = {}
        for case in self.filtered("restricted"):
            people = users.get(case, self.env["res.users"]) if isinstance(users, dict) else users
            if people - case.authorized_user_ids:
                alike[people] = alike.get(people, self.browse()) | case
        for people, cases in alike.items():
            cases.write({"authorized_user_ids": [Command.link(user.id) for user in people]})

    def _unauthorize(self, users):
        """Take people off a restricted case."""
        gone = users & self.authorized_user_ids
        if gone:
            self.write({"authorized_user_ids": [Command.unlink(user.id) for user in gone]})

    def _authorize_workers(self):
        """A case that becomes restricted keeps in who drafts, and who approved or approves, its answers."""
        assignments = self._get_standing_assignments()
        users = {}
        for assignment, approver in assignments._get_approvers(authorized=False).items():
            people = assignment.user_id | (assignment.approved_by_id or approver)
            users[assignment.pqrs_id] = users.get(assignment.pqrs_id, people) | people
        self._authorize(users)

    def _follow_restriction(self):
        """What follows when other people may see cases: approvals move, outsiders hear no more.

        :raises UserError: when somebody who drafts an answer is left out.
        """
        standing = self._get_standing_assignments()
        for assignment in standing:
            case, drafter = assignment.pqrs_id, assignment.user_id
            if case.restricted and case.state in transitions.OPEN and drafter not in case.authorized_user_ids:
                raise UserError(
                    self.env._(
                        "%(user)s drafts the answer of %(assignment)s. Give the draft to somebody else first.",
                        user=drafter.name,
                        assignment=assignment.display_name,
                    )
                )
        self._remove_outsiders()
        standing._remove_outsiders()
        standing.filtered(lambda assignment: assignment.pqrs_id.state in transitions.OPEN)._move_approvals()
