"""Who may do what, from which state: the one table that feeds buttons and guards alike.

Roles are those a user has *on a record*: ``sig`` (SIG director), ``leader`` (leader or deputy of its process),
``member`` (member of its process) and ``responsible`` (its drafter).
"""
from collections.abc import Callable
from typing import NamedTuple

SIG = "sig"
LEADER = "leader"
MEMBER = "member"
RESPONSIBLE = "responsible"
ROLES = (SIG, LEADER, MEMBER, RESPONSIBLE)

OPEN = ("received", "assigned", "approved")


class Transition(NamedTuple):
    """``states`` maps each state from which it can be done to the roles that may; ``when`` is a further condition."""

    states: dict[str, tuple[str, ...]]
    when: Callable | None = None


def _by_sig(*states):
    return {state: (SIG,) for state in states}


def _not_delivering(case):
    return case.delivery_state in ("none", "failed")


CASE = {
    "file": Transition(_by_sig("to_file")),
    "discard": Transition(_by_sig("to_file")),
    "assign": Transition(_by_sig(*OPEN), _not_delivering),
    "reclassify": Transition(_by_sig(*OPEN), _not_delivering),
    "request_information": Transition(
        _by_sig(*OPEN), lambda case: not case.suspended and case.type_id.requirement_allowed and _not_delivering(case)
    ),
    "register_completion": Transition(_by_sig(*OPEN), lambda case: case.suspended),
    "extend_completion": Transition(_by_sig(*OPEN), lambda case: case.suspended),
    "extend": Transition(_by_sig(*OPEN), lambda case: case.type_id.extension_days and _not_delivering(case)),
    "mark_claim": Transition(_by_sig(*OPEN), lambda case: case.next_duty == "mark"),
    "immediate_measure": Transition({state: (SIG, LEADER) for state in OPEN}),
    "send_response": Transition(_by_sig("approved"), _not_delivering),
    "register_delivery": Transition(_by_sig("approved"), lambda case: case.delivery_state == "pending"),
    "transfer": Transition(_by_sig(*OPEN), _not_delivering),
    "withdraw": Transition(_by_sig(*OPEN), _not_delivering),
    "cancel": Transition(_by_sig("to_file", *OPEN), _not_delivering),
    "reopen": Transition(_by_sig("closed", "cancelled")),
    "register_rating": Transition(
        _by_sig("closed"), lambda case: case.outcome == "answered" and not case.rating_state == "rated"
    ),
}

ASSIGNMENT = {
    "submit": Transition({state: (RESPONSIBLE, MEMBER, LEADER) for state in ("pending", "returned")}),
    "approve": Transition({"submitted": (LEADER, SIG)}),
    "return": Transition({"submitted": (LEADER, SIG), "approved": (SIG,)}),
    "reassign": Transition({state: (LEADER, SIG) for state in ("pending", "returned", "submitted")}),
    "decline": Transition({state: (LEADER,) for state in ("pending", "returned", "submitted")}),
    "remove": Transition(_by_sig("pending", "returned", "submitted", "declined")),
}
