from collections import Counter
from typing import Any, NamedTuple

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..mixin.deadline_mixin import PRESSING
from ..mixin.transitions import NOT_LEFT, OPEN, TO_DRAFT

#: records of a kind that a digest names; the others are counted
NAMED = 15


class Line(NamedTuple):
    """What a digest says of a record."""

    number: str
    subject: str
    date: Any
    is_late: bool
    url: str


class Digest(models.AbstractModel):
    """What waits for each of our people, in one mail each business-day morning, whatever their companies.

    What waits comes by kinds (`_get_waiting_labels`): records are gathered company by company (`_get_waiting`), left to
    those who may read them, and written in the reader's language (`_write_digest`).
    """

    _name = "sig.digest"
    _description = "Digest of What Waits"

    # -- Whose morning it is ----------------------------------------------------------------------------------------

    @api.model
    def _send_digests(self):
        """Mail the digests of the companies that were reviewed today and not told yet; each person once a day.

        A person is told of all their companies at once: those whose hour comes later as their last review left them.
        The rows of companies and people are locked and marked: two workers, or two runs, tell nobody twice. A company
        whose people were not all told is left for the next run.
        """
        companies = self.env["res.company"].search([("sig_watched_on", "!=", False)])
        companies = companies.filtered(self._is_digest_due).try_lock_for_update(allow_referencing=True)
        if not companies:
            return
        waiting = self._gather_waiting(companies)
        today = max(company._sig_today() for company in companies)
        untold = {company: self._filter_untold(users, today) for company, users in waiting.items()}
        people = self.env["res.users"].union(*untold.values()).try_lock_for_update(allow_referencing=True)
        elsewhere = (people.company_ids - companies).filtered(self._is_business_day)
        batches = [*waiting.values(), *self._gather_waiting(elsewhere).values()]
        told = people - self.env["sig.pqrs"]._in_isolation(people, lambda users: self._mail_digests(users, batches))
        told.sig_digested_on = today
        for company, users in untold.items():
            if users <= told:
                company.sig_digested_on = company._sig_today()

    @api.model
    def _is_digest_due(self, company):
        today = company._sig_today()
        return company.sig_watched_on == today and company.sig_digested_on != today and self._is_business_day(company)

    @api.model
    def _is_business_day(self, company):
        return company._sig_calendar(internal=True).is_business_day(company._sig_today())

    @api.model
    def _filter_untold(self, users, today):
        """Those of ``users`` who can be told, and were not today.

        Tomorrow is today already in companies further east; later days are those of a clock that ran ahead.
        """
        told = (today, fields.Date.add(today, days=1))
        return (
            self.env["res.users"]
            .sudo()
            .union(*users)
            .filtered(lambda user: user.active and user.email and user.sig_digested_on not in told)
        )

    @api.model
    def _mail_digests(self, users, batches):
        """Mail each user what waits for them in some companies.

        :param batches: what `_get_waiting` gave, of each company.
        """
        exports = self._get_exported_heads(users.company_ids)
        rows = []
        for user in users:
            found = self._filter_waiting(user, [waiting[user] for waiting in batches if user in waiting])
            if found:
                subject, body = self.with_context(lang=user.lang)._write_digest(found, exports.get(user, ()))
                url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_my_work"
                rows.append((user, user.company_id, subject, body, url))
        self.env["sig.people"]._mail(rows)

    # -- What waits -------------------------------------------------------------------------------------------------

    @api.model
    def _gather_waiting(self, companies):
        """``{company: what `_get_waiting` gives}``, without the companies where it failed."""
        waiting, Pqrs = {}, self.env["sig.pqrs"]
        for company in companies:
            Pqrs._in_isolation(company, lambda company: waiting.update({company: self._get_waiting(company)}))
        return waiting

    @api.model
    def _get_waiting_labels(self):
        """``{kind: label}`` of what may wait for somebody, in the order of a digest: what presses first. Hook."""
        return {
            "duties": self.env._("Legal duties about to lapse"),
            "overdue": self.env._("Those overdue"),
            "due_today": self.env._("Those due today"),
            "to_file": self.env._("To file"),
            "unassigned": self.env._("Unassigned"),
            "to_approve": self.env._("To approve"),
            "to_send": self.env._("To send"),
            "due_soon": self.env._("Due soon"),
        }

    @api.model
    def _get_waiting(self, company):
        """What waits for each person in a company, the first due first. Hook for other addons: see `_add_waiting`.

        :return: ``{user: {kind of `_get_waiting_labels`: [records]}}``; records of any model with a deadline.
        """
        waiting = {}
        Assignment = self.env["sig.pqrs.assignment"]
        ours = Domain("company_id", "=", company.id) & Domain("pqrs_id.state", "in", OPEN)
        drafting = ours & Domain("state", "in", TO_DRAFT)
        submitted = Assignment.search_fetch(
            ours & Domain("state", "=", "submitted"), ["approval_user_id"], order="date_due, id"
        )
        for user, assignments in submitted.grouped("approval_user_id").items():
            self._add_waiting(waiting, user, "to_approve", assignments)
        director = company._sig_get_director()
        of_sig = self._get_waiting_of_sig(company)
        for state in PRESSING:
            found = Assignment.search_fetch(
                drafting & Domain("deadline_state", "=", state), ["user_id"], order="date_due, id"
            )
            drafts = found.grouped("user_id")
            if director in drafts and state in of_sig:  # their own draft says it already
                of_sig[state] -= drafts[director].pqrs_id
            for user, assignments in drafts.items():
                self._add_waiting(waiting, user, state, assignments)
        for kind, cases in of_sig.items():
            self._add_waiting(waiting, director, kind, cases)
        return waiting

    @api.model
    def _add_waiting(self, waiting, user, kind, records):
        """Add records to what waits for a user, beside those of the same kind."""
        if user and records:
            waiting.setdefault(user, {}).setdefault(kind, []).append(records)

    @api.model
    def _get_waiting_of_sig(self, company):
        """``{kind: cases}`` that wait for the SIG itself; of what the processes have, what is late or due today."""
        Pqrs = self.env["sig.pqrs"]
        ours = Domain("company_id", "=", company.id)
        pressing = Domain(Pqrs._get_pressing_duties_domain(*Pqrs._get_deadline_limits(company)))
        kinds = {
            "to_file": Domain("state", "=", "to_file"),
            "unassigned": Domain("state", "=", "received"),
            "to_send": Domain("state", "=", "approved") & Domain("delivery_state", "in", NOT_LEFT),
            "overdue": Domain("state", "=", "assigned") & Domain("deadline_state", "=", "overdue"),
            "due_today": Domain("state", "=", "assigned") & Domain("deadline_state", "=", "due_today"),
        }
        waiting = {kind: Pqrs.search(ours & domain, order="date_deadline, id") for kind, domain in kinds.items()}
        waiting["duties"] = Pqrs.search(ours & pressing, order="next_duty_date, id")
        return waiting

    @api.model
    def _filter_waiting(self, user, batches):
        """``{kind: [records of a model and company]}`` that a user may read, in the order of the labels.

        :param batches: ``{kind: [records]}`` of each company. Each model is asked once for what is read.
        """
        found, models_ = {}, {}
        for kinds in batches:
            for kind, of_kind in kinds.items():
                found.setdefault(kind, []).extend(of_kind)
                for records in of_kind:
                    models_.setdefault(records._name, []).append(records)
        readable = {
            name: records[0].union(*records[1:])._sig_filter_readable_by(user) for name, records in models_.items()
        }
        readable = {
            kind: [theirs for records in found.get(kind, ()) if (theirs := records & readable[records._name])]
            for kind in self._get_waiting_labels()
        }
        return {kind: records for kind, records in readable.items() if records}

    # -- The mail ---------------------------------------------------------------------------------------------------

    @api.model
    def _get_exported_heads(self, companies):
        """``{SIG director: heads of the acts that were exported last}``."""
        exports = {}
        for company in companies:
            export = self.env["sig.act.head.export"]._get_last(company)
            director = company._sig_get_director()
            exports[director] = exports.get(director, export) | export
        return exports

    @api.model
    def _write_digest(self, waiting, exports=()):
        """A digest, in the language of the context.

        :param dict waiting: ``{kind: [records]}``.
        :param exports: of heads of acts, of which it tells the SHA-256.
        :return: subject, and the body as markup.
        """
        labels = self._get_waiting_labels()
        sections = []
        for kind, batches in waiting.items():
            count = sum(map(len, batches))
            lines = [
                record._get_waiting_line(kind)
                for records in batches
                for record in records[:NAMED].with_context(lang=self.env.context.get("lang"))
            ]
            lines.sort(key=lambda line: line.date or fields.Date.to_date("9999-12-31"))
            more = count > NAMED and self.env._("and %s more", count - NAMED)
            sections.append({"label": labels[kind], "count": count, "lines": lines[:NAMED], "more": more})
        notes = [
            self.env._(
                "Heads of the acts of %(company)s on %(day)s, SHA-256 of the file: %(digest)s",
                company=export.company_id.name,
                day=tools.format_date(self.env, export.date),
                digest=export.digest,
            )
            for export in exports
        ]
        body = self.env["ir.qweb"]._render(
            "sig_pqrs.mail_digest",
            {"sections": sections, "notes": notes, "format_date": lambda day: tools.format_date(self.env, day)},
            minimal_qcontext=True,
        )
        return self._get_digest_subject(self._count_waiting(waiting)), body

    @api.model
    def _count_waiting(self, waiting):
        """How many records are late or about to be, each counted once, and how many there are of each kind."""
        states = {}
        for batches in waiting.values():
            for records in batches:
                records.fetch(["deadline_state"])
                states.update({record: record.deadline_state for record in records})
        kinds = {kind: sum(map(len, batches)) for kind, batches in waiting.items()}
        return {**kinds, **dict.fromkeys(PRESSING, 0), **Counter(states.values()), "all": len(states)}

    @api.model
    def _get_digest_subject(self, counts):
        parts = self._get_digest_parts(counts)
        if not parts:
            parts = [self.env._("1 pending") if counts["all"] == 1 else self.env._("%s pending", counts["all"])]
        return self.env._("Your PQRS of today: %s", ", ".join(parts))

    @api.model
    def _get_digest_parts(self, counts):
        """What the subject of a digest says, in the order of its urgency. Hook for other addons."""
        parts = []
        if counts["overdue"] == 1:
            parts.append(self.env._("1 overdue"))
        elif counts["overdue"]:
            parts.append(self.env._("%s overdue", counts["overdue"]))
        if counts["due_today"] == 1:
            parts.append(self.env._("1 due today"))
        elif counts["due_today"]:
            parts.append(self.env._("%s due today", counts["due_today"]))
        if counts["due_soon"]:
            parts.append(self.env._("%s due soon", counts["due_soon"]))
        return parts


class DeadlineDigest(models.AbstractModel):
    _inherit = "sig.deadline.mixin"

    def _get_waiting_line(self, kind):
        """The `Line` of a record that waits as ``kind``."""
        raise NotImplementedError

    def _make_waiting_line(self, case, subject, day):
        return Line(
            number=case.name,
            subject=subject or "",
            date=day,
            is_late=bool(day) and day < self.company_id._sig_today(),
            url=self.env["sig.people"]._get_url(self),
        )


class PqrsDigest(models.Model):
    _inherit = "sig.pqrs"

    def _get_waiting_line(self, kind):
        """What a digest says of a case."""
        day = self.next_duty_date if kind == "duties" else self.date_deadline
        subject = self.subject
        if kind == "duties":
            labels = dict(self._fields["next_duty"]._description_selection(self.env))
            subject = f"{labels.get(self.next_duty, '')} · {subject}"
        return self._make_waiting_line(self, subject, day)


class AssignmentDigest(models.Model):
    _inherit = "sig.pqrs.assignment"

    def _get_waiting_line(self, _kind):
        """What a digest says of the share of a process."""
        case = self.pqrs_id
        return self._make_waiting_line(case, case.subject, self.date_due)
