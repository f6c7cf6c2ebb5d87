from odoo import fields, models
from odoo.exceptions import UserError

from .answer import REOPENINGS


class Reopening(models.AbstractModel):
    """How another round of a case begins (see `action_reopen`): what its act says, its dates, and what is told."""

    _name = "sig.reopening"
    _description = "Another Round of a Case"

    def _prepare_round(self, case, kind, date, authority_deadline):
        """Check that it may be taken up again; return what the act of the round says of its term, JSON-serializable."""
        if kind not in [name for name, _label in REOPENINGS]:
            raise UserError(self.env._("A case is taken up again for a disagreement, a correction, or to resume it."))
        if case._is_answered() and kind == "resume":
            raise UserError(
                self.env._("%s was answered: say whether the petitioner disagrees or we correct our answer.", case.name)
            )
        if not case._is_answered() and kind != "resume":
            raise UserError(self.env._("%s ended without an answer: it is resumed, and its term goes on.", case.name))
        if kind != "disagreement":
            return {}
        company = case.company_id
        day, today = company._sig_date(date) or self._get_disagreed_on(case), company._sig_today()
        if day > today:
            raise UserError(self.env._("The petitioner cannot disagree in the future."))
        if day < company._sig_local_date(case.date_answered):
            raise UserError(self.env._("The petitioner cannot disagree with an answer before it was given."))
        began = {"received_on": day.isoformat()}
        if case.due_by_authority:
            deadline = authority_deadline and company._sig_moment(authority_deadline)
            if not deadline or company._sig_local_date(deadline) < day:
                raise UserError(self.env._("Write the date and hour that the authority set."))
            began["authority_deadline"] = fields.Datetime.to_string(deadline)
        return began

    def _get_disagreed_on(self, case):
        """:return: day of the first message after the closing that waits; today when none does."""
        waiting = case.sudo()._get_waiting_after_end()[:1]
        return case.company_id._sig_local_date(waiting.date) if waiting else case.company_id._sig_today()

    def _get_values(self, kind):
        # What did not reach its addressee before the case ended is still the answer of its round.
        another = {"answer_id": False, "resolution": False} if kind != "resume" else {}
        if kind == "disagreement":
            another.update(response_opening=False, response_closing=False)
        return {
            **self.env["sig.pqrs"]._get_unanswered_values(),
            **another,
            "state": "received",
            **dict.fromkeys(("legal_state", "rating_state"), "none"),
            "rating_value": 0,
            **dict.fromkeys(("delivery_id", "letter_id", "legal_digest", "rating_reason"), False),
            **dict.fromkeys(("duplicate_of_id", "transfer_recipient", "transferred_on"), False),
        }

    def _notify(self, cases, kind):
        texts = {case: self._get_text(case, kind, case.date_deadline, case.suspended) for case in cases}
        for text, alike in cases.grouped(texts.get).items():
            alike._notify_client("reopening", text)

    def _get_text(self, case, kind, deadline, suspended, moment=None):
        """What the petitioner is told of another round, in the language of their mails; see `_get_until_text`."""
        case = case.sudo().with_context(lang=case._get_lang())
        self = self.with_env(case.env)
        stays = self.env._("Our earlier answer stays where you read it.") if kind != "resume" else ""
        until = case._get_until_text(deadline, suspended, moment)
        return " ".join(filter(None, [self._get_reason(kind), until, stays]))

    def _get_reason(self, kind):
        """Why a round began, in words for the petitioner; empty for the first."""
        return {
            "disagreement": self.env._("You do not agree with our answer, so we study your request again."),
            "correction": self.env._("Our answer did not resolve all that you asked for, so we correct it."),
            "resume": self.env._("We have taken up your request again."),
        }.get(kind, "")

    def _preview(self, case, kind, date=False, authority_deadline=False):
        """:return: values of the dates that the case would have; empty for a day on which nobody can disagree."""
        case = case.sudo()
        company, facts = case.company_id, case._get_term_facts()
        if kind == "disagreement":
            day, today = date or self._get_disagreed_on(case), company._sig_today()
            if not case.date_answered or not company._sig_local_date(case.date_answered) <= day <= today:
                return {}
            if case.due_by_authority:
                day = authority_deadline and company._sig_local_date(authority_deadline)
                return {"date_deadline": day, "date_legal": day, "suspended": False}
            facts[case] = facts[case].renew(day, case.act_number + 1)
        [(_case, values)] = case._derive_terms(facts)
        return values
