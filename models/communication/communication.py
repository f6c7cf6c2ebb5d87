from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock
from ..mixin import transitions
from .delivery_proof import DeliveryProof

MEDIA = [
    ("email", "Email"),
    ("portal", "HERA app"),
    ("letter", "Letter"),
    ("hand", "By hand"),
    ("phone", "Phone"),
    ("publication", "Publication"),
]

#: media by which a person delivers something, and proves it
BY_HAND = ("letter", "hand", "phone")

WHATSAPP = ("whatsapp", "WhatsApp")

#: purposes of what a person may send from their own WhatsApp: neither the answer nor what moves a term
BY_WHATSAPP = ("message", "thanks")

#: states of what was not told, and of what was
UNTOLD = ("draft", "failed", "returned")
TOLD = ("sent", "delivered")

#: purposes of what the petitioner writes once the case ended
AFTER_END = ("late", "disagreement")

#: purposes of what is written from person to person
WRITTEN = ("message", "information", *AFTER_END)

#: what the petitioner wrote and was told: what others wrote about the case is theirs
OF_PETITIONER = Domain("author", "in", (False, "petitioner"))

#: what came and waits for the SIG
RECEIVED = Domain("direction", "=", "in") & Domain("state", "=", "received")

#: communications that somebody must deliver by another way than mail
OWED = Domain("state", "in", UNTOLD) & Domain("date_due", "!=", False)

#: purposes that tell a date of the answer
DATING = ("acknowledgement", "extension", "new_date", "reopening")

#: purposes that no longer hold once the case is taken up again
ENDINGS = ("transfer", "forwarding", "withdrawal", "cancellation")

#: purposes that the end of the case overtakes
OF_OPEN_CASES = ("acknowledgement", "requirement", "extension", "new_date", "reopening")

#: what an end overtakes
OVERTAKEN = Domain("state", "in", UNTOLD) & Domain("purpose", "!=", "forwarding")

#: purposes that follow an answer, and fall with it; their sending is no act of its own
OF_ANSWERS = ("published", "rating")

#: purposes that are only mailed: without an address they are not owed
MAILED_ONLY = ("acknowledgement", *OF_ANSWERS)


class PqrsCommunication(models.Model):
    """One attempt to tell the petitioner something about a case, and its proof; or something that came about the case.

    What comes waits until the SIG attends to it (`incoming.py`). Of what goes, an email leaves by itself, and its mail
    is the proof; anything else is a draft, "to notify", until the SIG records how, when and with which proof it was
    delivered. The answer and the forwarding of a transfer are communications too: once they are delivered, the step of
    the case that waited for them is taken.
    """

    _name = "sig.pqrs.communication"
    _description = "Communication with the Petitioner"
    _inherit = ["sig.transition.mixin", "sig.files.mixin"]
    _order = "id desc"
    _rec_name = "purpose"
    _sig_is_proof = True
    _transitions = transitions.COMMUNICATION
    _dialog_field = "communication_id"

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    direction = fields.Selection(
        [("out", "From us"), ("in", "To us")], "To or from us", required=True, default="out", readonly=True
    )
    purpose = fields.Selection(
        [
            ("acknowledgement", "Acknowledgement of receipt"),
            ("requirement", "Requirement of information"),
            ("extension", "Extension"),
            ("new_date", "New date of the answer"),
            ("response", "Answer"),
            ("published", "Publication of the answer"),
            ("transfer", "Transfer to who is competent"),
            ("forwarding", "Forwarding to who is competent"),
            ("withdrawal", "Filing away"),
            ("cancellation", "Cancellation"),
            ("reopening", "Reopening"),
            ("rating", "Request for a rating"),
            ("thanks", "Reply to a message"),
            ("message", "Message"),
            ("information", "Information that was required"),
            ("late", "Message after the closing"),
            ("disagreement", "Disagreement with the answer"),
        ],
        "What it tells",
        required=True,
        readonly=True,
    )
    subject = fields.Char(readonly=True)
    body = fields.Text("Text", readonly=True)
    author = fields.Selection(
        [
            ("petitioner", "The petitioner"),
            ("stranger", "Somebody else"),
            ("disowned", "Disowned by the mail domain"),
            ("anonymous", "Not proved: the case is anonymous"),
            ("automatic", "A program"),
        ],
        "Who wrote",
        readonly=True,
    )
    email_from = fields.Char("Sender", readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_communication_attachment_rel",
        string="Files",
        readonly=True,
        bypass_search_access=True,
    )
    answer_id = fields.Many2one(
        "sig.pqrs.answer",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        help="The answer that it delivers; or, once its petitioner disputed it, that whose term it told of.",
    )
    message_id = fields.Many2one(
        "mail.message", "Message of before", readonly=True, index="btree_not_null", groups=fields.NO_ACCESS
    )
    act_number = fields.Integer("Of act", aggregator=None, readonly=True)
    date_recorded = fields.Datetime("Recorded on", required=True, readonly=True)
    date_due = fields.Date("Tell by", readonly=True, help="Empty when nobody needs to try again.")
    date_expiry = fields.Date(
        "Old term ends on",
        readonly=True,
        help="An extension told after this date does not protect (Ley 1755 de 2015, art. 14, par.).",
    )
    date_told = fields.Date("Date that it tells", readonly=True)
    state = fields.Selection(
        [
            ("draft", "To notify"),
            ("queued", "On its way"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Not delivered"),
            ("returned", "Returned by the post"),
            ("void", "No longer needed"),
            ("received", "To attend to"),
            ("attended", "Attended to"),
        ],
        default="draft",
    )
    medium = fields.Selection([*MEDIA, WHATSAPP, ("web", "Website")], "Means", readonly=True)
    date = fields.Datetime("Told or received on", readonly=True)
    reference = fields.Char("Tracking number", readonly=True, groups="sig_pqrs.group_sig_director")
    received_by = fields.Char("Received by", readonly=True, groups="sig_pqrs.group_sig_director")
    proof_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_communication_proof_rel",
        readonly=True,
        groups="sig_pqrs.group_sig_director",
        bypass_search_access=True,
    )
    proof_file_ids = fields.Many2many("ir.attachment", string="Proof of delivery", compute="_compute_proof_file_ids")
    letter_id = fields.Many2one("ir.attachment", "The letter", readonly=True, index="btree_not_null")
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null", groups="sig_pqrs.group_sig_director")
    mail_body = fields.Html(
        "The mail",
        related="mail_id.mail_message_id.body",
        sanitize=False,
        groups="sig_pqrs.group_sig_director",
        help="As it left, without the links that open the case to its petitioner.",
    )
    failure = fields.Char("Why it was not delivered", readonly=True, groups="sig_pqrs.group_sig_director")
    told_late = fields.Boolean(readonly=True)
    overtaken = fields.Boolean(readonly=True, help="The end of the case came first. If it is undone, this waits again.")

    _untold_index = models.Index("(pqrs_id, date_due) WHERE state IN ('draft', 'failed', 'returned')")
    _received_index = models.Index("(pqrs_id) WHERE state = 'received'")
    _watch_index = models.Index("(company_id, date_due) WHERE state IN ('draft', 'failed', 'returned', 'queued')")

    @api.depends("purpose", "pqrs_id.name")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_display_name(self):
        labels = self._get_choices("purpose")
        for communication in self:
            case = communication._get_nameable("pqrs_id")
            communication.display_name = f"{labels.get(communication.purpose, '')} · {case._get_number()}"

    @api.depends("proof_ids")
    @api.depends_context("uid")
    def _compute_proof_file_ids(self):
        """The proof that the user may read: under reserve it is with the identity."""
        for communication, communication_sudo in zip(self, self.sudo(), strict=True):
            proof = communication_sudo.proof_ids.with_env(self.env)
            communication.proof_file_ids = proof._filtered_access("read")

    def _get_transition_depends(self):
        of_case = ("email_from", "state", "suspended", "delivery_id", "anonymized_on")
        return ["medium", "date_due", *(f"pqrs_id.{name}" for name in of_case)]

    def _sig_get_bound_values(self):
        """What an act binds of the text (see `sig.case.binding`), and a pack holds: JSON-serializable."""
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self._get_shown_moment()),
            "from": self.email_from or "",
            "by_petitioner": self.author == "petitioner",
            "subject": (self.subject or "") if self.direction == "in" else "",
            "body": str(self.body or ""),
        }

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_register_delivery(self, medium, date=False, proof=False, reference=False, received_by=False):
        """Record that the petitioner was told, and how.

        :param str medium: ``email portal letter hand phone publication whatsapp``; publication is for anonymous cases,
            an answer is recorded here by ``letter hand phone`` alone, a forwarding by those or ``email``, and by
            ``whatsapp`` messages alone.
        :param date: when; now by default. Not in the future, nor before there was something to tell.
        :param proof: id or ids of attachments, or a text.
        :param str reference: tracking number, or where it was published.
        :param str received_by: who received it or answered the call.
        """
        proven = self._check_transition("register_delivery")
        delivery = DeliveryProof.gather(self.env, proof, reference=reference, received_by=received_by)
        proven._check_medium(medium)
        if medium == "whatsapp" and not delivery.attachments:
            raise UserError(self.env._("Attach a screenshot of the message, or the exported chat."))
        proven._register_delivery(medium, date, delivery)
        return True

    def action_register_return(self, reason, date=False):
        """Record that a letter came back on a day, today by default, or a mail did: it must be told another way."""
        proven = self._check_transition("register_return")
        reason = self._require_text(reason)
        too_early = self.env._("A letter cannot come back before it was delivered.")
        mailed = proven.filtered(lambda each: each.medium == "email")
        moments = {
            letter: self._get_delivery_moment(letter.pqrs_id, date, letter.date or letter._get_earliest()[0], too_early)
            for letter in proven - mailed
        }
        mailed._fail(reason)
        (proven - mailed)._fail(reason, moments)
        return True

    def action_send_again(self):
        """Queue the mails once more, to the address that each case has now."""
        self._check_transition("send_again")._mail_again()
        return True

    def _mail_again(self):
        self._cancel_mails()
        for communication in self:
            communication._queue_mail()
        self.env["ir.cron"]._sig_trigger_mails()
        self.pqrs_id._ask_to_notify()

    def action_download_letter(self):
        if not self.letter_id:
            raise UserError(self.env._("The letter could not be printed; it will be tried again."))
        self.check_access("read")
        self.letter_id.check_access("read")
        url = f"/web/content/{self.letter_id.id}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _check_medium(self, medium):
        if medium not in dict([*MEDIA, WHATSAPP]):
            raise UserError(self.env._("A notice goes by email, HERA, letter, by hand, by phone or by publication."))
        if medium == "publication" and not all(self.pqrs_id.mapped("anonymous")):
            raise UserError(self.env._("Only what is told to anonymous petitioners is published."))
        purposes = set(self.mapped("purpose"))
        if medium == "whatsapp" and not purposes.issubset(BY_WHATSAPP):
            text = self.env._("By WhatsApp go messages alone: the answer, and what moves a term, are told another way.")
            raise UserError(text)
        if medium not in BY_HAND and "response" in purposes:
            raise UserError(self.env._("Record here what was delivered by letter, by hand or by phone."))
        if "forwarding" in purposes and len(purposes) > 1:
            raise UserError(
                self.env._("A forwarding goes to who is competent: record it apart from what the petitioner was told.")
            )
        if "forwarding" in purposes and medium not in (*BY_HAND, "email"):
            raise UserError(self.env._("A case is forwarded by email, letter, by hand or by phone."))

    def _get_private_record(self):
        """The owner of files that may name the petitioner: the communication, or the identity under reserve."""
        case = self.pqrs_id
        record = case._get_private_record()
        return self if record == case else record

    def _get_file_owner(self, _name):
        return self._get_private_record()

    # -- Opening and closing one ------------------------------------------------------------------------------------

    @api.model
    def _open(self, cases, purpose, text=False, mails=None, medium=False):
        """Record that the petitioners of cases must be told something.

        :param dict mails: ``{case id: mail.mail}`` of those whose mail is queued.
        :param str medium: how it goes; as the petitioner can be told by default.
        :return: the communications, in the order of the cases: queued when they leave by themselves, else drafts.
        """
        if not cases:
            return self.browse()
        if purpose in ("new_date", "reopening"):
            cases._void_communications([("purpose", "=", "new_date")])
            cases.date_notice_pending = False
        today = {company: company._sig_calendar().roll(company._sig_today()) for company in cases.company_id}
        now, vals_list = clock.now(), []
        for case in cases:
            mail = (mails or {}).get(case.id)
            due = (purpose == "response" and case.date_deadline) or today[case.company_id]
            by = "email" if mail else medium or case._get_default_medium()
            leaves_alone = mail or (medium and medium not in (*BY_HAND, "whatsapp"))
            vals_list.append(
                {
                    "pqrs_id": case.id,
                    "company_id": case.company_id.id,
                    "purpose": purpose,
                    "body": text,
                    "act_number": case.act_number if purpose == "requirement" else 0,
                    "date_recorded": now,
                    "date_due": purpose != "rating" and due,
                    "date_told": case.date_deadline if purpose in DATING else False,
                    "state": "queued" if leaves_alone else "draft",
                    "medium": by,
                    **({"mail_id": mail.id, "subject": mail.subject} if mail else {}),
                }
            )
        return self.sudo().with_context(tools.clean_context(self.env.context)).create(vals_list)

    def _set_mail(self, mail):
        sent = {"mail_id": mail.id, "subject": mail.subject}
        self.write({"state": "queued", "medium": "email", "failure": False, **sent})

    def _queue_mail(self):
        case = self.pqrs_id
        mails = self.env["sig.client.notice"]._queue(case, self.purpose, self.body, self.attachment_ids)
        if case.id in mails:
            self._set_mail(mails[case.id])

    def _void(self, overtaken=False):
        """Nobody needs to be told any more, perhaps because the case ended; a mail that has not left does not leave."""
        self._cancel_mails()
        self.write({"state": "void", "overtaken": overtaken})
        self.pqrs_id._ask_to_notify()

    def _supersede(self):
        """Another attempt or round takes their place: what was sent stays, a failed mail does not leave beside it."""
        self._cancel_mails()
        self.filtered(lambda each: each.state in ("draft", "queued"))._void()
        self.date_due = False

    def _cancel_mails(self):
        self.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).cancel()

    def _filter_holding(self):
        """Without requirements but the one that stops the term, and extensions that the term does not have."""
        stopping = {case: case.suspended and case._get_requirement().number for case in self.pqrs_id}
        extended = self.pqrs_id.filtered(lambda case: case._has_term_step("extended"))
        held = self.filtered(lambda each: each.purpose != "requirement" or stopping[each.pqrs_id] == each.act_number)
        return held.filtered(lambda each: each.purpose != "extension" or each.pqrs_id in extended)

    def _wait_again(self):
        """The end of the case was undone: what it overtook, and still holds, is owed again, but of earlier answers."""
        owed = self.filtered(lambda each: each.overtaken and not each.answer_id)._filter_holding()
        for (failed, medium), alike in owed.grouped(lambda each: (bool(each.failure), each.medium)).items():
            lost = "returned" if medium == "letter" else "failed"
            alike.write({"overtaken": False, "state": lost if failed else "draft"})
        owed.pqrs_id._ask_to_notify()

    # -- Told -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_delivery_moment(self, case, date, ready, too_early):
        """When something was delivered: at the hour that the user says; a day alone is its noon, today is now. Not
        before it was ready: ``too_early`` refuses that.
        """
        company, now = case.company_id, clock.now()
        moment = company._sig_moment(date) or now
        local, today = company._sig_local_date(moment), company._sig_today()
        if local > today:
            raise UserError(self.env._("The delivery cannot be in the future."))
        if local < company._sig_local_date(ready):
            raise UserError(too_early)
        if local == today and company._sig_is_day(date):
            return now
        return min(max(moment, ready), now)

    def _get_earliest(self):
        """:return: the moment before which it cannot have been told, and the refusal of an earlier one."""
        case, name = self.pqrs_id, self.display_name
        if self.purpose == "response":
            began = [act.date for act in case.act_ids if act.kind == "reopened"]
            approved = filter(None, case._get_approved_sections().mapped("date_approved"))
            too_early = self.env._("%s: it cannot have been delivered before it was approved.", name)
            return max([case.date_received, *began, *approved]), too_early
        if self.purpose == "forwarding":
            return case.date_received, self.env._("%s: a case is not forwarded before it was received.", name)
        return self.date_recorded, self.env._("%s: nobody was told of it before there was something to tell.", name)

    def _register_delivery(self, medium, date, delivery):
        moments = {each: each._get_delivery_moment(each.pqrs_id, date, *each._get_earliest()) for each in self}
        answers = self.filtered(lambda each: each.purpose == "response")
        answers.pqrs_id.filtered("due_by_authority")._check_hour(date)
        self._record_told(moments, medium, delivery)

    def _record_sent(self, moment=None):
        """Their mails have left, now by default."""
        self._record_told(dict.fromkeys(self, moment or clock.now()), "email")

    def _record_told(self, moments, medium, delivery=None):
        """Record that the petitioner was told, and take the step that waited for it.

        :param dict moments: ``{communication: datetime}``.
        :param delivery: `DeliveryProof` of what a person delivered; None of what left by itself.
        """
        vals = {"medium": medium, "failure": False, "overtaken": False}
        vals |= {"state": "delivered", **delivery.get_vals()} if delivery else {"state": "sent"}
        # Together: each write looks for the cases whose answer they are.
        for (moment, late), alike in self.grouped(lambda each: (moments[each], each._is_late(moments[each]))).items():
            alike.write({**vals, "date": moment, "told_late": late})
        for batch in self.sorted("id")._one_per_case():
            for purpose, alike in batch.grouped("purpose").items():
                alike._on_told(purpose, delivery)
        self._follow_told()
        self.pqrs_id._ask_to_notify()

    def _is_late(self, moment):
        """Whether the petitioner would learn of an extension after the term that it extends."""
        return bool(self.date_expiry and self.company_id._sig_local_date(moment) > self.date_expiry)

    def _on_told(self, purpose, delivery):
        cases = self.pqrs_id
        if purpose == "response":
            # The mail of an earlier attempt, which somebody sends after all, is told and ends nothing.
            standing = self.filtered(lambda each: each.pqrs_id.delivery_id == each and each.pqrs_id.state == "approved")
            if standing:
                # Read together, though the cache of where they come from is emptied on the way.
                answered = standing.pqrs_id.with_prefetch()
                answered._finish_answer(dict(zip(answered, standing.mapped("date"), strict=True)), delivery)
            if earlier := self - standing:
                earlier._append_told_acts(purpose, delivery)
        elif purpose == "forwarding":
            cases._finish_forwarding({each.pqrs_id: each.date for each in self}, delivery)
        elif purpose in OF_ANSWERS and not delivery:
            cases._message_log_batch(dict.fromkeys(cases.ids, self.env._("The notice to the client has left.")))
        else:
            self._append_told_acts(purpose, delivery)
        if purpose == "acknowledgement" and not delivery:
            cases._tell_privacy_notice({each.pqrs_id: each.date for each in self})

    def _append_told_acts(self, purpose, delivery):
        cases, medium = self.pqrs_id, self[:1].medium
        received = purpose == "acknowledgement"
        texts = {each.pqrs_id: each._get_told_texts(delivery) for each in self}
        bound = self.env["sig.case.binding"]._bind_each(texts)
        what = {"what": self._get_choices("purpose")[purpose], "medium": self._get_choices("medium")[medium]}
        body = self.env._("Told to the petitioner: %(what)s (%(medium)s).", **what)
        data = {}
        for each in self:
            case = each.pqrs_id
            proof = delivery.get_data(case, each.proof_ids) if delivery else {}
            data[case] = {**each._get_act_data(), "medium": medium, **proof, **bound[case]}
        cases._record(
            "acknowledged" if received else "notified",
            cases._log_on_identity(delivery.text if delivery else "", ""),
            body=None if received else body,
            date={each.pqrs_id: each.date for each in self},
            data=data,
        )

    def _get_told_texts(self, delivery):
        """What was told, for `sig.case.binding`: the mail that left, or the text that a person delivered."""
        if self.mail_id and not delivery:
            return {"messages": self.mail_id.mail_message_id}
        return {"communications": self} if self.body else {}

    def _get_act_data(self):
        return {"notice": self.purpose, **({"act": self.act_number} if self.act_number else {})}

    def _get_extension_state(self):
        """Whether the extension that it tells protects: ``told``, ``untold`` or ``unprotected``."""
        if self.state in TOLD:
            return "unprotected" if self.told_late else "told"
        return "untold" if self.company_id._sig_today() <= self.date_expiry else "unprotected"

    def _follow_told(self):
        """The months to complete run from the day on which the petitioner was told of the requirement."""
        required = self.filtered(lambda each: each.purpose == "requirement")
        required.pqrs_id.filtered(lambda case: case.state in transitions.OPEN)._refresh_terms()

    def _get_shown_moment(self):
        """When it came, or when there was something to tell."""
        return self.date if self.direction == "in" else self.date_recorded

    def _get_client_files(self):
        """Files beside it; with a transfer, the copy of the letter that had forwarded the case then."""
        if self.purpose != "transfer":
            return self.attachment_ids
        return self.pqrs_id._get_forwardings().filtered(lambda each: each.id < self.id)[:1]._get_forwarding_files()

    def _get_forwarding_files(self):
        """The letters with which cases were forwarded: as they were made here, or else as the SIG attached them."""
        return self.env["ir.attachment"].union(*(each.letter_id or each.proof_ids for each in self))

    # -- Not delivered ----------------------------------------------------------------------------------------------

    def _fail(self, reason, moments=None):
        """They did not arrive: an act, and back to the SIG. ``moments`` are those of letters that came back."""
        for batch in self._one_per_case():
            batch._fail_one_each(reason[:250], moments)

    def _fail_one_each(self, reason, moments):
        returned = moments is not None
        facts = {each.pqrs_id: each._get_failure_data() for each in self}
        answered = self.filtered(lambda each: each._gave_answer()).answer_id
        state = "returned" if returned else "failed"
        self.write({"state": state, "date": False, "failure": reason, "told_late": False})
        cases = self.pqrs_id
        instead = self.env._("Returned by the post") if returned else self.env._("The mail was returned.")
        cases._record(
            "delivery_failed",
            cases._log_on_identity(reason, instead),
            date={each.pqrs_id: moment for each, moment in moments.items() if each in self} if returned else {},
            data={case: {**data, **({"medium": "letter"} if returned else {})} for case, data in facts.items()},
        )
        # Who was answered need not be told of the receipt or of a date any more; nor anybody of what holds no more.
        late = self.filtered(lambda each: each.pqrs_id.state in transitions.ENDED or each.answer_id.disputed)
        late = late.filtered(lambda each: each.purpose in OF_OPEN_CASES) | (self - self._filter_holding())
        late.write({"state": "void", "overtaken": True})
        answers = self.filtered(lambda each: each.purpose == "response")
        current = answers.filtered(lambda each: each.pqrs_id.delivery_id == each)
        answered._take_back()
        current.pqrs_id._take_back_answer()
        (answers - current).pqrs_id.filtered(lambda case: case.state in transitions.RUNNING)._refresh_terms()
        self._follow_told()
        cases._follow_expiry()  # that of an extension may have moved while it seemed told
        cases._ask_to_notify()

    def _gave_answer(self):
        """Whether the answer was given by this attempt: a mail that is sent beside the one that counts gives none."""
        return self.purpose == "response" and bool(self.date) and self.date == self.answer_id.date_answered

    def _get_failure_data(self):
        """What an act says of the failure: of the answer of a round before, when this attempt gave it."""
        if self._gave_answer() and self.answer_id.state == "reopened":
            return {"notice": "earlier_response", "answered": str(self.date)}
        return self._get_act_data()

    def _follow_mails(self):
        sent = self.filtered(lambda each: each.mail_id.state == "sent")
        for communication in sent:
            communication._record_sent(min(communication.mail_id.write_date, clock.now()))
        failed = (self - sent).filtered(lambda each: each.mail_id.state != "outgoing")
        gone = self.env._("The mail was not sent.")  # or the mail was deleted
        reasons = failed.grouped(lambda each: each.mail_id._sig_get_failure() if each.mail_id else gone)
        for reason, communications in reasons.items():
            communications._fail(reason)

    @api.model
    def _watch(self, company):
        of_company = Domain("company_id", "=", company.id)
        on_their_way = Domain("state", "=", "queued") & Domain("date_recorded", "<", clock.now())
        queued = self.search(of_company & on_their_way & Domain("purpose", "!=", "response"))
        self._in_isolation(queued, methodcaller("_follow_mails"))
        due = self.search(of_company & OWED & Domain("date_due", "<=", company._sig_today()))
        self._in_isolation(due.pqrs_id, methodcaller("_ask_to_notify"))
