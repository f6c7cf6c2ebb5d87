from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..json_list import JsonList
from .transitions import ROLES, SIG


class TransitionMixin(models.AbstractModel):
    """A record whose state only changes by a table of transitions (see `transitions`)."""

    _name = "sig.transition.mixin"
    _inherit = "sig.record.mixin"
    _description = "Transitions"

    #: ``{name: Transition}``
    _transitions = {}
    _editable_fields = frozenset()
    #: external ids of the activity types of its steps
    _own_activities = ()
    #: field that holds a case, or a part of one, in the dialog of steps of cases; None for others, which share another
    _dialog_field = None

    state = fields.Selection(lambda self: [], required=True, readonly=True)
    allowed_transitions = JsonList(
        compute="_compute_allowed_transitions",
        help="Names of the transitions that the current user may make on this record now.",
    )
    step_menu = JsonList(
        compute="_compute_step_menu", help="Pairs of name and title of the steps that are allowed and stand aside."
    )

    def _get_transition_depends(self):
        return []

    @api.depends(lambda self: ["state", *self._get_transition_depends()])
    @api.depends_context("uid")
    def _compute_allowed_transitions(self):
        # what is typed, and not saved yet, gives no role and takes none
        roles = self._origin._get_roles()
        for record, record_sudo in zip(self, self.sudo(), strict=True):
            state, held = record.state, roles.get(record._origin, frozenset())
            record.allowed_transitions = [
                name
                for name, transition in self._transitions.items()
                if record._origin
                and not held.isdisjoint(transition.states.get(state, ()))
                and (not transition.when or transition.when(record_sudo))
            ]

    @api.depends("allowed_transitions")
    @api.depends_context("uid", "lang")
    def _compute_step_menu(self):
        titles = self._get_step_titles()
        for record in self:
            record.step_menu = [
                [name, titles[name]]
                for name in record.allowed_transitions
                if name in titles and self._transitions[name].aside
            ]

    @api.model
    def _get_step_titles(self):
        wizard = "sig.pqrs.step.wizard" if self._dialog_field else "sig.pqrs.improvement.wizard"
        return self.env[wizard]._get_choices("step")

    def action_open_step(self):
        step = self.env.context.get("default_step")
        titles = self._get_step_titles()
        if not isinstance(step, str) or step not in self._transitions or step not in titles:
            raise UserError(self.env._("There is no such step."))
        name = f"{titles[step]} · {self.display_name}" if len(self) == 1 else titles[step]
        xmlid = "sig_pqrs.action_step_wizard" if self._dialog_field else "sig_pqrs.action_improvement_wizard"
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        return {**action, "name": name, "context": {"default_step": step, **self._get_step_context()}}

    def _get_step_context(self):
        """The defaults of the step dialog that hold the record, or records."""
        if not self._dialog_field:
            return {"default_res_model": self._name, "default_res_ids": self.ids}
        seen = {f"default_{key}": value for key, value in self.env.context.items() if key == "draft_digest"}
        return {f"default_{self._dialog_field}": self.id, **seen}

    @api.model
    def _get_record(self, model, id_):
        valid = isinstance(id_, int) and not isinstance(id_, bool)
        return self.env[model].browse(id_ if valid else []).exists()

    @api.model
    def _require_text(self, text, message=None):
        """A required text argument of a step, stripped; ``message`` is the error without it."""
        if not isinstance(text, str) or not text.strip():
            raise UserError(message or self.env._("Say why."))
        return text.strip()

    def _read_seen(self, digest, key):
        """``{id: digest}`` of what the user read before a step, or None if the caller does not say.

        :param digest: argument of the step: the digest of one record, or ``{id: digest}`` of several.
        :param str key: in the context, under which the button of a form sends its digest.
        """
        if digest is False or digest is None:
            if key not in self.env.context:
                return None
            digest = self.env.context[key]
        if isinstance(digest, dict):
            return {id_: digest.get(str(id_), digest.get(id_)) for id_ in self.ids}
        return dict.fromkeys(self.ids, digest)

    def _get_roles(self):
        """``{record: roles of the user on it}``; the superuser has all roles."""
        return dict.fromkeys(self, frozenset(ROLES)) if self.env.su else self._get_user_roles()

    def _get_user_roles(self):
        """``{record: set of roles}`` of a user without superuser rights. Hook: models add their roles."""
        is_sig = self.env.user.has_group("sig_pqrs.group_sig_director")
        return {record: {SIG} if is_sig else set() for record in self}

    def _check_transition(self, name):
        """Check a transition against the table, and lock the cases.

        :return: the records as superuser.
        :raises AccessError: if the user lacks the role.
        :raises UserError: for a wrong state or condition.
        """
        self.check_access("read")
        transition = self._transitions[name]
        roles = self._get_roles()
        for record in self:
            granted = transition.states.get(record.state)
            if granted is None or (transition.when and not transition.when(record.sudo())):
                raise UserError(record._get_transition_refusal(name))
            if not roles[record].intersection(granted):
                raise AccessError(record._get_role_refusal(name))
        # Cases before their parts, in one order: concurrent steps on a case wait, start again, and never deadlock.
        proven = self.sudo()
        self.env["sig.pqrs.act"]._lock_heads(proven._get_step_cases())
        return proven

    def _close_activities(self, *types):
        self.sudo().activity_unlink(types or self._own_activities)

    def _remove_outsiders(self):
        """Whoever no longer reads the records follows them no more, and keeps no activity or message of them."""
        records = self.sudo()
        env = records.env
        place = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        followers = env["mail.followers"].search(place).grouped("partner_id")
        activities = env["mail.activity"].search(place).grouped("user_id")
        messages = env["mail.message"].search([("model", "=", self._name), ("res_id", "in", self.ids)])
        partners = env["res.partner"].union(*followers) | messages.partner_ids | messages.notified_partner_ids
        users = partners.user_ids | env["res.users"].union(*activities)
        for user in users.filtered(lambda user: not user.share):
            partner, hidden = user.partner_id, set((records - records._sig_filter_readable_by(user)).ids)
            for rows in filter(None, (followers.get(partner), activities.get(user))):
                rows.filtered_domain([("res_id", "in", hidden)]).unlink()
            theirs = messages.filtered_domain([("res_id", "in", hidden)])
            theirs.notification_ids.filtered_domain([("res_partner_id", "=", partner.id)]).unlink()
            theirs.filtered_domain([("partner_ids", "in", partner.ids)]).partner_ids = [Command.unlink(partner.id)]

    def _get_step_cases(self):
        if not self._is_case_or_part(self._name):
            return self.env["sig.pqrs"]
        return self if self._name == "sig.pqrs" else self["pqrs_id"]

    def _one_per_case(self):
        """Yield batches with at most one record of each case: `_append` takes distinct cases."""
        pending = self
        while pending:
            batch = pending.browse(records[0].id for records in pending.grouped("pqrs_id").values())
            yield batch
            pending -= batch

    def _check_lacks_nothing(self, wanted):
        """:param wanted: ``[(value, its name)]``."""
        if missing := ", ".join(name for value, name in wanted if not value):
            name = self.display_name
            raise UserError(self.env._("%(record)s still lacks: %(what)s.", record=name, what=missing))

    def _get_transition_refusal(self, name):
        state = self._get_choices("state")[self.state]
        return self.env._(
            "%(record)s: this step is not possible now (it is “%(state)s”). Its state, its type or what was done "
            "before does not allow it: its form has the steps that are possible.",
            record=self.display_name,
            state=state,
        )

    def _get_role_refusal(self, _name):
        return self.env._("%(record)s: this step belongs to somebody else in the procedure.", record=self.display_name)

    @api.model
    def default_get(self, fields):
        """Defaults of context and user do not apply to protected fields."""
        protected = [name for name in fields if name in self._fields and self._is_protected(self._fields[name])]
        defaults = super().default_get([name for name in fields if name not in protected])
        for name in protected:
            if default := self._fields[name].default:
                defaults[name] = default(self)
        return defaults
