from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools import SQL, html2plaintext

from ...tools import mentions
from .pqrs_identity import IDENTITY_FIELDS


class PqrsReservePast(models.Model):
    """What a case already says of its petitioner when the identity is reserved: found, and taken to the identity."""

    _inherit = "sig.pqrs"

    def _prepare_identity(self):
        """Values of the identity that the case gives away."""
        self.ensure_one()
        client = self.client_id
        kept = client._sig_tells_nothing_of(self.partner_id)
        identity = {name: self[name].id if name == "partner_id" else self[name] for name in IDENTITY_FIELDS}
        self._check_is_known(identity)
        return {**identity, "client_id": (client - kept).id}

    def _get_mentions(self):
        """What names the petitioner in texts."""
        contact = self._get_contact()
        client = self.client_id - self.client_id._sig_tells_nothing_of(contact.partner)
        person = self.person_type != "legal" and not contact.partner.is_company
        partner = contact.partner
        known = [contact.name, partner.name, partner.email, contact.email, contact.mailbox, client.name]
        return mentions.Mentions(
            [*known, *self._get_proof_texts()],
            [contact.phone, contact.partner.phone, contact.document_number],
            person=person,
        )

    def _get_proof_texts(self):
        """How it was proved that the petitioner was told: with a tracking number anybody learns who received it."""
        told = self.act_ids.filtered(lambda act: act.kind in ("delivered", "notified"))
        return [self.delivery_reference, *self.notice_ids.mapped("reference"), *told.mapped("note")]

    def _get_petitioner_users(self):
        """Users that acted on the case for the petitioner: those from outside, and the petitioner's own."""
        own = self.partner_id.with_context(active_test=False).user_ids
        acting = self.act_ids.user_id | self.create_uid | self.write_uid
        return own | acting.filtered(lambda user: not user._is_internal())

    def _get_private_files(self):
        """Files of the case that name its petitioner, besides its annexes and messages. Hook."""
        return self.letter_id | self.delivery_proof_ids | self.notice_ids.proof_ids

    def _get_loose_files(self):
        """Files of the case that are neither annexes nor part of what was said: letters and proofs of before."""
        messages = self.env["mail.message"].search([("model", "=", self._name), ("res_id", "=", self.id)])
        kept = self.attachment_ids | messages.attachment_ids
        return self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("id", "not in", kept.ids)]
        )

    # -- Taking it away ---------------------------------------------------------------------------------------------

    def _hide_attachments(self, annexes):
        """Take annexes, and what was said of them, out of the case."""
        contents = set(annexes.mapped("checksum"))
        used = self.assignment_ids.filtered(
            lambda assignment: not contents.isdisjoint(assignment.attachment_ids.mapped("checksum"))
        )
        if used:
            raise UserError(
                self.env._(
                    "The answer of %(process)s has that annex: take it out of there first.",
                    process=", ".join(used.process_id.mapped("name")),
                )
            )
        identity = self.identity_ids
        identity._take_attachments(annexes)
        identity.attachment_ids |= annexes
        self.attachment_ids -= annexes

    def _hide_conversation(self, names):
        """Take what names the petitioner, or comes from or goes to them, out of the threads of the case."""
        identity = self.identity_ids
        for thread in (self, self.with_context(active_test=False).assignment_ids):
            messages = self.env["mail.message"].sudo()._sig_find_of_petitioner(thread, identity, names)
            identity._take_attachments(messages.attachment_ids - self.attachment_ids - thread.attachment_ids)
            identity._take_messages(messages)
        identity._take_attachments(self._get_private_files() | self._get_loose_files())
        followers = self.message_partner_ids
        outsiders = followers.filtered(lambda partner: partner == identity.partner_id or partner.partner_share)
        self.message_unsubscribe(outsiders.ids)
        for activity in self.activity_ids | self.assignment_ids.activity_ids:
            if names.found_in(activity.summary, html2plaintext(activity.note or "")):
                identity._message_log(body=activity.note or activity.summary)
                activity.write({"note": False, "summary": activity.activity_type_id.summary})
        if names.found_in(self.delivery_failure):
            self.delivery_failure = self.env._("The mail was returned.")
        self.rating_ids.partner_id = False

    def _hide_acts(self, names, users):
        """Take from the acts the texts that name the petitioner, and the petitioner's users; the chain stays valid.

        :return: what the act of the reserve says of that (see `act_chain.find_excuses`).
        """
        identity = self.identity_ids
        named = self.act_ids.filtered(lambda act: act.note and names.found_in(act.note))
        for act in named:
            identity._message_log(body=self.env._("Act %(number)s: %(note)s", number=act.number, note=act.note))
        named._erase_notes()
        taken = self.act_ids.filtered(lambda act: act.user_id & users)
        owners = {act: act.user_id.id for act in taken}
        if forgotten := taken._forget_users():
            apart = {str(act.number): owners[act] for act in forgotten}
            identity.act_users = {**(identity.act_users or {}), **apart}
        bare = forgotten.filtered(lambda act: not act.user_commitment)
        return {"sealed": sorted(bare.mapped("number")), "notes": sorted(named.mapped("number"))}

    def _hide_users(self, users):
        """Who made or changed the records, when it was the petitioner."""
        if not users:
            return
        self.env.flush_all()
        for records in self._get_signed_records():
            for fname in ("create_uid", "write_uid"):
                if records:
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %(table)s SET %(field)s = %(system)s "
                            "WHERE id IN %(ids)s AND %(field)s IN %(users)s",
                            table=SQL.identifier(records._table),
                            field=SQL.identifier(fname),
                            system=SUPERUSER_ID,
                            ids=tuple(records.ids),
                            users=tuple(users.ids),
                        )
                    )

    def _get_signed_records(self):
        """Records that say who made or changed them, and that not only the SIG reads."""
        assignments = self.with_context(active_test=False).assignment_ids
        messages = self.env["mail.message"]
        for thread in (self, assignments):
            messages |= messages.search([("model", "=", thread._name), ("res_id", "in", thread.ids)])
        activities = self.activity_ids | assignments.activity_ids
        mails = self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)]) | self.notice_ids.mail_id
        files = self.attachment_ids | assignments.attachment_ids | messages.attachment_ids
        beside = (self.act_ids, self.request_ids, self.notice_ids, self.rating_ids)
        return (self, assignments, *beside, activities, messages, mails, files)
