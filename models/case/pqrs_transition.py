from odoo import models

from ..mixin.transitions import OPEN, not_delivering

#: steps that an answer on its way leaves no room for
SETTLED_BY_ANSWER = (
    "assign",
    "add_requests",
    "reclassify",
    "request_information",
    "extend",
    "transfer",
    "withdraw",
    "cancel",
)


class PqrsTransition(models.Model):
    """What the steps of the procedure on a case share. Each has its topic in a file: `pqrs_assign`, `pqrs_term_steps`,
    `pqrs_delivery`, `pqrs_ending`… It proves the right, writes as superuser, records an act and says so.
    """

    _inherit = "sig.pqrs"
    _own_activities = ("sig_pqrs.activity_sig", "sig_pqrs.activity_deadline", "sig_pqrs.activity_duty")

    def _get_transition_refusal(self, name):
        """Why a step is not possible, where the state alone does not say it. Other files say it of their own steps."""
        if self.state in OPEN and name in SETTLED_BY_ANSWER and not not_delivering(self):
            return self.env._("%s: the answer is on its way to the petitioner.", self.name)
        return super()._get_transition_refusal(name)

    # -- Steps shared by transitions --------------------------------------------------------------------------------

    def _record(self, kind, notes, body=None, date=None, days=0, data=None):
        """An act on each case, and the same in its thread.

        :param dict notes: ``{case: text}``.
        :param str body: what the thread says; the kind of the act and its note by default.
        """
        acts = self.env["sig.pqrs.act"]._append(self, kind, notes=notes, date=date, days=days, data=data)
        label = dict(acts._fields["kind"]._description_selection(self.env))[kind]
        self._message_log_batch({case.id: body or f"{label}. {notes.get(case, '')}".strip() for case in self})
        return acts

    # -- People -----------------------------------------------------------------------------------------------------

    def _notify_director(self, summary, note=False, activity_type="sig_pqrs.activity_sig"):
        """An activity for the SIG director of each case's company.

        :param summary: text, or what gives it for an environment in the director's language.
        :param note: text or markup, or ``{case: text}``.
        """
        self.env["sig.people"]._notify_directors(
            self, activity_type, lambda case: summary(case.env) if callable(summary) else summary, note=note
        )
