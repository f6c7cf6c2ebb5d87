"""The tables of transitions, which decide both buttons and guards: roles by state.

Roles are those of a user *on a record*: ``sig`` (SIG director), ``leader`` (acts as leader of its process today),
``approver`` (a leader, or the SIG with a reason, but not who drafted it while others can), ``member`` (of its process),
``responsible`` (its drafter), ``legal`` (legal reviewer of its answer), ``verifier`` (of an action plan, or reviewer of
a document), ``management`` (top management) and ``interviewer`` (of a surveyed client). The tables of cases and of
their parts are here, those of other models in their ``_transitions``.
"""

from collections.abc import Callable
from typing import NamedTuple

SIG = "sig"
LEADER = "leader"
APPROVER = "approver"
MEMBER = "member"
RESPONSIBLE = "responsible"
LEGAL = "legal"
VERIFIER = "verifier"
MANAGEMENT = "management"
INTERVIEWER = "interviewer"
ROLES = (SIG, LEADER, APPROVER, MEMBER, RESPONSIBLE, LEGAL, VERIFIER, MANAGEMENT, INTERVIEWER)

OPEN = ("received", "assigned", "approved")

#: states in which the term runs, filed or not
RUNNING = ("to_file", *OPEN)

ENDED = ("closed", "cancelled")

UNTRIAGED = ("to_file", "received")

#: states of assignments: being drafted, and not approved yet
TO_DRAFT = ("pending", "returned")
DRAFTING = (*TO_DRAFT, "submitted")

#: delivery states in which the answer neither left nor is on its way
NOT_LEFT = ("none", "failed")

#: domain of the assignments that took part in the case: neither removed nor declined
STANDING = (("active", "=", True), ("state", "!=", "declined"))

#: domain of the assignments that somebody still has to draft or to approve
UNAPPROVED = (("state", "in", DRAFTING), ("pqrs_id.state", "in", OPEN))


def is_standing(assignment):
    return assignment.active and assignment.state != "declined"


class Transition(NamedTuple):
    """``states``: roles by state; ``when``: of the record as superuser; ``aside``: in the menu, without a button."""

    states: dict[str, tuple[str, ...]]
    when: Callable | None = None
    aside: bool = False


def _by_sig(*states):
    return dict.fromkeys(states, (SIG,))


def not_delivering(case):
    return case.delivery_state in NOT_LEFT


def is_legally_clear(case):
    return not case.legal_risk or case.legal_state == "approved"


def is_in_legal_review(case):
    return case.state == "approved" and case.legal_risk and case.legal_state == "pending"


def _can_be_sent(case):
    # or stuck on its way: without its proof, or without a letter that could not be printed
    return is_legally_clear(case) and (
        not_delivering(case)
        or (case.delivery_state == "pending" and not case.letter_id)
        or case.delivery_id.state == "draft"
    )


def _is_reserved(case):
    return case.identity_reserved


CASE = {
    "file": Transition(_by_sig("to_file")),
    "discard": Transition(_by_sig("to_file")),
    "assign": Transition(_by_sig(*OPEN), not_delivering),
    "add_requests": Transition(_by_sig(*OPEN), not_delivering),
    "reclassify": Transition(_by_sig(*OPEN), not_delivering),
    "request_information": Transition(
        _by_sig(*OPEN),
        lambda case: case.type_id.requirement_allowed and not case._has_term_step("suspended") and not_delivering(case),
    ),
    "register_completion": Transition(_by_sig(*OPEN), lambda case: case.suspended),
    "refuse_completion": Transition(_by_sig(*OPEN), lambda case: case.suspended and case._has_unconfirmed_delivery()),
    "extend_completion": Transition(
        _by_sig(*OPEN), lambda case: case.suspended and case.type_id.completion_extension_months, aside=True
    ),
    "extend": Transition(
        _by_sig(*OPEN),
        lambda case: (
            case.type_id.extension_days
            and not case._has_term_step("extended", "extension_ignored")
            and not (case.suspended and case._has_unconfirmed_delivery())  # the term may have resumed, and lapsed
            and not_delivering(case)
        ),
    ),
    "mark_claim": Transition(_by_sig(*OPEN), lambda case: bool(case._get_duty_date("mark"))),
    "immediate_measure": Transition({"to_file": (SIG,), **dict.fromkeys(OPEN, (SIG, LEADER))}, aside=True),
    "register_regulator_notice": Transition(
        _by_sig("to_file", *OPEN, "closed"), lambda case: bool(case._get_duty_date("regulator"))
    ),
    "register_evidence": Transition(
        dict.fromkeys(OPEN, (SIG, LEADER, MEMBER, RESPONSIBLE)), lambda case: case.preserve_evidence, aside=True
    ),
    "request_legal_review": Transition(
        _by_sig("approved"),
        lambda case: case.legal_risk and case.legal_state in ("none", "returned") and not_delivering(case),
    ),
    "legal_approve": Transition({"approved": (LEGAL,)}, is_in_legal_review),
    "legal_return": Transition({"approved": (LEGAL,)}, is_in_legal_review),
    "send_response": Transition(_by_sig("approved"), _can_be_sent),
    "transfer": Transition(_by_sig(*OPEN), not_delivering, aside=True),
    "withdraw": Transition(_by_sig(*OPEN), not_delivering, aside=True),
    "cancel": Transition(_by_sig("to_file", *OPEN), not_delivering, aside=True),
    "new_case_from_message": Transition(_by_sig(*ENDED), lambda case: bool(case._get_waiting_after_end())),
    "thank": Transition(_by_sig(*ENDED), lambda case: bool(case._get_waiting_after_end())),
    "new_case_from_rating": Transition(
        _by_sig("closed"), lambda case: case.rating_state == "rated" and bool(case.rating_reason)
    ),
    "reopen": Transition(_by_sig(*ENDED)),
    "write_to_client": Transition(_by_sig(*OPEN, *ENDED), aside=True),
    "revoke_tracking": Transition(_by_sig(*OPEN, *ENDED), aside=True),
    "reserve_identity": Transition(
        _by_sig("to_file", *OPEN, *ENDED), lambda case: not case.anonymous and not case.identity_reserved, aside=True
    ),
    "reveal_identity": Transition(_by_sig("to_file", *OPEN, *ENDED), _is_reserved, aside=True),
    "correct_contact": Transition(
        _by_sig("to_file", *OPEN, "closed"),
        lambda case: _is_reserved(case) and (case.state == "closed" or not_delivering(case)),
        aside=True,
    ),
    "hide_annexes": Transition(_by_sig("to_file", *OPEN, "closed"), _is_reserved, aside=True),
    "check_identity": Transition(_by_sig(*OPEN), lambda case: case.type_id.personal_data and not case.identity_checked),
    "register_rating": Transition(
        _by_sig("closed"), lambda case: case.outcome == "answered" and case.rating_state != "rated"
    ),
    "hold": Transition(_by_sig("to_file", *OPEN, *ENDED), lambda case: not case.legal_hold, aside=True),
    "release_hold": Transition(_by_sig("to_file", *OPEN, *ENDED), lambda case: case.legal_hold, aside=True),
}


def is_worked_on(assignment):
    case = assignment.pqrs_id
    takes_part = assignment.is_current or (assignment.active and assignment.state == "declined")
    return takes_part and case.state in OPEN and not_delivering(case)


ASSIGNMENT = {
    "submit": Transition(dict.fromkeys(TO_DRAFT, (RESPONSIBLE, MEMBER, LEADER)), is_worked_on),
    "approve": Transition({"submitted": (APPROVER,)}, is_worked_on),
    "return": Transition({"submitted": (LEADER, SIG), "approved": (SIG,)}, is_worked_on),
    "reassign": Transition(dict.fromkeys(DRAFTING, (LEADER,)), is_worked_on),
    "hand_over": Transition(_by_sig(*DRAFTING, "approved"), is_worked_on, aside=True),
    "name_approver": Transition(_by_sig(*DRAFTING), is_worked_on, aside=True),
    "decline": Transition(dict.fromkeys(DRAFTING, (LEADER,)), is_worked_on),
    "remove": Transition(_by_sig(*DRAFTING, "declined"), is_worked_on, aside=True),
}


def _can_be_registered(communication):
    """What is owed: an answer that failed is sent again, anything else may have been told by another way."""
    if communication.state == "void":  # what a person wrote by WhatsApp has perhaps left before an end overtook it
        whatsapp = communication.overtaken and communication.medium == "whatsapp"
        return whatsapp and not communication.pqrs_id.anonymized_on
    return communication.date_due and (communication.purpose != "response" or communication.state == "draft")


def _can_come_back(communication):
    """A letter, or a mail of which a person read the report; of the answer, the last one, or that of a round before."""
    case = communication.pqrs_id
    is_answer = communication.purpose == "response" and communication.answer_id.state != "reopened"
    if case.anonymized_on or (is_answer and communication != case.delivery_id):
        return False
    told = (communication.medium, communication.state)
    # the letter of an answer is on its way before anybody proves its delivery
    return told in (("letter", "delivered"), ("email", "sent")) or (is_answer and told == ("letter", "draft"))


def _can_be_mailed(communication):
    return communication.purpose not in ("response", "forwarding") and communication.pqrs_id._get_contact().mailbox


def _can_be_attended(communication):
    """Information that a requirement asked for is confirmed or refused instead of attended."""
    case = communication.pqrs_id
    return communication.purpose != "information" or not (case.suspended and case.state in OPEN)


COMMUNICATION = {
    "attend": Transition(_by_sig("received"), _can_be_attended),
    "register_delivery": Transition(_by_sig("draft", "queued", "failed", "returned", "void"), _can_be_registered),
    "register_return": Transition(_by_sig("draft", "sent", "delivered"), _can_come_back),
    "send_again": Transition(_by_sig("draft", "failed", "returned"), _can_be_mailed),
}

COMMITMENT = {
    "complete": Transition({"open": (RESPONSIBLE, LEADER, SIG)}),
    "reassign": Transition(dict.fromkeys(("draft", "open"), (LEADER, SIG))),
    "drop": Transition(_by_sig("open")),
}
