from collections import defaultdict
from datetime import date

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import legal_term
from ..mixin.transitions import OPEN, RUNNING, TO_DRAFT
from .pqrs_term import TermMove


class PqrsTermChange(models.Model):
    """Changes of the term: extension and another type; the drafts follow."""

    _inherit = "sig.pqrs"

    def _get_transition_refusal(self, name):
        if name == "extend" and self.state in OPEN:
            if not self.type_id.extension_days:
                return self.env._(
                    "%(case)s: the type %(type)s has no extension.", case=self.name, type=self.type_id.name
                )
            if self._is_extended():
                return self.env._("%s was extended already: the law allows one extension.", self.name)
        return super()._get_transition_refusal(name)

    def _check_not_lapsed(self):
        if self.date_legal and self.company_id._sig_today() > self.date_legal:
            raise UserError(
                self.env._(
                    "%(case)s: the term lapsed on %(date)s; it is too late for that.",
                    case=self.name,
                    date=tools.format_date(self.env, self.date_legal),
                )
            )

    # -- Extension --------------------------------------------------------------------------------------------------

    def _is_extended(self):
        steps = (self.term_trace or {}).get("steps", ())
        return any(step["kind"] in ("extended", "extension_ignored") for step in steps)

    def action_extend(self, days, reason):
        """Extend the term once, before it lapses (Ley 1755 de 2015, art. 14, par.), and notify the petitioner.

        The dates do not wait for the notice. Whether the law protects the extension does: see `extension_notice`.

        :param int days: business days, up to those of the type.
        """
        proven = self._check_transition("extend")
        reason = self._require_text(reason)
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise UserError(self.env._("An extension is of one business day or more."))
        for case in proven:
            if days > case.type_id.extension_days:
                raise UserError(
                    self.env._(
                        "%(case)s: the law allows at most %(days)s business days more.",
                        case=case.name,
                        days=case.type_id.extension_days,
                    )
                )
            case._check_not_lapsed()
        supposed = {
            case: legal_term.Event("extension", case.company_id._sig_today(), days)
            for case in proven
            if case.date_legal
        }
        for case, values in proven.filtered("date_legal")._get_new_terms(supposed=supposed):
            # A term that resumed with nothing left got one day already, which counts as one of the extension.
            if values["date_legal"] == case.date_legal:
                raise UserError(
                    self.env._(
                        "%(case)s: with %(days)s business days more the term ends on the same day. Give it more.",
                        case=case.name,
                        days=days,
                    )
                )
        expiries = {case: case.date_legal for case in proven if case.date_legal}
        self._record(
            "extension",
            dict.fromkeys(self, reason),
            days=days,
            body=self.env._("Extended by 1 business day: %s", reason)
            if days == 1
            else self.env._("Extended by %(days)s business days: %(reason)s", days=days, reason=reason),
        )
        self._refresh_terms()
        self._move_drafts()
        self._notify_client("extension", reason, expiries)
        return True

    # -- Another type -----------------------------------------------------------------------------------------------

    def action_reclassify(self, type_id, reason, authority_deadline=False):
        """Change the type; the date of receipt stays. A new term that has lapsed already is recorded, not refused.

        :param authority_deadline: date and hour, for a requirement of an authority.
        """
        proven = self._check_transition("reclassify")
        reason = self._require_text(reason)
        kind = self._get_record("sig.pqrs.type", type_id)
        by_own = proven.grouped(lambda case: kind._get_own(case.company_id))
        if len(by_own) > 1:  # companies with a copy of the type
            for own, cases in by_own.items():
                cases.with_env(self.env).action_reclassify(own.id, reason, authority_deadline)
            return True
        kind = next(iter(by_own), kind)
        if not kind or not kind.active:
            raise UserError(self.env._("Choose an active type."))
        for case in proven:
            if kind == case.type_id:
                raise UserError(self.env._("%(case)s is a %(type)s already.", case=case.name, type=kind.name))
            if kind.company_id and kind.company_id != case.company_id:
                raise UserError(self.env._("That type belongs to another company."))
            deadline = authority_deadline and case.company_id._sig_moment(authority_deadline)
            if kind.due_by_authority and (not deadline or deadline < case.date_received):
                raise UserError(self.env._("Write the date and hour that the authority set."))
        found = self.env["sig.term.change"]._preview_type(proven, kind, authority_deadline)
        warnings = {case: sentences for case, (_move, sentences) in found.items()}
        notes = {
            case: " ".join(
                [
                    self.env._(
                        "From %(old)s to %(new)s: %(reason)s", old=case.type_id.name, new=kind.name, reason=reason
                    ),
                    *warnings[case].values(),
                ]
            )
            for case in self
        }
        for company, cases in proven.grouped("company_id").items():
            cases.write(
                {
                    "type_id": kind.id,
                    "imported_deadline": False,
                    "authority_deadline": authority_deadline and company._sig_moment(authority_deadline),
                }
            )
        moves = self._refresh_terms()
        self._move_drafts()
        data = {
            case: {"type": kind.code, "deadline": str(case.date_deadline or ""), "warnings": sorted(warnings[case])}
            for case in proven
        }
        self._record("reclassified", notes, data=data)
        self.env["sig.client.notice"]._queue_dates(self.filtered(lambda case: case in moves))
        return True

    # -- Drafts of the processes ------------------------------------------------------------------------------------

    def _move_drafts(self):
        """Move the due dates of drafts with the deadline of their case."""
        assignments = (
            self.env["sig.pqrs.assignment"].sudo().search([("pqrs_id", "in", self.ids), ("state", "in", TO_DRAFT)])
        )
        alike = defaultdict(list)
        for assignment in assignments:
            day = assignment.pqrs_id._get_draft_date(
                assignment.date_assigned, assignment.internal_days, assignment.date_due
            )
            if day != assignment.date_due:
                alike[day].append(assignment.id)
        for day, moved in alike.items():
            assignments.browse(moved).with_context(tracking_disable=True).write({"date_due": day})

    def _get_draft_date(self, assigned, days, chosen=False):
        """:return: due date of a draft: not after the deadline of the case, nor before its assignment.

        A suspension of the term stops the draft's days too.

        :param datetime assigned: when it was assigned.
        :param int days: business days of the process; 0 for a date ``chosen`` by the SIG.
        """
        company = self.company_id
        start = company._sig_local_date(assigned)
        if not days:
            return max(min(chosen, self.date_deadline or chosen), start)
        calendar = company._sig_calendar(start, internal=True)
        running_since = start
        for step in (self.term_trace or {}).get("steps", ()):
            if step["kind"] != "suspended" or not step["end"]:
                continue
            stopped, resumed = date.fromisoformat(step["start"]), date.fromisoformat(step["end"])
            if resumed > running_since:
                days = max(1, days - max(0, calendar.count(running_since, max(stopped, running_since))))
                running_since = resumed
        day = calendar.add(running_since, days)
        return max(min(day, self.date_deadline or day), start)


class TermChange(models.AbstractModel):
    """What a change of calendar, policy or type does to open cases."""

    _name = "sig.term.change"
    _description = "Change of Terms"

    @api.model
    def _get_cases(self, domain):
        """:return: the open cases of a domain, as superuser."""
        return self.env["sig.pqrs"].sudo().search(Domain("state", "in", RUNNING) & Domain(domain))

    @api.model
    def _get_cases_around(self, company, day):
        """:return: as superuser, the open cases of a company with something due on ``day`` or later."""
        due = Domain("date_legal", ">=", day) | Domain("date_legal", "=", False) | Domain("next_duty_date", ">=", day)
        return self._get_cases(Domain("company_id", "=", company.id) & due)

    @api.model
    def _apply(self, cases, reason):
        """Append an act to each case that the change moves, and queue notices of later dates.

        The threads get no log: a holiday moves thousands of cases.
        """
        moves = cases._refresh_terms()
        cases._move_drafts()
        moved = cases.browse(case.id for case in moves)
        later = moved.filtered(lambda case: moves[case].is_later())
        self.env["sig.client.notice"]._queue_dates(later)
        self.env["sig.client.notice"]._forget_dates(moved - later)
        texts = {move: self._describe(reason, move) for move in set(moves.values())}
        self.env["sig.pqrs.act"]._append(
            moved,
            "calendar_change",
            notes={case: texts[move] for case, move in moves.items()},
            data={case: {name: str(day or "") for name, day in move._asdict().items()} for case, move in moves.items()},
        )

    def _describe(self, reason, move):
        def on(day):
            return tools.format_date(self.env, day) if day else self.env._("suspended")

        text = self.env._("%(reason)s. Deadline: %(old)s → %(new)s.", reason=reason, old=on(move.old), new=on(move.new))
        if move.old_legal != move.new_legal and (move.old_legal, move.new_legal) != (move.old, move.new):
            text += " " + self.env._(
                "Legal deadline: %(old)s → %(new)s.", old=on(move.old_legal), new=on(move.new_legal)
            )
        return text

    # -- Previews ---------------------------------------------------------------------------------------------------

    @api.model
    def _preview_extension(self, case, days):
        """:return: `TermMove` of an extension made today."""
        extension = legal_term.Event("extension", case.company_id._sig_today(), days)
        [(_case, values)] = case._get_new_terms(supposed={case: extension})
        return TermMove(case.date_deadline, values["date_deadline"], case.date_legal, values["date_legal"])

    @api.model
    def _preview_type(self, cases, kind, authority_deadline=False):
        """Preview another type, as superuser.

        :return: ``{case: (TermMove, {code: sentence})}``. The warnings are ``lapsed`` (the new term is over already),
            ``requirement_void``, ``extension_void`` and ``completion_extension_void`` (they would no longer count).
        """
        cases_sudo = cases.sudo()
        facts = cases_sudo._get_term_facts()
        found = {}
        for company, theirs in cases_sudo.grouped("company_id").items():
            today = company._sig_today()
            deadline = authority_deadline and company._sig_moment(authority_deadline)
            for case in theirs:
                of_case = facts[case]
                values = kind._get_term_values(company, of_case.received_on, of_case.events, deadline, today)
                move = TermMove(case.date_deadline, values["date_deadline"], case.date_legal, values["date_legal"])
                found[case] = move, dict(self._get_type_warnings(case, values, today))
        return found

    @api.model
    def _get_type_warnings(self, case, values, today):
        day = values["date_deadline"]
        if day and day < today and not (case.date_deadline and case.date_deadline < today):
            yield (
                "lapsed",
                self.env._("With the new type the term lapsed already, on %s.", tools.format_date(self.env, day)),
            )
        before = {(step["kind"], step["start"]) for step in (case.term_trace or {}).get("steps", ())}
        for step in values["term_trace"]["steps"]:
            if (step["kind"], step["start"]) in before:
                continue
            day = tools.format_date(self.env, step["start"])
            if step["kind"] == "requirement_ignored":
                yield "requirement_void", self.env._("The requirement of %s would no longer stop the term.", day)
            elif step["kind"] == "extension_ignored":
                yield "extension_void", self.env._("The extension of %s would no longer count.", day)
            elif step["kind"] == "completion_extension_ignored":
                yield (
                    "completion_extension_void",
                    self.env._("The extension of %s of the time to complete would no longer count.", day),
                )
