from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..communication.communication import TOLD
from ..mixin.transitions import RUNNING


class PqrsSilence(models.Model):
    """Silence that means acceptance: the risk before the term ends unanswered, and what must be done after.

    Sources: Ley 1755 de 2015, art. 14, num. 1 (documents and information; copies within three days); Ley 1266 de 2008,
    art. 16, II, num. 8, of Ley 2157 de 2021 (claims of financial habeas data). An extension of which the petitioner was
    not told in time does not count here. What was answered in time and taken up again was not met with silence.
    """

    _inherit = "sig.pqrs"

    silence_risk = fields.Selection(
        [("none", "No risk"), ("near", "Near"), ("happened", "Deemed accepted")],
        "Silence",
        compute="_compute_silence_risk",
        compute_sudo=True,
        search="_search_silence_risk",
        help="Whether the law takes the request as accepted, or is about to, because it is not answered.",
    )
    silence_date = fields.Date("Last day before silence", compute="_compute_silence_risk", compute_sudo=True)
    silence_explanation = fields.Text("What silence means", compute="_compute_silence_explanation", compute_sudo=True)

    @api.depends("type_id.silence", "state", "suspended", "date_legal", "extension_notice", "company_id")
    def _compute_silence_risk(self):
        self.silence_risk, self.silence_date = "none", False
        running = self.filtered(lambda case: case._is_silence_accepted())
        dates = running._get_silence_dates()
        answered = running._get_first_answers()
        for company, cases in running.grouped("company_id").items():
            today, soon = self._get_deadline_limits(company)
            for case in cases:
                day = dates[case]
                if day and case in answered and answered[case] <= day:
                    continue
                case.silence_date = day
                if day and day < today:
                    case.silence_risk = "happened"
                elif day and day <= soon:
                    case.silence_risk = "near"

    def _is_silence_accepted(self):
        """Whether the law takes the case as accepted if nobody answers."""
        return self.type_id.silence == "accepted" and self.state in RUNNING and not self.suspended

    def _get_first_answers(self):
        """``{case: local day}`` on which what was taken up again had first been answered."""
        answers = {
            case: [event.date for event in events if event.kind == "answered"]
            for case, events in self._get_term_events().items()
        }
        return {case: min(days) for case, days in answers.items() if days}

    def _get_silence_dates(self):
        """``{case: last day to answer}``, an extension that does not protect left out."""
        dates = {case: case.date_legal for case in self}
        unprotected = self.filtered(lambda case: case.extension_notice in ("untold", "unprotected"))
        events = unprotected._get_term_events()
        for case in unprotected:
            kept = [event for event in events[case] if event.kind != "extension"]
            company = case.company_id
            values = self._get_term_values(
                company, case.type_id, case.date_received, kept, case.authority_deadline, company._sig_today()
            )
            dates[case] = values["date_legal"]
        return dates

    def _search_silence_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = {"near": [], "happened": []}
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all  # companies are few
        for case in self._find_silence_risks(companies):
            found[case.silence_risk].append(case.id)
        wanted = [Domain("id", "in", found[risk]) for risk in found if risk in value]
        if "none" in value:
            wanted.append(Domain("id", "not in", [*found["near"], *found["happened"]]))
        return Domain.OR(wanted)

    @api.model
    def _find_silence_risks(self, companies):
        """Cases whose term, extended or not, is about to end or has, where silence means acceptance."""
        by_company = []
        for company in companies:
            _today, soon = self._get_deadline_limits(company)
            untold = [
                ("purpose", "=", "extension"),
                ("date_expiry", "<=", soon),
                "|",
                ("state", "not in", TOLD),
                ("told_late", "=", True),
            ]
            by_company.append(
                Domain("company_id", "=", company.id)
                & (Domain("date_legal", "<=", soon) | Domain("communication_ids", "any", untold))
            )
        running = (
            Domain("state", "in", RUNNING)
            & Domain("suspended", "=", False)
            & Domain("type_id.silence", "=", "accepted")
        )
        cases = self.sudo().search(running & Domain.OR(by_company), order="id")
        return cases.filtered(lambda case: case.silence_risk != "none")

    @api.depends("silence_risk", "silence_date", "term_trace")
    @api.depends_context("lang")
    def _compute_silence_explanation(self):
        for case in self:
            case.silence_explanation = case._get_silence_text()

    def _get_silence_text(self):
        """In plain words: what happened, or is about to, and what must be done now."""
        if self.silence_risk not in ("near", "happened"):
            return False
        day = tools.format_date(self.env, self.silence_date, date_format="long")
        if self.silence_risk == "near":
            return self.env._(
                "If it is not answered by %(day)s, the law takes the request as accepted (%(law)s).",
                day=day,
                law=self.type_id.legal_basis or "",
            )
        lines = [
            self.env._("The term ended on %s without an answer: the law takes the request as accepted.", day),
            *self._get_silence_duties(),
        ]
        return "\n".join(lines)

    def _get_silence_duties(self):
        """What must be done once silence has meant acceptance. Hook for other types."""
        if self.type_id.copies_days:
            calendar = self.company_id._sig_calendar(self.silence_date)
            by = tools.format_date(
                self.env, calendar.add(self.silence_date, self.type_id.copies_days), date_format="long"
            )
            yield self.env._("Hand over the copies by %s: they can no longer be denied.", by)
        elif self.type_id.personal_data:
            yield self.env._(
                "Correct, update or delete the data as the holder asked, and inform those to whom they were given."
            )
        else:
            yield self.env._("Do what was asked.")
        yield self.env._("Answer the petitioner all the same, saying what was done.")

    # -- The daily review -------------------------------------------------------------------------------------------

    @api.model
    def _watch_silence(self, company):
        """Remind of the risk while it can be avoided; once it has happened, an act says so."""
        cases = self._find_silence_risks(company)
        self._in_isolation(cases, lambda records: records._follow_silence())

    def _follow_silence(self):
        happened = self.filtered(lambda case: case.silence_risk == "happened")
        known = self.env["sig.pqrs.act"].search([("pqrs_id", "in", happened.ids), ("kind", "=", "silence")])
        new = happened - known.pqrs_id
        if new:
            new._record(
                "silence",
                {case: case.silence_explanation for case in new},
                data={case: {"term": case.silence_date.isoformat()} for case in new},
            )
        self.activity_unlink(["sig_pqrs.activity_silence"])
        self.env["sig.people"]._notify_directors(
            self,
            "sig_pqrs.activity_silence",
            methodcaller("_get_silence_summary"),
            get_deadline=lambda case: case.silence_date,
        )

    def _get_silence_summary(self):
        if self.silence_risk == "happened":
            return dict(self._fields["silence_risk"]._description_selection(self.env))["happened"]
        return self.env._("About to be deemed accepted by silence")

    # -- The mark of a claim about personal data --------------------------------------------------------------------

    def _on_ended(self):
        result = super()._on_ended()
        self._close_activities("sig_pqrs.activity_silence")
        self._unmark_claims()
        return result

    def _unmark_claims(self):
        """The claims are decided: an act says that the mark “claim in process” comes off the data, where it is.

        It stays until the claim is decided (Ley 1581 de 2012, art. 15, num. 2; Ley 1266 de 2008, art. 16, II, num. 2).
        """
        last = {}
        for act in (
            self.env["sig.pqrs.act"]
            .sudo()
            .search([("pqrs_id", "in", self.ids), ("kind", "in", ("claim_marked", "claim_unmarked"))], order="number")
        ):
            last[act.pqrs_id] = act.kind
        marked = self.filtered(lambda case: last.get(case) == "claim_marked")
        if marked:
            note = self.env._("The claim is decided: take the mark “claim in process” off the personal data.")
            marked._record("claim_unmarked", dict.fromkeys(marked, note))


class SilenceDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {"silence": self.env._("Deemed accepted by silence, or about to be"), **super()._get_waiting_labels()}

    @api.model
    def _get_waiting(self, company):
        """Also what silence accepts, for the SIG."""
        waiting = super()._get_waiting(company)
        cases = self.env["sig.pqrs"]._find_silence_risks(company)
        self._add_waiting(waiting, company._sig_get_director(), "silence", cases)
        return waiting

    @api.model
    def _get_digest_parts(self, counts):
        parts = super()._get_digest_parts(counts)
        if counts.get("silence"):
            parts.append(self.env._("%s deemed accepted by silence, or about to be", counts["silence"]))
        return parts


class SilenceReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [self.env["sig.pqrs"]._watch_silence, *super()._get_watch_steps()]
