"""Who may do what with management reviews and with what was decided in them: see `mixin.transitions`.

Roles on a review are ``sig``, who prepares it, and ``management``, top management; on a decision also ``responsible``,
who carries it out.
"""

from ..mixin.transitions import MANAGEMENT, RESPONSIBLE, SIG, Transition


def _is_not_acted_on(review):
    """Whether nothing of what was decided in it has a plan or an end yet."""
    return not review.decision_ids._get_acted_on()


REVIEW = {
    "hold": Transition({"draft": (SIG, MANAGEMENT)}),
    "resume": Transition({"held": (SIG,)}, _is_not_acted_on),
    "close": Transition({"held": (SIG, MANAGEMENT)}),
}

#: states of a review in which it is written
WRITABLE = ("draft", "held")

#: states of a decision of which something is still to come
PENDING = ("open", "planned")


def _is_decided(decision):
    """Whether the review it was taken in has been held: before, nobody carries it out."""
    return decision.review_state != "draft"


DECISION = {
    "make_plan": Transition({"open": (SIG,)}, _is_decided),
    "carry_out": Transition({"open": (RESPONSIBLE, SIG)}, _is_decided),
    "give_up": Transition({"open": (SIG, MANAGEMENT)}, _is_decided),
}
