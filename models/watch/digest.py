from odoo import fields, models, tools
from odoo.fields import Domain

from ..mixin.deadline_mixin import PRESSING
from ..mixin.transitions import NOT_LEFT, OPEN, TO_DRAFT
from ..term.pqrs_term import get_pressing_duties_domain

#: records of a kind that a digest lists; it counts the others
NAMED = 15
#: kinds that its subject tells
TOLD = 3

#: fields of the date and state of kinds that are of other ones than the deadline
DATED_BY = {"duties": {"date_field": "next_duty_date", "state_field": "next_duty"}}


class Digest(models.AbstractModel):
    """One mail for each user on business-day mornings, with their pending work in all companies.

    Records are gathered by company and kind (`_get_waiting`, `_get_waiting_labels`), limited to what the user may read,
    and written in the language of the user (`_write_digest`).
    """

    _name = "sig.digest"
    _description = "Digest of What Waits"
    _inherit = ["sig.record.mixin"]

    def _send_digests(self):
        """Mail the digests of companies that were reviewed today, once a day to each user.

        A digest is of all companies of the user, some of which may be reviewed later. Companies and users are locked
        and marked, so that two workers or runs send no digest twice. The next run continues companies with failures.
        """
        companies = self.env["res.company"].search([("sig_watched_on", "!=", False)])
        companies = companies.filtered(self._is_digest_due).try_lock_for_update(allow_referencing=True)
        if not companies:
            return
        waiting = self._gather_waiting(companies)
        today = max(company._sig_today() for company in companies)
        pending = {company: self._filter_pending(users, today) for company, users in waiting.items()}
        people = self.env["res.users"].union(*pending.values()).try_lock_for_update(allow_referencing=True)
        elsewhere = (people.company_ids - companies).filtered(self._is_business_day)
        batches = [*waiting.values(), *self._gather_waiting(elsewhere).values()]
        sent = people - self._in_isolation(people, lambda users: self._mail_digests(users, batches))
        sent.sig_digested_on = today
        for company, users in pending.items():
            if users <= sent:
                company.sig_digested_on = company._sig_today()

    def _is_digest_due(self, company):
        today = company._sig_today()
        return company.sig_watched_on == today and company.sig_digested_on != today and self._is_business_day(company)

    def _is_business_day(self, company):
        return company._sig_calendar(internal=True).is_business_day(company._sig_today())

    def _filter_pending(self, users, today):
        """Who had no digest today, or tomorrow (as it is further east); later dates are of a clock that ran ahead."""
        days = (today, fields.Date.add(today, days=1))
        users = self.env["res.users"].union(*users)
        return users.filtered(lambda user: user.active and user.email and user.sig_digested_on not in days)

    def _mail_digests(self, users, batches):
        exports = self._get_exported_heads(users.company_ids)
        rows = []
        for user in users:
            found = self._filter_waiting(user, [waiting[user] for waiting in batches if user in waiting])
            if found:
                subject, body = self.with_context(lang=user.lang)._write_digest(found, exports.get(user, ()))
                url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_my_work"
                rows.append((user, user.company_id, subject, body, url))
        self.env["sig.staff.notice"]._mail(rows)

    def _gather_waiting(self, companies):
        """``{company: result of `_get_waiting`}``, without failed companies."""
        waiting = {}
        for company in companies:
            self._in_isolation(company, lambda company: waiting.update({company: self._get_waiting(company)}))
        return waiting

    def _get_waiting_labels(self):
        """``{kind: label}``, most urgent first. Hook."""
        return {
            "silence": self.env._("Deemed accepted by silence, or about to be"),
            "duties": self.env._("Legal duties about to lapse"),
            "overdue": self.env._("Those overdue"),
            "due_today": self.env._("Those due today"),
            "to_file": self.env._("To file"),
            "unassigned": self.env._("Unassigned"),
            "to_approve": self.env._("To approve"),
            "to_send": self.env._("To send"),
            "due_soon": self.env._("Due soon"),
            "to_notify": self.env._("To notify"),
            "commitments": self.env._("Commitments to fulfil"),
            "plan_lines": self.env._("Activities of action plans"),
            "plans": self.env._("Effectiveness to verify"),
        }

    def _get_waiting(self, company):
        """Pending work in a company, first due first. Hook: see `_add_waiting`.

        :return: ``{user: {kind: [records of a model with a deadline]}}``.
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
            if director in drafts and state in of_sig:  # listed with their own drafts
                of_sig[state] -= drafts[director].pqrs_id
            for user, assignments in drafts.items():
                self._add_waiting(waiting, user, state, assignments)
        for kind, cases in of_sig.items():
            self._add_waiting(waiting, director, kind, cases)
        pressing = Domain("company_id", "=", company.id) & Domain("deadline_state", "in", PRESSING)
        for kind, model in (("commitments", "sig.pqrs.commitment"), ("plan_lines", "sig.action.plan.line")):
            running = pressing & self.env[model]._get_running_domain()
            found = self.env[model].search_fetch(running, ["user_id"], order="date_due, id")
            for user, theirs in found.grouped("user_id").items():
                self._add_waiting(waiting, user, kind, theirs)
        Plan = self.env["sig.action.plan"]
        plans = Plan.search(pressing & Plan._get_running_domain(), order="verification_date, id")
        due = plans.filtered(lambda plan: plan.deadline_state != "due_soon")
        for plan, verifier in due._get_verifiers().items():
            self._add_waiting(waiting, verifier, "plans", plan)
        return waiting

    def _add_waiting(self, waiting, user, kind, records):
        if user and records:
            waiting.setdefault(user, {}).setdefault(kind, []).append(records)

    def _get_waiting_of_sig(self, company):
        """``{kind: cases}``: those that wait for the SIG, and those of processes that are late or due today."""
        Pqrs = self.env["sig.pqrs"]
        ours = Domain("company_id", "=", company.id)
        pressing = Domain(get_pressing_duties_domain(*Pqrs._get_deadline_limits(company)))
        kinds = {
            "to_file": Domain("state", "=", "to_file"),
            "unassigned": Domain("state", "=", "received"),
            "to_send": Domain("state", "=", "approved") & Domain("delivery_state", "in", NOT_LEFT),
            "overdue": Domain("state", "=", "assigned") & Domain("deadline_state", "=", "overdue"),
            "due_today": Domain("state", "=", "assigned") & Domain("deadline_state", "=", "due_today"),
            "to_notify": Domain("to_notify", "!=", False),
        }
        waiting = {kind: Pqrs.search(ours & domain, order="date_deadline, id") for kind, domain in kinds.items()}
        waiting["duties"] = Pqrs.search(ours & pressing, order="next_duty_date, id")
        waiting["silence"] = Pqrs.union(*self.env["sig.silence"]._find_risks(company))
        return waiting

    def _filter_waiting(self, user, batches):
        """``{kind: [records of a model and company]}`` that a user may read, in the order of the labels."""
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

    def _get_exported_heads(self, companies):
        """``{SIG director: last exports of heads}``."""
        exports = {}
        for company in companies:
            export = self.env["sig.act.head.export"]._get_last(company)
            director = company._sig_get_director()
            exports[director] = exports.get(director, export) | export
        return exports

    def _write_digest(self, waiting, exports=()):
        """Subject and markup of ``{kind: [records]}``, in the language of the context."""
        labels = self._get_waiting_labels()
        sections = []
        for kind, batches in waiting.items():
            count = sum(map(len, batches))
            lines = [
                self._make_line(kind, record)
                for records in batches
                for record in records[:NAMED].with_context(lang=self.env.context.get("lang"))
            ]
            lines.sort(key=lambda line: line["date"] or "9999-12-31")
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
            "sig_pqrs.mail_digest", {"sections": sections, "notes": notes}, minimal_qcontext=True
        )
        told = [f"{section['label']} ({section['count']})" for section in sections]
        return self.env._("Your PQRS of today: %s", ", ".join(told[:TOLD])), body

    def _make_line(self, kind, record):
        row = record._get_my_day_row({"tone": "", **DATED_BY.get(kind, {})})
        return {
            **row,
            "subject": f"{row['state']} · {row['subject']}" if kind in DATED_BY else row["subject"],
            "is_late": bool(row["date"]) and row["date"] < fields.Date.to_string(record.company_id._sig_today()),
            "url": self.env["sig.staff.notice"]._get_url(record),
        }


class DeadlineDigest(models.AbstractModel):
    _inherit = "sig.deadline.mixin"

    def _get_waiting_names(self):
        """Number and subject by which people know the record."""
        raise NotImplementedError
