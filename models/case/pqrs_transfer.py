from odoo import api, fields, models, tools

from ..communication.communication import UNTOLD


class PqrsTransfer(models.Model):
    """A petition that somebody else is competent to answer (Ley 1755 de 2015, art. 21).

    It is forwarded within the business days that its type gives, counted from its receipt, and the petitioner gets a
    copy of the letter that forwards it. Without proof of the forwarding the case ends too, and waits for it in the day
    of the SIG.
    """

    _inherit = "sig.pqrs"

    transfer_recipient = fields.Char(readonly=True)
    transferred_on = fields.Datetime("Forwarded on", readonly=True)
    transfer_file_ids = fields.Many2many(
        "ir.attachment", string="Letter of transfer", compute="_compute_transfer_file_ids"
    )

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "communication_ids.state"]

    def _get_transition_refusal(self, name):
        if name == "register_forwarding" and self.outcome == "transferred":
            return self.env._("%s: its transfer is proved already.", self.name)
        return super()._get_transition_refusal(name)

    @api.depends("communication_ids.purpose", "communication_ids.proof_ids")
    @api.depends_context("uid")
    def _compute_transfer_file_ids(self):
        """The copies of what was forwarded that the user may read: under reserve they are with the identity."""
        for case in self:
            proof = case.sudo()._get_forwardings()[:1].proof_ids.with_env(self.env)
            case.transfer_file_ids = proof._filtered_access("read")

    def _get_forwardings(self):
        """What was sent to who is competent, the last one first."""
        return self.communication_ids.filtered(lambda each: each.purpose == "forwarding").sorted("id", reverse=True)

    def action_transfer(self, recipient, reason, date=False, proof=False, reference=False, received_by=False):
        """Pass the case on to who is competent, and tell the petitioner, with a copy of what was sent.

        :param str recipient: to whom.
        :param date: when it was forwarded; now by default.
        :param proof: id or ids of attachments, or a text; of the attachments the petitioner gets a copy.
        :param str reference: tracking or filing number.
        :param str received_by: who received it.
        """
        proven = self._check_transition("transfer")
        recipient = self._require_text(recipient, self.env._("Write to whom it is transferred."))
        reason = self._require_text(reason)
        delivery = self._read_forwarding(proof, reference, received_by)
        moments = self._get_forwarding_moments(date)
        found = {case: case._get_forwarding_data(moment) for case, moment in moments.items()}
        text = self.env._("To %(recipient)s: %(reason)s", recipient=recipient, reason=reason)
        proven.write({"transfer_recipient": recipient})
        for case, moment in moments.items():
            case.transferred_on = moment
        self._settle(
            "closed",
            "transferred",
            "transfer",
            {case: text if data["in_time"] else f"{text} {self._get_late_text(data)}" for case, data in found.items()},
            date=moments,
            data={case: {**data, **(delivery.get_data(case) if delivery else {})} for case, data in found.items()},
        )
        forwardings = self.env["sig.pqrs.communication"]._open(proven, "forwarding", medium="letter")
        forwardings._keep_forwarding(delivery, moments)
        self._notify_client("transfer", reason)
        return True

    def action_register_forwarding(self, proof=False, reference=False, received_by=False, date=False):
        """Record the proof of a transfer that had none; the petitioner gets a copy of its letter.

        Arguments are those of `action_transfer`.
        """
        proven = self._check_transition("register_forwarding")
        delivery = self._read_delivery(proof, reference, received_by)
        owed = proven._get_forwardings().filtered(lambda each: each.state in UNTOLD)
        for medium, forwardings in owed.grouped("medium").items():
            forwardings._register_delivery(medium, date, delivery)
        return True

    def _finish_forwarding(self, moments, delivery):
        """The forwarding is proved: an act, and the petitioner gets a copy of its letter.

        :param dict moments: ``{case: datetime}``.
        :param delivery: `DeliveryProof`.
        """
        for case, moment in moments.items():
            case.transferred_on = moment
        self._record(
            "forwarded",
            self._log_on_identity(delivery.text, ""),
            date=moments,
            data={
                case: {**case._get_forwarding_data(moment), **delivery.get_data(case)}
                for case, moment in moments.items()
            },
        )
        if delivery.attachments:
            self._send_transfer_copies()

    def _read_forwarding(self, proof, reference, received_by):
        """The proof as `DeliveryProof`; None when there is none yet."""
        if not (proof or reference or received_by):
            return None
        return self._read_delivery(proof, reference, received_by)

    def _get_forwarding_moments(self, date):
        too_early = self.env._("A case cannot have been forwarded before it was received.")
        return {case: case._get_delivery_moment(date, case.date_received, too_early) for case in self.sudo()}

    def _get_last_day_to_transfer(self):
        """Until when the law lets the case be passed on; False when it sets no day. No requirement moves it."""
        company, days = self.company_id, self.type_id.transfer_days
        if not days:
            return False
        received_on = company._sig_local_date(self.date_received)
        return company._sig_calendar(received_on).add(received_on, days)

    def _get_forwarding_data(self, moment):
        """What an act tells of a forwarding on a moment: the last day for it, and whether it was in time."""
        last_day = self._get_last_day_to_transfer()
        in_time = not last_day or self.company_id._sig_local_date(moment) <= last_day
        return {"last_day": str(last_day or ""), "in_time": in_time}

    @api.model
    def _get_late_text(self, data):
        return self.env._("Late: the law gave until %s.", tools.format_date(self.env, data["last_day"]))

    def _send_transfer_copies(self):
        """Tell the petitioners of the transfers again, with what was not at hand when they were told."""
        told = self.communication_ids.filtered(lambda each: each.purpose == "transfer").sorted("id")
        last = {each.pqrs_id: each.body for each in told}
        self._void_communications([("purpose", "=", "transfer")])
        for text, cases in self.grouped(last.get).items():
            cases._notify_client("transfer", text)

    def _get_notice_files(self, purpose):
        """The copy of the letter of transfer."""
        files = super()._get_notice_files(purpose)
        return files | self._get_forwardings()[:1].proof_ids if purpose == "transfer" else files


class ForwardingCommunication(models.Model):
    _inherit = "sig.pqrs.communication"

    def _get_client_files(self):
        """With a transfer, the copy of the letter that had forwarded the case then."""
        if self.purpose != "transfer":
            return super()._get_client_files()
        return self.pqrs_id._get_forwardings().filtered(lambda each: each.id < self.id)[:1].proof_ids

    def _keep_forwarding(self, delivery, moments):
        """Keep the proof of what was forwarded at once; without it, the SIG owes it by the last day of the law.

        :param delivery: `DeliveryProof` or None.
        :param dict moments: ``{case: datetime}`` of the forwarding.
        """
        for forwarding in self:
            case = forwarding.pqrs_id
            if delivery:
                forwarding.write({"state": "delivered", "date": moments[case], **delivery.get_vals()})
            elif last_day := case._get_last_day_to_transfer():
                forwarding.date_due = last_day
        if not delivery:
            self.pqrs_id._ask_to_notify()
