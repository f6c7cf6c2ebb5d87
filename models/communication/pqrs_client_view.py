from odoo import SUPERUSER_ID, api, models, tools
from odoo.fields import Domain

from ..mixin.transitions import OPEN, not_delivering
from .pqrs_message import FROM_CLIENT, TO_CLIENT

#: what a client is told of besides messages, and reads in the case too
SHOWN_PURPOSES = ("requirement", "extension", "transfer", "withdrawal", "cancellation", "thanks")


class PqrsClientView(models.Model):
    """What the client of a case sees of it: an allow-list of plain values, for the tracking page and for HERA alike.

    Pages get these values and never the case, which neither the public nor users of the portal may read. Drafts,
    instructions, acts and internal notes have no way into them.
    """

    _inherit = "sig.pqrs"

    # -- Whose a case is --------------------------------------------------------------------------------------------

    @api.model
    def _get_client_domain(self, user):
        """The cases that a user of HERA sees: the own ones; those of the company for who is flagged.

        Under reserve a case is found by its identity, and by nobody but its petitioner. What colleagues see leaves out
        personal data, restricted cases and whatever hides who asked.
        """
        self = self.sudo()
        partner = user.sudo().partner_id
        reserved = self.env["sig.pqrs.identity"].search_fetch([("partner_id", "=", partner.id)], ["pqrs_id"])
        mine = Domain("partner_id", "=", partner.id) | Domain("id", "in", reserved.pqrs_id.ids)
        if partner.sig_hera_company:
            family = partner.with_context(active_test=False).search(
                [("commercial_partner_id", "=", partner.commercial_partner_id.id)]
            )
            kinds = self.env["sig.pqrs.type"].with_context(active_test=False).search([("personal_data", "=", True)])
            # Whoever came from another company, or from none, brings no case of it along.
            mine |= (
                Domain("partner_id", "in", family.ids)
                & Domain("client_id", "=", partner.commercial_partner_id.id)
                & Domain("type_id", "not in", kinds.ids)
                & Domain("restricted", "=", False)
            )
        return mine & Domain("company_id", "in", user.sudo().company_ids.ids) & Domain("state", "!=", "to_file")

    @api.model
    def _find_for_client(self, user, case_id):
        """The case with that id, if the user sees it in HERA, as superuser; empty otherwise."""
        return self.sudo().search(self._get_client_domain(user) & Domain("id", "=", case_id))

    def _is_own_of(self, user):
        """Whether the user is who asks, and not a colleague who may read."""
        self.ensure_one()
        return self.with_user(SUPERUSER_ID)._get_contact().partner == user.sudo().partner_id

    # -- What a client may do ---------------------------------------------------------------------------------------

    def _get_client_steps(self):
        """Names of the steps that the client may take on the case now: ``write deliver withdraw rate``."""
        self.ensure_one()
        case = self.sudo()
        steps = set()
        if case.state != "to_file":
            steps.add("write")
        if case.state in OPEN and case.suspended:
            steps.add("deliver")
        if case.state in OPEN and not_delivering(case):
            steps.add("withdraw")
        if case._is_answered() and case.rating_state != "rated":
            steps.add("rate")
        return steps

    # -- What a client sees -----------------------------------------------------------------------------------------

    def _get_client_status(self):
        """A word for where the case stands, as far as it matters to who asked."""
        self.ensure_one()
        if self.state in OPEN:
            if self.suspended:
                return "delivered" if self.client_message_id else "waiting"
            return "received" if self.state == "received" else "in_progress"
        return self.outcome or "received"

    @api.model
    def _get_client_status_labels(self):
        return {
            "received": self.env._("Filed"),
            "in_progress": self.env._("In progress"),
            "waiting": self.env._("Waiting for you"),
            "delivered": self.env._("We check what you sent"),
            "answered": self.env._("Answered"),
            "transferred": self.env._("Transferred"),
            "withdrawn": self.env._("Withdrawn"),
            "tacitly_withdrawn": self.env._("Filed away"),
            "duplicate": self.env._("Goes on in another one"),
            "spam": self.env._("Cancelled"),
        }

    def _get_client_story(self, status, own=True):
        """What happened and what happens next, in one or two sentences.

        :param bool own: whether who asks reads it, and not a colleague, who may not read every case of theirs.
        """
        if status == "duplicate" and not own:
            return self.env._("It goes on under another filing number.")
        deadline = self._format_deadline()
        return {
            "received": self.env._(
                "We received your request and are reading it. We answer by %s at the latest.", deadline
            ),
            "in_progress": self.env._(
                "The people in charge are preparing the answer. We answer by %s at the latest.", deadline
            ),
            "waiting": self.env._("We need something from you to go on. Meanwhile the days to answer do not run."),
            "delivered": self.env._(
                "We received what you sent, and check whether it is complete. You need not do anything: if something "
                "is missing, we write to you. Meanwhile the days to answer do not run."
            ),
            "answered": self.env._("We answered your request. You find the answer below."),
            "transferred": self.env._("Somebody else is competent to answer: %s.", self.transfer_recipient or ""),
            "withdrawn": self.env._("You withdrew your request. You may file it again whenever you want."),
            "tacitly_withdrawn": self.env._(
                "We did not receive in time what we had asked for. You may file it again whenever you want."
            ),
            "duplicate": self.env._("It goes on under filing number %s.", self.duplicate_of_id.name or ""),
            "spam": self.env._("It was not handled as a request. If you do not agree, write to us."),
        }[status]

    @api.model
    def _get_client_rows(self, domain, order, offset=0, limit=None):
        """Rows of the list of cases of a client. Its queries do not grow with the number of cases.

        :param domain: within that of `_get_client_domain`.
        """
        cases = self.sudo().search(domain, order=order, offset=offset, limit=limit)
        labels = self._get_client_status_labels()
        rows = []
        for case in cases:
            status = case._get_client_status()
            rows.append(
                {
                    "id": case.id,
                    "number": case.name,
                    "subject": case.subject,
                    "type": case.type_id.name,
                    "status": status,
                    "status_label": labels[status],
                    "received": tools.format_date(self.env, case._get_received_on()),
                    "deadline": case._get_client_deadline(),
                    "answered": case._get_client_day(case.date_answered),
                    "to_rate": "rate" in case._get_client_steps() and case.rating_state in ("asked", "reminded"),
                }
            )
        return rows

    def _get_client_day(self, moment):
        """The local date of a moment, as it is written in lists."""
        return tools.format_date(self.env, self.company_id._sig_local_date(moment)) if moment else ""

    def _get_client_deadline(self):
        """By when it is answered, of a case whose days run."""
        if self.state not in OPEN or self.suspended or not self.date_deadline:
            return ""
        return tools.format_date(self.env, self.date_deadline)

    def _get_client_view(self, own=True):
        """All that the client of the case sees of it, as plain values. See the keys.

        :param bool own: whether who asks reads it, and not a colleague.
        Files are named by their id: `_get_client_file` gives their content.
        """
        self.ensure_one()
        case = self.with_user(SUPERUSER_ID)
        status = case._get_client_status()
        company = case.company_id
        return {
            "number": case.name,
            "type": case.type_id.name,
            "subject": case.subject,
            "description": case.description or "",
            "remedy": case.remedy or "",
            "site": case.site or "",
            "incident_date": tools.format_date(self.env, case.incident_date) if case.incident_date else "",
            "anonymous": case.anonymous,
            "reserved": case.identity_reserved,
            "company": company.name,
            "phone": company.phone or "",
            "email": company._sig_get_contact_email(),
            "status": status,
            "status_label": self._get_client_status_labels()[status],
            "story": case._get_client_story(status, own),
            "open": case.state in OPEN,
            "received": case._get_received_text(),
            "deadline": case._get_client_deadline(),
            "answered": case._get_client_day(case.date_answered),
            "steps": case._get_client_progress(status),
            "term_lines": case._get_term_lines(),
            "asked": case._get_client_requirement(),
            "annexes": case._describe_files(case._get_client_annexes()),
            "answer_files": case._describe_files(case._get_client_answer_files()),
            "messages": case._get_client_messages(),
            "can": case._get_client_steps(),
            "surveys": case._get_client_survey_answer(),
            "rating": case.rating_value if case.rating_state == "rated" else 0,
        }

    def _get_client_progress(self, status):
        """The steps from filing to the end: name, date and whether it is ``done``, ``current`` or ``ahead``."""
        assigned = min((act.date for act in self.act_ids if act.kind == "assigned"), default=False)
        ended = max(
            (act.date for act in self.act_ids if act.kind in ("transfer", "withdrawn", "cancelled")), default=False
        )
        waits = status in ("waiting", "delivered")
        started = self.state != "received" or bool(assigned) or waits
        over = self.state not in OPEN
        labels = self._get_client_status_labels()
        current = labels[status if waits else "in_progress"]
        end = labels[status] if over else self.env._("Answered")
        return [
            {
                "name": self.env._("Filed"),
                "date": self._get_client_day(self.date_received),
                "state": "done" if started else "current",
            },
            {
                "name": current if not over else self.env._("In progress"),
                "date": self._get_client_day(assigned),
                "state": "done" if over else "current" if started else "ahead",
            },
            {
                "name": end,
                "date": self._get_client_day(self.date_answered or ended) if over else "",
                "state": "done" if over else "ahead",
            },
        ]

    def _get_client_requirement(self):
        """What is asked of the client now: the text, by when, and what they sent that is not confirmed yet; empty when
        nothing is.
        """
        if self.state not in OPEN or not self.suspended:
            return {}
        requirement = self._get_requirement()
        # Under reserve the act keeps apart what names the petitioner; what they were told does not.
        told = self.communication_ids.filtered(
            lambda each: each.purpose == "requirement" and each.act_number == requirement.number
        )[:1]
        until = self._get_last_day_to_complete()
        return {
            "text": told.body or requirement.note or "",
            "until": tools.format_date(self.env, until, date_format="long") if until else "",
            "extensible": bool(self.sudo().type_id.completion_extension_months) and not self._is_completion_extended(),
            "sent": [
                {
                    "date": self.company_id._sig_format_moment(self._get_message_moment(message)),
                    "text": self._get_client_text(message),
                    "files": self._describe_files(message.attachment_ids),
                }
                for message in self._get_waiting_messages()
            ],
        }

    def _get_client_text(self, message):
        return tools.html2plaintext(message.body or "").strip()

    # -- Messages ---------------------------------------------------------------------------------------------------

    def _get_client_message_domain(self):
        """Messages between client and SIG, the only ones that a client ever sees: on the cases, and under reserve on
        their identities.
        """
        identities = self.sudo().identity_ids
        place = (Domain("model", "=", self._name) & Domain("res_id", "in", self.ids)) | (
            Domain("model", "=", identities._name) & Domain("res_id", "in", identities.ids)
        )
        conversation = [self._get_subtype_id(xmlid) for xmlid in (FROM_CLIENT, TO_CLIENT)]
        # No step writes a notification with these subtypes: before 19.0.1.5.0 any user could.
        return place & Domain("subtype_id", "in", conversation) & Domain("message_type", "!=", "user_notification")

    @api.model
    def _get_subtype_id(self, xmlid):
        return self.env["ir.model.data"]._xmlid_to_res_id(xmlid, raise_if_not_found=True)

    def _get_client_messages(self):
        """Messages and notices meant for the client, the oldest first."""
        from_client = self._get_subtype_id(FROM_CLIENT)
        found = []
        labels = self.env["sig.pqrs.communication"]._get_purpose_labels()
        for told in self.communication_ids.sorted("id"):
            answered = told.purpose == "requirement"  # before anybody told it: it was read here
            if told.purpose in SHOWN_PURPOSES and (told.state != "void" or answered):
                found.append(
                    (
                        told.date_recorded,
                        {
                            "mine": False,
                            "title": labels[told.purpose],
                            "text": told.body or "",
                            "files": self._describe_files(told._get_client_files()),
                        },
                    )
                )
        for message in self.env["mail.message"].search(self._get_client_message_domain(), order="date, id"):
            found.append(
                (
                    message.date,
                    {
                        "mine": message.subtype_id.id == from_client,
                        "title": "",
                        "text": self._get_client_text(message),
                        "files": self._describe_files(message.attachment_ids),
                    },
                )
            )
        found.sort(key=lambda item: item[0])
        company = self.company_id
        return [{**values, "date": company._sig_format_moment(moment, brief=True)} for moment, values in found]

    # -- Files ------------------------------------------------------------------------------------------------------

    def _get_client_annexes(self):
        """The annexes of the petition."""
        return (self.attachment_ids | self.identity_ids.attachment_ids).sorted("id")

    def _get_client_answer_files(self):
        """The letter and its annexes, once the answer is given."""
        if self.state != "closed" or self.outcome != "answered" or not self.letter_id:
            return self.env["ir.attachment"]
        return self.letter_id | self._get_letter_annexes()

    def _get_client_file(self, attachment_id):
        """A file of the case that its client may read, as superuser; empty for any other id."""
        self.ensure_one()
        case = self.with_user(SUPERUSER_ID)
        allowed = (
            case._get_client_annexes()
            | case._get_client_answer_files()
            | case._get_forwardings().proof_ids
            | self.env["mail.message"].sudo().search(case._get_client_message_domain()).attachment_ids
        )
        return allowed.filtered(lambda attachment: attachment.id == attachment_id).sudo()

    def _describe_files(self, attachments):
        return [
            {"id": attachment.id, "name": attachment.name, "size": attachment._sig_get_size_text()}
            for attachment in attachments
        ]
