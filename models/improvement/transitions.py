"""Who may do what with findings, plans and their activities: the one table that feeds buttons and guards alike.

Roles are those of `mixin.transitions`, on a plan: ``sig``, ``responsible`` (of the plan, or of the activity),
``leader`` (of the process of the plan; of an activity also the responsible of its plan), and ``verifier``: the SIG or
whom the plan names, who is responsible for nothing in it.
"""

from ..mixin.transitions import LEADER, RESPONSIBLE, SIG, VERIFIER, Transition

#: states of a plan in which it is worked on
RUNNING = ("in_progress", "to_verify")

#: those in which it may still be cancelled
OPEN = ("draft", *RUNNING)

FINDING = {
    "plan": Transition({"open": (SIG,)}),
    "dismiss": Transition({"open": (SIG,)}),
}

PLAN = {
    "start": Transition({"draft": (SIG, LEADER, RESPONSIBLE)}),
    "finish": Transition({"in_progress": (SIG, LEADER, RESPONSIBLE)}),
    "verify": Transition({"to_verify": (VERIFIER,)}),
    "cancel": Transition(dict.fromkeys(OPEN, (SIG,))),
    "reopen": Transition({"closed": (SIG,)}),
    "restate": Transition({"in_progress": (SIG,)}),
}


def _is_running(line):
    return line.plan_id.state == "in_progress"


LINE = {
    "complete": Transition({"open": (RESPONSIBLE, LEADER, SIG)}, _is_running),
    "reassign": Transition({"open": (LEADER, SIG)}, _is_running),
    "drop": Transition({"open": (LEADER, SIG)}, lambda line: line.plan_id.state in ("draft", "in_progress")),
}
