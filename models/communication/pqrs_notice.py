from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .. import clock
from ..mixin import transitions

MEDIA = [
    ("email", "Email"),
    ("portal", "HERA app"),
    ("letter", "Letter"),
    ("hand", "By hand"),
    ("phone", "Phone"),
    ("publication", "Publication"),
]

#: states of what somebody must still tell, and of what was told
UNTOLD = ("pending", "failed")
TOLD = ("sent", "delivered")

#: purposes of what tells a new date of the answer
DATING = ("extension", "new_date")

#: purposes of what no longer holds once the case is taken up again
ENDINGS = ("transfer", "withdrawal", "cancellation")


class PqrsNotice(models.Model):
    """One thing that the petitioner of a case must be told, and the proof that it was.

    By email it leaves by itself and its mail is the proof. Otherwise it is "to notify" until the SIG records how, when
    and with which proof it was told. Acknowledgement, answer and rating have their own records on the case.
    """

    _name = "sig.pqrs.notice"
    _description = "Notice to the Petitioner"
    _inherit = ["sig.transition.mixin", "sig.files.mixin"]
    _order = "id desc"
    _rec_name = "purpose"
    _check_company_auto = True
    _transitions = transitions.NOTICE

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    purpose = fields.Selection(
        [
            ("requirement", "Requirement of information"),
            ("extension", "Extension"),
            ("new_date", "New date of the answer"),
            ("transfer", "Transfer to who is competent"),
            ("withdrawal", "Filing away"),
            ("cancellation", "Cancellation"),
            ("thanks", "Reply to a message"),
            ("message", "Message"),
        ],
        "What must be told",
        required=True,
        readonly=True,
    )
    text = fields.Text("Reason or text", readonly=True, groups="sig_pqrs.group_sig_director")
    act_number = fields.Integer(
        "Of act", aggregator=None, readonly=True, help="The number of the requirement that it tells of."
    )
    date_recorded = fields.Datetime("Since", required=True, readonly=True)
    date_due = fields.Date("Tell by", required=True, readonly=True)
    date_expiry = fields.Date(
        "Old term ends on",
        readonly=True,
        help="An extension told after this date does not protect (Ley 1755 de 2015, art. 14, par.).",
    )
    date_told = fields.Date("Date that it tells", readonly=True, help="By when the petitioner is answered, as it says.")
    state = fields.Selection(
        [
            ("queued", "Mail queued"),
            ("pending", "To notify"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Not delivered"),
            ("void", "No longer needed"),
        ],
        required=True,
        default="pending",
        readonly=True,
    )
    medium = fields.Selection(MEDIA, "Means", readonly=True)
    date = fields.Datetime("Told on", readonly=True)
    reference = fields.Char("Tracking number", readonly=True, groups="sig_pqrs.group_sig_director")
    received_by = fields.Char("Received by", readonly=True, groups="sig_pqrs.group_sig_director")
    proof_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_notice_proof_rel",
        readonly=True,
        groups="sig_pqrs.group_sig_director",
        bypass_search_access=True,
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null", groups="sig_pqrs.group_sig_director")
    failure = fields.Char("Why it was not delivered", readonly=True, groups="sig_pqrs.group_sig_director")
    told_late = fields.Boolean(readonly=True, help="Told when the term had ended.")
    overtaken = fields.Boolean(readonly=True, help="The end of the case came first. If it is undone, this waits again.")

    _untold_index = models.Index("(pqrs_id, date_due) WHERE state IN ('pending', 'failed')")
    _watch_index = models.Index("(company_id, date_due) WHERE state IN ('pending', 'failed', 'queued')")

    @api.depends("purpose", "pqrs_id.name")
    def _compute_display_name(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for notice in self:
            case = notice._get_nameable("pqrs_id")
            notice.display_name = f"{labels.get(notice.purpose, '')} · {case.name or ''}"

    def _get_transition_depends(self):
        return ["medium", "pqrs_id.email_from"]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Notices are made by the steps of the procedure."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Notices cannot be deleted: they prove what the petitioner was told."))

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_register_delivery(self, medium, date=False, proof=False, reference=False, received_by=False):
        """Record that the petitioner was told, and how.

        :param str medium: ``email portal letter hand phone publication``; publication is for anonymous cases.
        :param date: when; now by default. Not in the future, nor before the notice itself.
        :param proof: id or ids of attachments, or a text.
        :param str reference: tracking number, or where it was published.
        :param str received_by: who received it or answered the call.
        """
        proven = self._check_transition("register_delivery")
        if medium not in dict(MEDIA):
            raise UserError(self.env._("A notice goes by email, HERA, letter, by hand, by phone or by publication."))
        if medium == "publication" and not all(proven.pqrs_id.mapped("anonymous")):
            raise UserError(self.env._("Only what is told to anonymous petitioners is published."))
        delivery = self.env["sig.pqrs"]._read_delivery(proof, reference, received_by)
        too_early = self.env._("The petitioner cannot have been told before there was something to tell.")
        moments = {
            notice: notice.pqrs_id._get_delivery_moment(date, notice.date_recorded, too_early) for notice in proven
        }
        for notice, moment in moments.items():
            notice._tell(medium, moment, delivery.get_vals())
        self._record_told(medium, delivery)
        return True

    def action_register_return(self, reason, date=False):
        """Record that the post returned the letter of the notice: it must be told another way.

        :param date: when it came back; today by default.
        """
        proven = self._check_transition("register_return")
        reason = self._require_text(reason)
        too_early = self.env._("A letter cannot come back before it was delivered.")
        moments = {notice: notice.pqrs_id._get_delivery_moment(date, notice.date, too_early) for notice in proven}
        proven._fail(reason, moments)
        return True

    def action_send_again(self):
        """Queue the mail of notices once more, to the address that the case has now."""
        proven = self._check_transition("send_again")
        for (purpose, text), notices in proven.grouped(lambda notice: (notice.purpose, notice.text)).items():
            mails = notices.pqrs_id._queue_mails(purpose, text)
            for notice in notices:
                if mail := mails.get(notice.pqrs_id.id):
                    notice.write({"state": "queued", "medium": "email", "mail_id": mail.id, "failure": False})
        cases = proven.pqrs_id
        cases._trigger_mail_queue()
        cases._settle_notify_activities()
        return True

    def _get_private_record(self):
        """To whom files that may name the petitioner belong: the notice, or the identity under reserve."""
        case = self.pqrs_id
        record = case._get_private_record()
        return self if record == case else record

    def _get_file_owner(self, _name):
        return self._get_private_record()

    # -- What becomes of a notice -----------------------------------------------------------------------------------

    @api.model
    def _open(self, cases, purpose, text=False, mails=None, expiries=None):
        """Record that the petitioners of cases must be told something.

        :param dict mails: ``{case id: mail.mail}`` of those whose mail is queued; the others are "to notify".
        :param dict expiries: ``{case: date}`` at which the term ends if an extension is not told.
        """
        if not cases:
            return self.browse()
        if purpose == "new_date":
            cases._void_notices([("purpose", "=", purpose)])
        mails = mails or {}
        now = clock.now()
        due = {}
        for company in cases.company_id:
            due[company] = company._sig_calendar().roll(company._sig_today())
        vals_list = []
        for case in cases:
            expiry = (expiries or {}).get(case) or False
            mail = mails.get(case.id)
            vals_list.append(
                {
                    "pqrs_id": case.id,
                    "company_id": case.company_id.id,
                    "purpose": purpose,
                    "text": text,
                    "act_number": case.act_number if purpose == "requirement" else 0,
                    "date_recorded": now,
                    "date_due": expiry or due[case.company_id],
                    "date_expiry": expiry,
                    "date_told": case.date_deadline if purpose in DATING else False,
                    "state": "queued" if mail else "pending",
                    "medium": "email" if mail else case._get_default_medium(),
                    "mail_id": mail.id if mail else False,
                }
            )
        notices = self.sudo().with_context(tools.clean_context(self.env.context)).create(vals_list)
        notices.filtered(lambda notice: notice.state == "pending").pqrs_id._ask_to_notify()
        return notices

    def _get_extension_state(self):
        """Whether the extension of which this is the notice protects: ``told``, ``untold`` or ``unprotected``."""
        if self.state in TOLD:
            return "unprotected" if self.told_late else "told"
        return "untold" if self.company_id._sig_today() <= self.date_expiry else "unprotected"

    def _tell(self, medium, moment, vals=None):
        """Write that the petitioner was told."""
        late = self.date_expiry and self.company_id._sig_local_date(moment) > self.date_expiry
        self.write(
            {
                "state": "delivered" if vals else "sent",
                "medium": medium,
                "date": moment,
                "failure": False,
                "told_late": bool(late),
                **(vals or {}),
            }
        )

    def _record_told(self, medium, delivery=None):
        """An act on each case, one at a time for the notices of one case; whoever was asked to tell need not."""
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        media = dict(self._fields["medium"]._description_selection(self.env))
        self_sudo = self.sudo()
        for batch in self_sudo._one_per_case():
            for purpose, notices in batch.grouped("purpose").items():
                cases = notices.pqrs_id.with_env(self.env)
                cases._record(
                    "notified",
                    cases._log_on_identity(delivery.text if delivery else "", ""),
                    body=self.env._(
                        "Told to the petitioner: %(what)s (%(medium)s).", what=labels[purpose], medium=media[medium]
                    ),
                    date={notice.pqrs_id: notice.date for notice in notices},
                    data={
                        notice.pqrs_id: {
                            **notice._get_act_data(),
                            "medium": medium,
                            **(delivery.get_data(notice.pqrs_id) if delivery else {}),
                        }
                        for notice in notices
                    },
                )
        self._follow_told()
        self_sudo.pqrs_id._settle_notify_activities()

    def _get_act_data(self):
        """What a program reads of the notice in the act that tells what became of it."""
        of_act = {"act": self.act_number} if self.act_number else {}
        return {"notice": self.purpose, **of_act}

    def _follow_told(self):
        """The months to complete run from the day on which the petitioner was told of the requirement."""
        required = self.sudo().filtered(lambda notice: notice.purpose == "requirement")
        required.pqrs_id.filtered(lambda case: case.state in transitions.OPEN)._refresh_terms()

    def _leave(self, moment):
        """The mails of the notices have left."""
        for notice in self:
            notice._tell("email", moment)
        self._record_told("email")

    def _fail(self, reason, moments=None):
        """The notices did not arrive: an act, and back to the SIG.

        :param dict moments: ``{notice: datetime}`` when the post brought each back; none of what was mailed.
        """
        self.write({"state": "failed", "date": False, "failure": reason, "told_late": False})
        cases = self.pqrs_id
        instead = self.env._("Returned by the post") if moments else self.env._("The mail was returned.")
        cases._record(
            "delivery_failed",
            cases._log_on_identity(reason, instead),
            date={notice.pqrs_id: moment for notice, moment in (moments or {}).items()},
            data={notice.pqrs_id: notice._get_act_data() for notice in self},
        )
        self._follow_told()
        cases._ask_to_notify()

    def _void(self, overtaken=False):
        """Nobody needs to be told any more; a mail that has not left does not leave.

        :param bool overtaken: by the end of the case.
        """
        self.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).cancel()
        self.write({"state": "void", "overtaken": overtaken})
        self.pqrs_id._settle_notify_activities()

    def _wait_again(self):
        """The end of the case that overtook the notices was undone: what was owed is owed again."""
        owed = self.filtered(lambda notice: notice._is_owed())
        if not owed:
            return
        for state, notices in owed.grouped(lambda notice: "failed" if notice.failure else "pending").items():
            notices.write({"state": state, "overtaken": False})
        owed.pqrs_id._ask_to_notify()

    def _is_owed(self):
        """Whether there is still something to tell: of a requirement, while it is the one that stops the term."""
        case = self.pqrs_id
        return self.purpose != "requirement" or (case.suspended and case._get_requirement().number == self.act_number)

    def _follow_mails(self):
        """Catch up with what became of the mails."""
        sent = self.filtered(lambda notice: notice.mail_id.state == "sent")
        for notice in sent:
            notice._leave(min(notice.mail_id.write_date, clock.now()))
        failed = (self - sent).filtered(lambda notice: notice.mail_id.state != "outgoing")
        gone = self.env._("The mail was not sent.")  # or the mail was deleted
        for reason, notices in failed.grouped(
            lambda notice: notice.mail_id._sig_get_failure() if notice.mail_id else gone
        ).items():
            for batch in notices._one_per_case():
                batch._fail(reason)
