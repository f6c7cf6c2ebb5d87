from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..json_list import JsonList
from .transitions import ROLES, SIG

#: fields of the dialog of a step that hold the records of each model
STEP_RECORDS = {
    "sig.pqrs": "pqrs_id",
    "sig.pqrs.assignment": "assignment_id",
    "sig.pqrs.commitment": "commitment_id",
}


class TransitionMixin(models.AbstractModel):
    """A record whose state only moves along a table of transitions (see `transitions`)."""

    _name = "sig.transition.mixin"
    _inherit = "sig.readers.mixin"
    _description = "Transitions"

    #: names of transitions, in the table of the model
    _transitions = {}
    #: fields of this module that a user may write; all others are written by transitions alone
    _editable_fields = frozenset()
    #: types of the activities that its steps ask for
    _own_activities = ()

    allowed_transitions = JsonList(
        compute="_compute_allowed_transitions",
        help="Names of the transitions that the current user may make on this record now.",
    )

    step_menu = JsonList(
        compute="_compute_step_menu", help="Pairs of name and title of the steps that are allowed and stand aside."
    )

    def _get_transition_depends(self):
        """Fields on which the conditions of the table depend, besides the state."""
        return []

    @api.depends(lambda self: ["state", *self._get_transition_depends()])
    @api.depends_context("uid")
    def _compute_allowed_transitions(self):
        roles = self._get_roles()
        for record in self:
            record.allowed_transitions = [
                name
                for name, transition in self._transitions.items()
                if record._origin
                and roles[record].intersection(transition.states.get(record.state, ()))
                and (not transition.when or transition.when(record.sudo()))
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
        return dict(self.env["sig.pqrs.step.wizard"]._fields["step"]._description_selection(self.env))

    def action_open_step(self):
        """The dialog of the step named by ``default_step`` in the context, under that step's own title."""
        self.ensure_one()
        step = self.env.context.get("default_step")
        titles = self._get_step_titles()
        if step not in self._transitions or step not in titles or self._name not in STEP_RECORDS:
            raise UserError(self.env._("There is no such step."))
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_step_wizard")
        return {
            **action,
            "name": f"{titles[step]} · {self.display_name}",
            "context": {
                "default_step": step,
                f"default_{STEP_RECORDS[self._name]}": self.id,
                **{f"default_{key}": self.env.context[key] for key in ("draft_digest",) if key in self.env.context},
            },
        }

    @api.model
    def _get_record(self, model, id_):
        """The record that an argument of a step names; empty for anything that names none."""
        valid = isinstance(id_, int) and not isinstance(id_, bool)
        return self.env[model].browse(id_ if valid else []).exists()

    @api.model
    def _require_text(self, text, message=None):
        """A text that a step cannot do without, without the blanks around it.

        :param str message: how anything else is refused; as a missing reason by default.
        :raises UserError: for what is no text, or says nothing.
        """
        if not isinstance(text, str) or not text.strip():
            raise UserError(message or self.env._("Say why."))
        return text.strip()

    def _read_seen(self, digest, key):
        """``{id: digest}`` of what the user read before a step; None when the caller says nothing of it.

        :param digest: argument of the step: the digest of one record, or ``{id: digest}`` of several.
        :param str key: in the context, under which the button of a form sends the one that it shows.
        """
        if digest is False or digest is None:
            if key not in self.env.context:
                return None
            digest = self.env.context[key]
        if isinstance(digest, dict):
            return {int(id_): seen for id_, seen in digest.items() if str(id_).isdecimal()}
        return dict.fromkeys(self.ids, digest)

    def _take_evidence(self, evidence, attachments, missing):
        """What shows that something was done.

        :param str evidence: what shows it.
        :param attachments: id or ids of files that the user may read.
        :param str missing: how nothing at all is refused.
        :return: `DeliveryProof`.
        :raises UserError: for what shows nothing.
        """
        if evidence and not isinstance(evidence, str):
            raise UserError(self.env._("The evidence is a text."))
        proof = self.env["sig.pqrs"]._read_evidence(attachments, (evidence or "").strip())
        if not proof:
            raise UserError(missing)
        return proof

    def _get_roles(self):
        """``{record: set of the roles the current user has on it}``; the superuser acts for all of them."""
        if self.env.su:
            return dict.fromkeys(self, frozenset(ROLES))
        return self._get_user_roles()

    def _get_user_roles(self):
        """What `_get_roles` gives for the current user: here the role of the SIG. Models add those that they know."""
        is_sig = self.env.user.has_group("sig_pqrs.group_sig_director")
        return {record: {SIG} if is_sig else set() for record in self}

    def _check_transition(self, name):
        """Refuse a transition that its table does not grant.

        :return: the records as superuser: the right to the step is proven.
        :raises AccessError: when the user may not make it from the record's state.
        :raises UserError: when nobody can: wrong state, or a condition that does not hold.
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
        # The cases before anything of theirs, in one order: of two hands on one case, the second waits, starts again on
        # what the first left, and they never wait for each other.
        proven = self.sudo()
        self.env["sig.pqrs.act"]._lock_heads(proven._get_step_cases())
        return proven

    def _close_activities(self, *types):
        """Take away the activities of some types; by default, all that steps ask for."""
        self.sudo().activity_unlink(types or self._own_activities)

    def _get_step_cases(self):
        """The cases whose acts tell of a step of these records."""
        return self["pqrs_id"] if "pqrs_id" in self._fields else self

    def _one_per_case(self):
        """Yield the records in batches with one of each case at most: acts of a case are appended one at a time."""
        pending = self
        while pending:
            batch = pending.browse(records[0].id for records in pending.grouped("pqrs_id").values())
            yield batch
            pending -= batch

    def _get_transition_refusal(self, name):
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return self.env._(
            "%(record)s: this step is not possible now (it is “%(state)s”).", record=self.display_name, state=state
        )

    def _get_role_refusal(self, _name):
        """Why the user may not make a transition that others may."""
        return self.env._("%(record)s: this step belongs to somebody else in the procedure.", record=self.display_name)

    # -- Protected fields -------------------------------------------------------------------------------------------

    def _is_protected(self, field):
        """Whether only transitions write the field: ours that are not editable, and the figures of core's ratings."""
        return field.name not in self._editable_fields and not {"sig_pqrs", "rating"}.isdisjoint(field._modules)

    def _has_field_access(self, field, operation):
        # Core asks this for every value of a page: what reads is not held up.
        if operation == "write" and not self.env.su and self._is_protected(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Neither the context nor the defaults a user keeps fill in what only transitions write."""
        protected = [name for name in fields if name in self._fields and self._is_protected(self._fields[name])]
        defaults = super().default_get([name for name in fields if name not in protected])
        for name in protected:
            if default := self._fields[name].default:
                defaults[name] = default(self)
        return defaults
