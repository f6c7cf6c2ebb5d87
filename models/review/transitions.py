"""Who may do what with management reviews and with what was decided in them: see `case.transitions`.

Roles on a review are ``sig``, who prepares it, and ``management``, top management; on a decision also ``responsible``,
who carries it out.
"""

from ..case.transitions import MANAGEMENT, RESPONSIBLE, SIG, Transition

REVIEW = {
    "hold": Transition({"draft": (SIG, MANAGEMENT)}),
    "resume": Transition({"held": (SIG,)}),
    "close": Transition({"held": (SIG, MANAGEMENT)}),
}

#: states of a review in which it is written
WRITABLE = ("draft", "held")


def _is_decided(decision):
    """Whether the review it was taken in has been held: before, nobody carries it out."""
    return decision.review_state != "draft"


DECISION = {
    "make_plan": Transition({"open": (SIG,)}, _is_decided),
    "carry_out": Transition({"open": (RESPONSIBLE, SIG)}, _is_decided),
    "give_up": Transition({"open": (SIG, MANAGEMENT)}, _is_decided),
}
