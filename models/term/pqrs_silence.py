from datetime import date

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..communication.communication import TOLD
from ..mixin.transitions import RUNNING


class PqrsSilence(models.Model):
    """Silence that means acceptance, and the mark “claim in process” of claims about personal data.

    Silence: Ley 1755 de 2015, art. 14, num. 1 (documents and information; copies within three days); Ley 1266 de 2008,
    art. 16, II, num. 8, of Ley 2157 de 2021 (financial habeas data). An extension of which the petitioner was not
    notified in time does not protect. A case answered in time and corrected was not met with silence. A disagreement
    with the answer has a term of its own; what happened before it stays.
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
    silence_explanation = fields.Text("What silence means", compute="_compute_silence_risk", compute_sudo=True)

    @api.depends("type_id.silence", "state", "suspended", "date_legal", "extension_notice", "term_trace", "company_id")
    @api.depends_context("lang")
    def _compute_silence_risk(self):
        self.silence_risk, self.silence_explanation = "none", False
        dates = self._get_silence_dates()
        limits = {company: self._get_deadline_limits(company) for company in self.company_id}
        for case, day in dates.items():
            today, soon = limits[case.company_id]
            if day < today:
                case.silence_risk = "happened"
                case.silence_explanation = "\n".join(case._get_silence_duties(day))
            elif day <= soon:
                case.silence_risk = "near"
                case.silence_explanation = self.env._(
                    "If it is not answered by %(day)s, the law takes the request as accepted (%(law)s).",
                    day=tools.format_date(self.env, day, date_format="long"),
                    law=case.type_id.legal_basis or "",
                )

    def _get_silence_dates(self):
        """:return: ``{case: last day before silence means acceptance}``, without an extension that does not protect.

        A term that was met with silence before the disagreement that runs now comes first, until that one is, too.
        """
        running = self.filtered(lambda case: case.type_id.silence == "accepted" and case.state in RUNNING)
        facts = running._get_term_facts()
        protected = {
            case: of_case.without("extension") if case.extension_notice in ("untold", "unprotected") else of_case
            for case, of_case in facts.items()
        }
        dates = {
            case: values["date_legal"]
            for case, values in running._derive_terms(protected)
            if values["date_legal"]
            and not case.suspended
            and not any(event.kind == "answered" and event.date <= values["date_legal"] for event in facts[case].events)
        }
        for case, day in self._get_earlier_silence(facts).items():
            if dates.get(case, date.max) >= case.company_id._sig_today():
                dates[case] = day
        return dates

    @api.model
    def _get_earlier_silence(self, facts):
        """:return: ``{case: last day}`` of the first term that a disagreement ended and that was met with silence.

        An act says so, unless it turned out later that it was answered in time; or the answer itself, when it was taken
        up again before an act was written.

        :param dict facts: ``{case: TermFacts}``.
        """
        renewed = self.browse(case.id for case, of_case in facts.items() if of_case.act_number)
        acts = self.env["sig.pqrs.act"].search([("pqrs_id", "in", renewed.ids), ("kind", "=", "silence")])
        recorded = acts.filtered(lambda act: act.number < facts[act.pqrs_id].act_number).grouped("pqrs_id")
        found = {}
        for case in renewed:
            days = [date.fromisoformat(act.data["term"]) for act in recorded.get(case, ())]
            disputed = case.answer_ids.filtered("disputed").sorted("round")
            unanswered = [day for day in days if not disputed._is_answered_by(day)]
            unanswered += [each.date_legal for each in disputed if each.date_legal and each._is_late()]
            if unanswered:
                found[case] = min(unanswered)
        return found

    def _search_silence_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all  # companies are few
        cases = self._find_silence_risks(companies)
        domain = Domain("id", "in", cases.filtered(lambda case: case.silence_risk in value).ids)
        return domain | Domain("id", "not in", cases.ids) if "none" in value else domain

    @api.model
    def _find_silence_risks(self, companies):
        """:return: as superuser, cases with a risk near or happened."""
        by_company = []
        for company in companies:
            _today, soon = self._get_deadline_limits(company)
            untold = [
                ("purpose", "=", "extension"),
                ("answer_id", "=", False),
                ("date_expiry", "<=", soon),
                "|",
                ("state", "not in", TOLD),
                ("told_late", "=", True),
            ]
            by_company.append(
                Domain("company_id", "=", company.id)
                & (
                    Domain("suspended", "=", False)
                    & (Domain("date_legal", "<=", soon) | Domain("communication_ids", "any", untold))
                    | Domain("answer_ids", "any", [("disputed", "=", True)])
                )
            )
        running = Domain("state", "in", RUNNING) & Domain("type_id.silence", "=", "accepted")
        cases = self.sudo().search(running & Domain.OR(by_company), order="id")
        return cases.filtered(lambda case: case.silence_risk != "none")

    def _get_silence_duties(self, day):
        """Yield what happened on ``day``, and what must be done. Hook for other types."""
        ended = tools.format_date(self.env, day, date_format="long")
        yield self.env._("The term ended on %s without an answer: the law takes the request as accepted.", ended)
        if self.type_id.copies_days:
            copies = self.company_id._sig_calendar(day).add(day, self.type_id.copies_days)
            by = tools.format_date(self.env, copies, date_format="long")
            yield self.env._("Hand over the copies by %s: they can no longer be denied.", by)
        elif self.type_id.personal_data:
            yield self.env._(
                "Correct, update or delete the data as the holder asked, and inform those to whom they were given."
            )
        else:
            yield self.env._("Do what was asked.")
        yield self.env._("Answer the petitioner all the same, saying what was done.")

    # -- The mark of a claim (Ley 1581 de 2012, art. 15, num. 2; Ley 1266 de 2008, art. 16, II, num. 2) -------------

    def action_mark_claim(self):
        """Record that the personal data carry the mark “claim in process”."""
        self._check_transition("mark_claim")
        self._record("claim_marked", dict.fromkeys(self, self.env._("Personal data marked “claim in process”.")))
        self._close_activities("sig_pqrs.activity_duty")
        self._refresh_terms()
        return True

    def _on_ended(self):
        result = super()._on_ended()
        self._close_activities("sig_pqrs.activity_silence")
        acts = (
            self.env["sig.pqrs.act"]
            .sudo()
            .search([("pqrs_id", "in", self.ids), ("kind", "in", ("claim_marked", "claim_unmarked"))], order="number")
        )
        last = {act.pqrs_id: act.kind for act in acts}
        if marked := self.filtered(lambda case: last.get(case) == "claim_marked"):
            note = self.env._("The claim is decided: take the mark “claim in process” off the personal data.")
            marked._record("claim_unmarked", dict.fromkeys(marked, note))
        return result


class SilenceDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {"silence": self.env._("Deemed accepted by silence, or about to be"), **super()._get_waiting_labels()}

    @api.model
    def _get_waiting(self, company):
        waiting = super()._get_waiting(company)
        cases = self.env["sig.pqrs"]._find_silence_risks(company)
        self._add_waiting(waiting, company._sig_get_director(), "silence", cases)
        return waiting


class SilenceReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [self._watch_silence, *super()._get_watch_steps()]

    @api.model
    def _watch_silence(self, company):
        """Remind of the risk while it can be avoided; record an act once it has happened."""
        cases = self.env["sig.pqrs"]._find_silence_risks(company)
        cases._in_isolation(cases, self._follow_silence)

    @api.model
    def _follow_silence(self, cases):
        happened = cases.filtered(lambda case: case.silence_risk == "happened")
        acts = self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", happened.ids), ("kind", "=", "silence")])
        facts, dates = happened._get_term_facts(), cases._get_silence_dates()
        # of the term that runs, or of an earlier one that is the reason
        known = acts.filtered(
            lambda act: act.number > facts[act.pqrs_id].act_number or act.data["term"] == dates[act.pqrs_id].isoformat()
        )
        if new := happened - known.pqrs_id:
            new._record(
                "silence",
                {case: case.silence_explanation for case in new},
                data={case: {"term": dates[case].isoformat()} for case in new},
            )
        cases.activity_unlink(["sig_pqrs.activity_silence"])
        self.env["sig.staff.notice"]._notify_directors(
            cases,
            "sig_pqrs.activity_silence",
            lambda case: (
                dict(case._fields["silence_risk"]._description_selection(case.env))["happened"]
                if case.silence_risk == "happened"
                else case.env._("About to be deemed accepted by silence")
            ),
            get_deadline=dates.get,
        )
