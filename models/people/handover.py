from collections.abc import Callable
from typing import NamedTuple

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ..mixin.transitions import DRAFTING, NOT_LEFT, OPEN
from ..wave.recipient import TO_ASK


class Kind(NamedTuple):
    """A field that assigns work to a user.

    :param domain: function of an environment: domain of the pending records of all users.
    :param bool blocks: whether work stops when the user leaves.
    :param bool is_setting: whether only administrators reassign it.
    :param roles: names of the groups of which one is enough to do it.
    """

    model: str
    field: str
    domain: Callable
    blocks: bool = True
    is_setting: bool = False
    roles: tuple = ("collaborator",)

    @property
    def place(self):
        return "id" if self.model == "res.company" else "company_id"


def _of_open_cases(*leaves):
    return lambda _env: [
        ("is_current", "=", True),
        ("pqrs_id.state", "in", OPEN),
        ("pqrs_id.delivery_state", "in", NOT_LEFT),
        *leaves,
    ]


def _is_active(_env):
    return [("active", "=", True)]


def _is_loose_activity(env):
    """All but those of other kinds of work, which go with it; those of plans may be the director's."""
    kinds = [env.ref(kind).id for kind in env["sig.pqrs.assignment"]._own_activities]
    others = [env.ref(f"sig_pqrs.activity_{name}").id for name in ("legal", "commitment", "decision")]
    asked = Domain("res_model", "=", "sig.pqrs.assignment") & Domain("activity_type_id", "in", kinds)
    of_plan = env.ref("sig_pqrs.activity_plan").id
    asked |= Domain("res_model", "=", "sig.action.plan.line") & Domain("activity_type_id", "=", of_plan)
    return Domain("res_model", "=like", "sig.%") & Domain("activity_type_id", "not in", others) & ~asked


KINDS = {
    "draft": Kind("sig.pqrs.assignment", "user_id", _of_open_cases()),
    "approval": Kind(
        "sig.pqrs.assignment", "approver_id", _of_open_cases(("state", "in", DRAFTING)), roles=("process_leader",)
    ),
    "commitment": Kind(
        "sig.pqrs.commitment",
        "user_id",
        lambda _env: ["|", ("state", "=", "open"), "&", ("state", "=", "draft"), ("pqrs_id.state", "in", OPEN)],
    ),
    "leader": Kind("sig.process", "leader_id", _is_active, is_setting=True, roles=("process_leader",)),
    "deputy": Kind("sig.process", "deputy_ids", _is_active, blocks=False, is_setting=True, roles=("process_leader",)),
    "member": Kind("sig.process", "member_ids", _is_active, blocks=False, is_setting=True),
    "substitute": Kind(
        "sig.process.absence", "substitute_id", lambda env: [("date_to", ">=", env.company._sig_today())]
    ),
    "director": Kind("res.company", "sig_director_id", lambda _env: [], is_setting=True, roles=("sig_director",)),
    "legal_setting": Kind("res.company", "sig_legal_reviewer_id", lambda _env: [], blocks=False, is_setting=True),
    "legal": Kind(
        "sig.pqrs", "legal_reviewer_id", lambda _env: [("legal_state", "=", "pending"), ("state", "in", OPEN)]
    ),
    "reason": Kind("sig.pqrs.reason", "user_id", _is_active, blocks=False),
    "plan": Kind("sig.action.plan", "user_id", lambda _env: [("state", "not in", ("closed", "cancelled"))]),
    "verifier": Kind("sig.action.plan", "verifier_id", lambda _env: [("state", "not in", ("closed", "cancelled"))]),
    "plan_line": Kind("sig.action.plan.line", "user_id", lambda _env: [("state", "=", "open")]),
    "decision": Kind(
        "sig.management.decision",
        "user_id",
        lambda _env: [("state", "=", "open"), ("review_id.state", "!=", "draft")],
        roles=("collaborator", "top_management"),
    ),
    "interviewer": Kind(
        "sig.survey.recipient",
        "interviewer_id",
        lambda _env: [("wave_state", "=", "running"), ("state", "in", TO_ASK)],
        roles=("interviewer", "sig_director"),
    ),
    "activity": Kind(
        "mail.activity", "user_id", _is_loose_activity, roles=("collaborator", "interviewer", "top_management")
    ),
    "authorized": Kind(
        "sig.pqrs", "authorized_user_ids", lambda _env: [("restricted", "=", True), ("state", "in", OPEN)], blocks=False
    ),
}

#: by model, the fields with users who cannot receive a record: they work on it otherwise, or give way in it
BARRED = {
    "sig.pqrs.assignment": ("user_id", "approver_id", "recused_user_ids"),
    "sig.pqrs.commitment": ("assignment_id.approver_id", "assignment_id.recused_user_ids"),
    "sig.process.absence": ("user_id",),
}


class Handover(models.AbstractModel):
    _name = "sig.handover"
    _description = "Handover"

    def _get_pending(self, user, companies=None):
        """``{kind: records}`` as superuser, without empty kinds; of all companies by default."""
        pending = {name: self._search_pending(kind, user, companies) for name, kind in KINDS.items()}
        return {name: records for name, records in pending.items() if records}

    def _search_pending(self, kind, user, companies):
        Model = self.env[kind.model].sudo()
        domain = Domain(kind.domain(self.env)) & Domain(kind.field, "in", user.ids)
        if companies is not None and kind.place in Model._fields:
            shared = [False] if self.env.user._sig_has_all_companies() else []
            domain &= Domain(kind.place, "in", [*companies.ids, *shared])
        found = Model.search(domain, order="id")
        if companies is not None and kind.model == "mail.activity":  # without company: its record may be of another
            return found & found.sudo(False)._filtered_access("read")
        return found

    def _iter_receivable(self, name, ids, user):
        """Ids of records of a kind for which a user has the role, and from which nothing bars them."""
        kind = KINDS[name]
        for record in self.env[kind.model].sudo().browse(ids).exists():
            company = record.company_id if "company_id" in record else self.env["res.company"]
            is_barred = any(user in record.mapped(path) for path in BARRED.get(kind.model, ()))
            if user._sig_filter_able(kind.roles, company) and not is_barred:
                yield record.id

    def _get_blocking(self, users, companies=None):
        """``{user: [kinds]}`` of who is needed for work of companies, all active ones by default, and its places."""
        blocking, places = {}, self.env["res.company"].sudo()
        for name, kind in KINDS.items():
            assigned = self._iter_assigned(kind, Domain(kind.field, "in", users.ids))
            held = [pair for pair in assigned if (pair[0] in companies if companies else all(pair[0].mapped("active")))]
            places = places.union(*(place for place, _people in held))
            for user in users & users.browse().union(*(people for _place, people in held)):
                blocking.setdefault(user, []).append(name)
        return blocking, places

    def _iter_assigned(self, kind, domain):
        """(company, users) of work that stops without them; activities are of the company of their record, if any."""
        Model, domain = self.env[kind.model].sudo(), domain & Domain(kind.domain(self.env))
        if kind.model == "mail.activity":
            held = [f"{kind.field}:array_agg", "res_id:array_agg"]
            for model, user_ids, ids in Model._read_group(domain, ["res_model"], held):
                Work, places = Model.env[model].with_context(active_test=False), [(Model.env["res.company"], ids)]
                if "company_id" in Work._fields:
                    places = Work._read_group([("id", "in", ids)], ["company_id"], ["id:array_agg"])
                where = {res_id: company for company, own in places for res_id in own}
                users = Model.env["res.users"].browse(user_ids)
                yield from {(where[at], user) for user, at in zip(users, ids, strict=True) if at in where}
        elif kind.blocks:
            yield from Model._read_group(domain, [kind.place], [f"{kind.field}:recordset"])

    def _get_stranded(self):
        """Users for whom something waits that they cannot work on: archived, or without role or company for it."""
        users = self.env["res.users"].sudo()
        for kind in KINDS.values():
            for company, assigned in self._iter_assigned(kind, Domain(kind.field, "!=", False)):
                if (company or assigned.company_ids) & self.env.companies:
                    users |= assigned - assigned._sig_filter_able(kind.roles, company)
        return users

    def _reassign(self, name, records, user, receiver, reason):
        """Reassign records of `_get_pending`, of one kind, with the rights of the current user."""
        kind = KINDS[name]
        if kind.is_setting and not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("Only an administrator gives processes and companies to other people."))
        own = records.with_env(self.env)
        if name in ("plan", "verifier", "plan_line", "decision"):
            own._track_set_log_message(reason)
        if name == "draft":
            proven = own._check_transition("hand_over")
            proven._hand_over(receiver.sudo(), reason)
            proven._schedule_drafts()
        elif name == "approval" and receiver in records.recused_user_ids:
            raise UserError(self.env._("%s gives way in it because of a conflict: choose who approves.", receiver.name))
        elif name == "approval":
            own.action_name_approver(receiver.id, reason)
        elif name == "commitment":
            own.action_reassign(receiver.id)
        elif name == "decision":  # fixed once its review is closed
            records.user_id = receiver
            records._ask_responsible()
        elif name == "activity":
            # Kinds before may have moved some already.
            activities = records.exists().with_context(mail_activity_quick_update=True)  # by the mail of the hand-over
            activities.write({"user_id": receiver.id})
            own.exists()._check_sig_reader()
        else:
            many = own._fields[kind.field].type == "many2many"
            value = [Command.unlink(user.id), Command.link(receiver.id)] if many else receiver.id
            (records if kind.model == "res.company" else own).write({kind.field: value})
