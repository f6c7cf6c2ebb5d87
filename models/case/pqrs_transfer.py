from odoo import api, fields, models, tools
from odoo.fields import Domain


class PqrsTransfer(models.Model):
    """A petition that somebody else is competent to answer (Ley 1755 de 2015, art. 21).

    It is forwarded within the business days that its type gives, counted from its receipt, and the petitioner gets a
    copy of the letter that forwards it. Without proof of the forwarding the case ends too, and waits for it in the day
    of the SIG.
    """

    _inherit = "sig.pqrs"

    transfer_recipient = fields.Char(readonly=True)
    transferred_on = fields.Datetime("Forwarded on", readonly=True)
    transfer_proved = fields.Boolean("Forwarding proved", readonly=True)
    transfer_reference = fields.Char("Number of the forwarding", readonly=True, groups="sig_pqrs.group_sig_director")
    transfer_received_by = fields.Char(
        "Who received the forwarding", readonly=True, groups="sig_pqrs.group_sig_director"
    )
    transfer_proof_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_transfer_proof_rel",
        string="Letter of transfer",
        readonly=True,
        groups="sig_pqrs.group_sig_director",
        bypass_search_access=True,
    )

    _unproved_index = models.Index("(company_id, id) WHERE outcome = 'transferred' AND transfer_proved IS NOT TRUE")

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "transfer_proved"]

    def _get_transition_refusal(self, name):
        if name == "register_forwarding" and self.transfer_proved:
            return self.env._("%s: its transfer is proved already.", self.name)
        return super()._get_transition_refusal(name)

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
        self._keep_forwarding(delivery, moments)
        self._settle(
            "closed",
            "transferred",
            "transfer",
            {case: text if data["in_time"] else f"{text} {self._get_late_text(data)}" for case, data in found.items()},
            date=moments,
            data={case: {**data, **(delivery.get_data(case) if delivery else {})} for case, data in found.items()},
        )
        self._notify_client("transfer", reason)
        if not delivery:
            self._notify_director(lambda env: env._("Attach the proof that it was forwarded"))
        return True

    def action_register_forwarding(self, proof=False, reference=False, received_by=False, date=False):
        """Record the proof of a transfer that had none; the petitioner gets a copy of its letter.

        Arguments are those of `action_transfer`.
        """
        self._check_transition("register_forwarding")
        delivery = self._read_delivery(proof, reference, received_by)
        moments = self._get_forwarding_moments(date)
        self._keep_forwarding(delivery, moments)
        self._record(
            "forwarded",
            self._log_on_identity(delivery.text, ""),
            date=moments,
            data={
                case: {**case._get_forwarding_data(moment), **delivery.get_data(case)}
                for case, moment in moments.items()
            },
        )
        self._close_activities("sig_pqrs.activity_sig")
        if delivery.attachments:
            self._send_transfer_copies()
        return True

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

    def _keep_forwarding(self, delivery, moments):
        cases = self.sudo()
        if delivery:
            cases.write({**delivery.get_vals("transfer_"), "transfer_proved": True})
        for moment, forwarded in cases.grouped(lambda case: moments[case]).items():
            forwarded.transferred_on = moment

    def _send_transfer_copies(self):
        """Tell again of the transfers, with what was not at hand when they were told."""
        notices = self.sudo().notice_ids.filtered(lambda notice: notice.purpose == "transfer").sorted("id")
        last = {notice.pqrs_id.id: notice.text for notice in notices}
        self._void_notices([("purpose", "=", "transfer")])
        for text, cases in self.grouped(lambda case: last.get(case.id)).items():
            cases._notify_client("transfer", text)

    def _get_transfer_reset(self):
        """Values of a case that is taken up again; the acts keep what was done."""
        return {
            "transfer_recipient": False,
            "transferred_on": False,
            "transfer_proved": False,
            "transfer_reference": False,
            "transfer_received_by": False,
            "transfer_proof_ids": [fields.Command.clear()],
        }

    def _get_notice_files(self, purpose):
        """The copy of the letter of transfer."""
        files = super()._get_notice_files(purpose)
        return files | self.transfer_proof_ids if purpose == "transfer" else files

    def _get_private_files(self):
        return super()._get_private_files() | self.transfer_proof_ids

    # -- What waits for its proof -----------------------------------------------------------------------------------

    @api.model
    def _get_unproved_domain(self):
        """Of the transfers that lack the proof of their forwarding; what was imported ended elsewhere."""
        return [("outcome", "=", "transferred"), ("transfer_proved", "=", False), ("transferred_on", "!=", False)]

class TransferDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {**super()._get_waiting_labels(), "unproved_transfers": self.env._("Transferred, without proof")}

    @api.model
    def _get_waiting(self, company):
        """Also the transfers that the SIG must prove."""
        waiting = super()._get_waiting(company)
        domain = Domain("company_id", "=", company.id) & Domain(self.env["sig.pqrs"]._get_unproved_domain())
        cases = self.env["sig.pqrs"].search(domain, order="transferred_on, id")
        self._add_waiting(waiting, company._sig_get_director(), "unproved_transfers", cases)
        return waiting

    @api.model
    def _get_digest_parts(self, counts):
        parts = super()._get_digest_parts(counts)
        if counts.get("unproved_transfers"):
            parts.append(self.env._("%s transferred without proof", counts["unproved_transfers"]))
        return parts


class TransferMyDay(models.AbstractModel):
    _inherit = "sig.my.day"

    @api.model
    def _get_sig_tiles(self):
        tile = self._make_tile(
            "unproved_transfers",
            self.env["sig.pqrs"]._get_unproved_domain(),
            self.env._("Transferred, without proof"),
            "warning",
            order="transferred_on, id",
            quiet=True,
        )
        tiles = super()._get_sig_tiles()
        position = next(index for index, each in enumerate(tiles) if each["key"] == "to_notify")
        return [*tiles[: position + 1], tile, *tiles[position + 1 :]]
