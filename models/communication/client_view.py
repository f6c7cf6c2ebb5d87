from lxml import etree, html

from odoo import SUPERUSER_ID, models, tools
from odoo.fields import Domain

from ...tools import clean_text
from ..mixin.transitions import OPEN, not_delivering
from .communication import OWED

#: what came back, and is told another way
NOT_ARRIVED = Domain("state", "in", ("failed", "returned")) & Domain("purpose", "!=", "forwarding")

#: purposes of communications that the client reads in the case
SHOWN_PURPOSES = (
    "requirement", "extension", "transfer", "withdrawal", "cancellation", "reopening", "thanks",
    "message",
)  # fmt: skip

#: stars with which a review is offered
FEW_STARS = 2

#: purposes that the client reads here before anybody told them otherwise
READ_HERE = ("requirement", "message")


class ClientView(models.AbstractModel):
    """What clients see of their cases, on the tracking page and in HERA: an allow-list of plain values.

    Pages get these values, never the case, which neither the public nor portal users may read.
    """

    _name = "sig.client.view"
    _description = "Client's View of a Case"

    # -- What a browser keeps ---------------------------------------------------------------------------------------

    def _get_owner_key(self):
        """An opaque name of the user, for what the browser keeps of them; empty for the public."""
        return "" if self.env.user._is_public() else self._hash_key(str(self.env.uid))

    def _get_draft_key(self, case):
        return self._hash_key(case.uuid)

    def _hash_key(self, text):
        return tools.hmac(self.sudo().env, "sig_pqrs.browser", text)[:16]

    # -- Cases of a client: ``user`` is that of an environment, as superuser ----------------------------------------

    def _get_own_domain(self, user):
        """Those that the user filed; reserved cases are found by their identity."""
        partner = user.partner_id
        reserved = self.env["sig.pqrs.identity"].sudo().search_fetch([("partner_id", "=", partner.id)], ["pqrs_id"])
        return Domain("partner_id", "=", partner.id) | Domain("id", "in", reserved.pqrs_id.ids)

    def _get_domain(self, user):
        """The cases that a user of HERA sees: their own and, where the SIG allows it, those of their company.

        Those of colleagues leave out personal data, restricted cases and whatever hides the petitioner.
        """
        mine, partner = self._get_own_domain(user), user.partner_id
        if allowed := user.company_ids.filtered(lambda own: partner.with_company(own).sig_hera_colleagues):
            company = partner.commercial_partner_id
            is_colleague = Domain("partner_id.commercial_partner_id", "=", company.id)
            # client_id: who goes to another company neither takes the cases of this one along nor away
            mine |= (
                Domain("client_id", "=", company.id)
                & (is_colleague | Domain("partner_id", "!=", False) & Domain("of_client", "=", True))
                & Domain("company_id", "in", allowed.ids)
                & Domain("type_id.personal_data", "=", False)
                & Domain("restricted", "=", False)
            )
        return mine & Domain("company_id", "in", user.company_ids.ids) & Domain("state", "!=", "to_file")

    def _sees_several_companies(self, user):
        return len(user.company_ids) > 1

    def _find(self, user, case_id):
        """The case, as superuser, if the user sees it in HERA; empty otherwise."""
        return self.env["sig.pqrs"].sudo().search(self._get_domain(user) & Domain("id", "=", case_id))

    def _is_own(self, case, user):
        return case.with_user(SUPERUSER_ID)._get_contact().partner == user.partner_id

    def _get_rows(self, domain, offset=0, limit=None):
        """Rows of the list of cases of a client; ``domain`` is within `_get_domain`."""
        cases = self.env["sig.pqrs"].sudo().search(domain, offset=offset, limit=limit)
        colleagues = {case: case.partner_id - self.env.user.partner_id for case in cases}
        several = self._sees_several_companies(self.env.user)
        waiting = cases.filtered(lambda case: not colleagues[case] and self._get_status(case) == "waiting")
        return [
            {
                "id": case.id,
                "number": case.name,
                "company": case.company_id.name if several else "",
                "subject": case.subject,
                "type": case.type_id.name,
                "status": self._get_status(case),
                "status_label": self._get_status_label(case, own=not colleagues[case]),
                "received": tools.format_date(self.env, case._get_received_on()),
                "deadline": self._get_deadline(case),
                "answered": self._get_day(case, case.date_answered),
                "until": self._get_requirement(case)["until"] if case in waiting else "",
                "filed_by": colleagues[case].name or "",
                "to_rate": not colleagues[case] and case._is_answered() and case.rating_state in ("asked", "reminded"),
            }
            for case in cases
        ]

    # -- Status and steps -------------------------------------------------------------------------------------------

    def _get_steps(self, case):
        """Steps that the client may take on the case now: ``write deliver extend withdraw rate review``."""
        steps = set() if case.state == "to_file" else {"write"}
        if case.state in OPEN and case.suspended:
            steps.add("deliver")
            if self._may_extend(case):
                steps.add("extend")
        if case.state in OPEN and not_delivering(case):
            steps.add("withdraw")
        if case._is_answered() and case.rating_state != "rated":
            steps.add("rate")
        if self._may_ask_review(case):
            steps.add("review")
        return steps

    def _may_extend(self, case):
        last = case._get_duty_date("complete")
        is_in_time = last and last >= case.company_id._sig_today()
        return is_in_time and case.type_id.completion_extension_months and not case._is_completion_extended()

    def _may_ask_review(self, case):
        """Whether the client gave few stars to the answer that stands, and has not asked to have it reviewed."""
        return case._is_answered() and 0 < case.rating_value <= FEW_STARS and not self._get_disagreement(case)

    def _get_disagreement(self, case):
        """What the client wrote to have the answer that stands reviewed."""
        return case.communication_ids.filtered(
            lambda each: each.purpose == "disagreement" and case.date_answered and each.date >= case.date_answered
        )

    def _get_status(self, case):
        if case.state in OPEN:
            if case.suspended:
                return "delivered" if case._get_waiting_information() else "waiting"
            return "received" if case.state == "received" and not case.answer_ids else "in_progress"
        return case.outcome or "received"

    def _get_status_label(self, case, own=True):
        return self._get_status_labels(own)[self._get_status(case)]

    def _get_status_labels(self, own=True):
        return {
            "received": self.env._("Filed"),
            "in_progress": self.env._("In progress"),
            "waiting": self.env._("Waiting for you") if own else self.env._("Waiting for information"),
            "delivered": self.env._("We check what you sent") if own else self.env._("We check the information"),
            "answered": self.env._("Answered"),
            "transferred": self.env._("Transferred"),
            "withdrawn": self.env._("Withdrawn"),
            "tacitly_withdrawn": self.env._("Filed away"),
            "duplicate": self.env._("Goes on in another one"),
            "spam": self.env._("Cancelled"),
        }

    # -- One case ---------------------------------------------------------------------------------------------------

    def _describe(self, case, own=True):
        """Values of the page that its petitioner (``own``) or a colleague reads; files by id, for `_get_file`."""
        case.ensure_one()
        case = case.with_user(SUPERUSER_ID)
        status = self._get_status(case)
        company = case.company_id
        tell = self._tell_colleague if not own else self._tell_open if case.state in OPEN else self._tell_end
        return {
            "number": case.name,
            "type": case.type_id.name,
            **{name: case[name] or "" for name in ("subject", "description", "remedy", "site")},
            "incident_date": tools.format_date(self.env, case.incident_date) if case.incident_date else "",
            "filed_by": "" if own else case.partner_id.name or "",
            "anonymous": case.anonymous,
            "reserved": case.identity_reserved,
            "company": company.name,
            "phone": company.phone or "",
            "email": company._sig_get_contact_email(),
            "status": status,
            "status_label": self._get_status_label(case, own),
            "story": " ".join(filter(None, tell(case, status))),
            "undelivered": self._get_undelivered(case) if own else "",
            "open": case.state in OPEN,
            "received": case._get_received_text(),
            "deadline": self._get_deadline(case),
            "answered": self._get_day(case, case.date_answered),
            "steps": self._get_progress(case, status, own),
            "term_lines": self.env["sig.term.explanation"]._get_lines(case),
            "asked": self._get_requirement(case),
            "annexes": self._describe_files(self._get_annexes(case, own)),
            "answer_text": self.env["sig.letter"]._get_text(case) if self._get_answer_files(case) else "",
            "answer_files": self._describe_files(self._get_answer_files(case)),
            "earlier_answers": [
                {
                    "date": self._get_day(case, answer.date_answered),
                    "text": self._get_answer_text(answer.body),
                    "files": self._describe_files(answer._get_files()),
                    "rating": answer.rating_value,
                }
                for answer in case._get_earlier_answers()
            ],
            "messages": self._get_messages(case),
            "can": self._get_steps(case),
            "surveys": case._get_client_survey_answer(),
            "rating": case.rating_value if case.rating_state == "rated" else 0,
        }

    def _tell_colleague(self, case, _status):
        """When it is answered, for somebody else of the company of who filed it; the status says what happened."""
        if case.state not in OPEN:
            return [self.env._("You find the answer below.")] if self._get_answer_files(case) else []
        if case.suspended:
            return [self.env._("Meanwhile the days to answer do not run.")]
        return [case._get_until_text(case.date_deadline, suspended=False)]

    def _tell_open(self, case, status):
        again = self.env["sig.reopening"]._get_reason(case.answer_ids._get_kind(case))
        if status == "delivered":
            sent = self.env._(
                "We received what you sent, and check whether it is complete. You need not do anything: if something "
                "is missing, we write to you. Meanwhile the days to answer do not run."
            )
            return [sent]
        if status == "waiting":
            asked = self._get_requirement(case)
            until = self.env._("You have until %s.", asked["until"]) if asked["until"] else ""
            if until and case._is_completion_extended():
                until = self.env._("We gave you more time: you have until %s.", asked["until"])
            needed = self.env._("We need something from you to go on.")
            return [again, needed, until, self.env._("Meanwhile the days to answer do not run.")]
        until = case._get_until_text(case.date_deadline, case.suspended)
        if case.delivery_state == "failed":
            return [self.env._("We could not deliver our answer to you."), until]
        if case.delivery_state == "pending":
            return [self.env._("Our answer is ready, and on its way to you."), until]
        earlier = self.env._("You find our earlier answer below.") if case._get_earlier_answers() else ""
        if case._has_term_step("extended"):
            return [self.env._("We need more time than we had told you."), until, earlier]
        if again:
            return [again, until, earlier]
        if status == "received":
            return [self.env._("We received your request and are reading it."), until]
        return [self.env._("The people in charge are preparing the answer."), until]

    def _tell_end(self, case, status):
        answered = case.date_answered and case.company_id._sig_local_date(case.date_answered)
        below = self.env._("You find the answer below.") if self._get_answer_files(case) else ""
        ended = {
            "answered": self.env._(
                "We answered your request on %s.", tools.format_date(self.env, answered, date_format="long")
            ),
            "transferred": case.transfer_recipient
            and self.env._("Somebody else is competent to answer: %s.", case.transfer_recipient),
            "withdrawn": self.env._("You withdrew your request. You may file it again whenever you want."),
            "tacitly_withdrawn": self.env._(
                "We did not receive in time what we had asked for. You may file it again whenever you want."
            ),
            "duplicate": case.duplicate_of_id and case._get_original_text(),
            "spam": self.env._("It was not handled as a request. If you do not agree, write to us."),
        }.get(status, "")
        return [ended, below, self._get_written_after(case)]

    def _get_written_after(self, case):
        waiting = set(case._get_waiting_after_end().mapped("purpose"))
        if "disagreement" in waiting:
            return self.env._("You asked us to review the answer: we study it, and write to you.")
        return self.env._("We received what you wrote afterwards, and write to you.") if waiting else ""

    def _get_undelivered(self, case):
        """What did not arrive and is told another way; empty when all did."""
        lost = case.communication_ids.filtered_domain(OWED & NOT_ARRIVED).sorted("id")
        if not lost:
            return ""
        labels = lost._get_choices("purpose")
        told = ", ".join(dict.fromkeys(labels[each.purpose] for each in lost))
        address = next(iter(sorted(lost[-1:]._get_mailed_addresses())), "")
        parts = [
            self.env._("We could not deliver to you: %s.", told),
            self.env._("The mail to %s came back.", self._mask(address)) if address else "",
            self.env._("We try again another way. If your email, phone or address changed, write to us below."),
        ]
        return " ".join(filter(None, parts))

    def _mask(self, address):
        """An email that its owner knows again, and nobody else learns."""
        name, _at, domain = address.partition("@")
        return f"{name[:2]}···@{domain}"

    def _get_day(self, case, moment):
        return tools.format_date(self.env, case.company_id._sig_local_date(moment)) if moment else ""

    def _get_deadline(self, case):
        if case.state not in OPEN or case.suspended or not case.date_deadline:
            return ""
        return tools.format_date(self.env, case.date_deadline)

    def _get_progress(self, case, status, own):
        """Steps from filing to the end: name, date and state (``done current ahead``)."""
        endings, acts = ("transfer", "withdrawn", "cancelled"), case.act_ids
        assigned = min((act.date for act in acts if act.kind == "assigned"), default=False)
        ended = max((act.date for act in acts if act.kind in endings), default=False)
        waits = status in ("waiting", "delivered")
        started = case.state != "received" or bool(assigned) or waits
        over = case.state not in OPEN
        label = self._get_status_label(case, own)
        middle = label if waits and not over else self.env._("In progress")
        last = label if over else self.env._("Answered")
        steps = [
            (self.env._("Filed"), case.date_received, "done" if started else "current"),
            (middle, assigned, "done" if over else "current" if started else "ahead"),
            (last, over and (case.date_answered or ended), "done" if over else "ahead"),
        ]
        if over and not assigned:
            del steps[1]
        return [{"name": name, "date": self._get_day(case, moment), "state": state} for name, moment, state in steps]

    def _get_requirement(self, case):
        """The information required now: the text, by when, and what was sent and is not confirmed yet; or empty."""
        if case.state not in OPEN or not case.suspended:
            return {}
        requirement = case._get_requirement()
        # under reserve the act does not hold what names the petitioner; the communication does
        told = case.communication_ids.filtered(
            lambda each: each.purpose == "requirement" and each.act_number == requirement.number
        )[:1]
        until = case._get_last_day_to_complete()
        return {
            "text": told.body or requirement.note or "",
            "until": tools.format_date(self.env, until, date_format="long") if until else "",
            "sent": [
                {
                    "date": case.company_id._sig_format_moment(message.date),
                    "text": message.body or "",
                    "files": self._describe_files(message.attachment_ids),
                }
                for message in case._get_waiting_information()
            ],
        }

    def _get_messages(self, case):
        labels = self.env["sig.pqrs.communication"]._get_choices("purpose")
        return [
            {
                "mine": each.direction == "in",
                "title": "" if each.direction == "in" or each.purpose == "message" else labels[each.purpose],
                **dict(zip(("text", "quote"), clean_text.split_quote(each.body or ""), strict=True)),
                "files": self._describe_files(each._get_client_files()),
                "date": case.company_id._sig_format_moment(each._get_shown_moment(), brief=True),
            }
            for each in self._filter_shown(case.communication_ids)
        ]

    def _filter_shown(self, communications):
        """Those that the client reads: theirs, and what they were told, in order."""
        outgoing = communications.filtered(lambda each: each.direction == "out" and each.purpose in SHOWN_PURPOSES)
        outgoing = outgoing.filtered(lambda each: each.purpose in READ_HERE or each.state != "void")
        incoming = communications.filtered(lambda each: each.direction == "in" and each.author == "petitioner")
        return (outgoing | incoming).sorted(lambda each: (each._get_shown_moment(), each.id))

    # -- Files ------------------------------------------------------------------------------------------------------

    def _get_annexes(self, case, own):
        """Those kept with an identity, revealed or not, are for their petitioner alone."""
        private = case.identity_ids.attachment_ids if own else self.env["ir.attachment"]
        return (case.attachment_ids | private).sorted("id")

    def _get_answer_files(self, case):
        if not case._is_answered() or not case.letter_id:
            return self.env["ir.attachment"]
        return case._get_response_attachments()

    def _get_answer_text(self, body):
        """An answer as HTML to be read on the page; its pictures are in the letter alone."""
        if tools.is_html_empty(body):
            return ""
        text = html.fragment_fromstring(body, create_parent="div")
        etree.strip_elements(text, "img", with_tail=False)
        return tools.html_sanitize(etree.tostring(text, encoding="unicode", method="html"), strip_style=True)

    def _get_file(self, case, attachment_id, own=True):
        """A file of the case that its client may read, as superuser; empty for any other id."""
        case.ensure_one()
        case = case.with_user(SUPERUSER_ID)
        allowed = (
            self._get_annexes(case, own)
            | self._get_answer_files(case)
            | case._get_earlier_answers()._get_files()
            | case._get_forwardings()._get_forwarding_files()
            | self._filter_shown(case.communication_ids).attachment_ids
        )
        return allowed.filtered(lambda attachment: attachment.id == attachment_id)

    def _describe_files(self, attachments):
        return [
            {"id": attachment.id, "name": attachment.name, "size": attachment._sig_get_size_text()}
            for attachment in attachments
        ]
