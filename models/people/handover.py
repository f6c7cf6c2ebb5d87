from collections.abc import Callable
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain

from ..mixin.transitions import DRAFTING, NOT_LEFT, OPEN, STANDING


class Kind(NamedTuple):
    """One way in which work hangs on a person.

    :param domain: gives the domain of what is pending, besides the person, for an environment.
    :param bool blocks: whether work stops when the person leaves.
    :param bool is_setting: whether it is an administrator who gives it to somebody else.
    """

    model: str
    field: str
    domain: Callable
    blocks: bool = True
    is_setting: bool = False


def _of_open_cases(*leaves):
    return lambda _env: [
        *STANDING,
        ("pqrs_id.state", "in", OPEN),
        ("pqrs_id.delivery_state", "in", NOT_LEFT),
        *leaves,
    ]


def _is_active(_env):
    return [("active", "=", True)]


KINDS = {
    "draft": Kind("sig.pqrs.assignment", "user_id", _of_open_cases()),
    "approval": Kind("sig.pqrs.assignment", "approver_id", _of_open_cases(("state", "in", DRAFTING))),
    "commitment": Kind("sig.pqrs.commitment", "user_id", lambda _env: [("state", "in", ("draft", "open"))]),
    "leader": Kind("sig.process", "leader_id", _is_active, is_setting=True),
    "deputy": Kind("sig.process", "deputy_ids", _is_active, blocks=False, is_setting=True),
    "member": Kind("sig.process", "member_ids", _is_active, blocks=False, is_setting=True),
    "substitute": Kind(
        "sig.process.absence", "substitute_id", lambda env: env["res.company"]._sig_get_today_domain("date_to", ">=")
    ),
    "director": Kind("res.company", "sig_director_id", lambda _env: [], is_setting=True),
    "legal_setting": Kind("res.company", "sig_legal_reviewer_id", lambda _env: [], blocks=False, is_setting=True),
    "legal": Kind(
        "sig.pqrs", "legal_reviewer_id", lambda _env: [("legal_state", "=", "pending"), ("state", "in", OPEN)]
    ),
    "reason": Kind("sig.pqrs.reason", "user_id", _is_active, blocks=False),
    "activity": Kind(
        "mail.activity",
        "user_id",
        # those of drafts, approvals, legal reviews and commitments go with them
        lambda env: [
            ("res_model", "=like", "sig.%"),
            (
                "activity_type_id",
                "not in",
                [env.ref("sig_pqrs.activity_legal").id, env.ref("sig_pqrs.activity_commitment").id],
            ),
            "!",
            "&",
            ("res_model", "=", "sig.pqrs.assignment"),
            ("activity_type_id", "in", env["sig.pqrs.assignment"]._get_own_activity_types().ids),
        ],
    ),
    "authorized": Kind(
        "sig.pqrs",
        "authorized_user_ids",
        lambda _env: [("restricted", "=", True), ("state", "in", OPEN)],
        blocks=False,
    ),
}


class Handover(models.AbstractModel):
    """What waits for a person, kind by kind, and how each kind is given to somebody else."""

    _name = "sig.handover"
    _description = "Handover"

    @api.model
    def _get_kinds(self):
        """``{name: Kind}``, in the order in which they are given: drafts first. Hook for other addons."""
        return KINDS

    @api.model
    def _get_pending(self, user, companies=None):
        """What waits for a user, as superuser.

        :param companies: only of those; of all by default.
        :return: ``{kind: records}`` without the empty ones.
        """
        return {
            name: records
            for name in self._get_kinds()
            if (records := self._search_pending(name, Domain(self._get_kinds()[name].field, "in", user.ids), companies))
        }

    @api.model
    def _search_pending(self, name, domain, companies=None):
        kind = self._get_kinds()[name]
        Model = self.env[kind.model].sudo()
        domain = Domain(kind.domain(self.env)) & domain
        if companies is not None and kind.model == "res.company":
            domain &= Domain("id", "in", companies.ids)
        elif companies is not None and "company_id" in Model._fields:
            shared = [False] if self.env.user._sig_has_all_companies() else []
            domain &= Domain("company_id", "in", [*companies.ids, *shared])
        found = Model.search(domain, order="id")
        if companies is not None and kind.model == "mail.activity":  # it has no company: its record may be of another
            return found.sudo(False)._filtered_access("read").sudo()
        return found

    @api.model
    def _get_blocking(self, users):
        """``{user: [names of kinds]}`` of the users without whom something would stop."""
        blocking = {}
        for name, kind in self._get_kinds().items():
            if not kind.blocks:
                continue
            groups = (
                self.env[kind.model]
                .sudo()
                ._read_group(Domain(kind.domain(self.env)) & Domain(kind.field, "in", users.ids), [kind.field])
            )
            for (user,) in groups:
                if user in users:
                    blocking.setdefault(user, []).append(name)
        return blocking

    @api.model
    def _get_stranded(self):
        """Users for whom something waits who cannot work any more: archived, or without a SIG role."""
        Users = self.env["res.users"].sudo()
        people = Users
        for kind in self._get_kinds().values():
            if kind.blocks:
                domain = Domain(kind.domain(self.env)) & Domain(kind.field, "!=", False)
                people = people.union(
                    *(user for (user,) in self.env[kind.model].sudo()._read_group(domain, [kind.field]))
                )
        collaborator = self.env.ref("sig_pqrs.group_collaborator")
        return people.filtered(lambda user: not user.active or collaborator not in user.all_group_ids)

    @api.model
    def _give(self, name, records, user, receiver, reason):
        """Give records of one kind to another person, with the rights of the current user.

        :param records: as `_get_pending` gave them.
        """
        kind = self._get_kinds()[name]
        if kind.is_setting and not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("Only an administrator gives processes and companies to other people."))
        own = records.with_env(self.env)
        if name == "draft":
            own._check_transition("hand_over")
            own._hand_over(receiver, reason)
            own._schedule_drafts()
        elif name == "approval":
            own.action_name_approver(receiver.id, reason)
        elif name == "commitment":
            own.action_reassign(receiver.id)
        elif name == "activity":
            # What was given before took its reminders along.
            records.exists().write({"user_id": receiver.id})
            own.exists()._check_sig_reader()
        elif kind.model == "res.company":
            records.write({kind.field: receiver.id})
        elif own._fields[kind.field].type == "many2many":
            own.write({kind.field: [Command.unlink(user.id), Command.link(receiver.id)]})
        else:
            own.write({kind.field: receiver.id})
