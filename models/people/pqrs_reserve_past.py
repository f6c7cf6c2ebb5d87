from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .pqrs_identity import IDENTITY_FIELDS


class PqrsReservePast(models.Model):
    """What a case already holds when the identity is reserved.

    What is the petitioner's goes to the identity at once: fields, followers, tracking values, mails, letters, proofs,
    users of acts. Every other text may name the petitioner too: nobody guesses which does. The texts wait in
    `sig.pqrs.reserved.text` until the SIG lets those who work on the case read them.
    """

    _inherit = "sig.pqrs"

    def _prepare_identity(self):
        """Values of the identity that the case gives away."""
        self.ensure_one()
        client = self.client_id
        kept = client._sig_filter_neutral(self.partner_id)
        identity = {name: self[name].id if name == "partner_id" else self[name] for name in IDENTITY_FIELDS}
        self._check_is_known(identity)
        return {**identity, "client_id": (client - kept).id}

    def _get_petitioner_users(self):
        """Users that acted on the case for the petitioner: those from outside, and the petitioner's own."""
        own = self.partner_id.with_context(active_test=False).user_ids
        acting = self.act_ids.user_id | self.create_uid | self.write_uid
        return own | acting.filtered(lambda user: not user._is_internal())

    def _get_private_files(self):
        """Files of the case that name its petitioner, besides its annexes and messages. Hook."""
        return self.letter_id | self.communication_ids.letter_id | self.communication_ids.proof_ids

    def _get_loose_files(self):
        """Files of the case that are neither annexes nor part of what was said: letters and proofs of before."""
        messages = self.env["mail.message"].search([("model", "=", self._name), ("res_id", "=", self.id)])
        kept = self.attachment_ids | messages.attachment_ids
        return self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("id", "not in", kept.ids)]
        )

    # -- Taking it away ---------------------------------------------------------------------------------------------

    def _hide_attachments(self, annexes):
        """Take annexes out of the case."""
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

    def _hide_conversation(self):
        """Take what was said on the case and its assignments away from those who work on it."""
        identity = self.identity_ids
        Text = self.env["sig.pqrs.reserved.text"]
        for thread in (self, *self.with_context(active_test=False).assignment_ids):
            messages = self.env["mail.message"].search([("model", "=", thread._name), ("res_id", "=", thread.id)])
            private = messages._sig_filter_private(identity)
            texts = (messages - private).filtered(lambda message: not message._sig_is_empty())
            Text._store(identity, texts, {"model": thread._name, "res_id": thread.id})
            identity._take_attachments((private | texts).attachment_ids - self.attachment_ids - thread.attachment_ids)
            identity._take_messages(private | texts)
        identity._take_attachments(self._get_private_files() | self._get_loose_files())
        followers = self.message_partner_ids
        outsiders = followers.filtered(lambda partner: partner == identity.partner_id or partner.partner_share)
        self.message_unsubscribe(outsiders.ids)
        self.rating_ids.write({"partner_id": False, "feedback": False})

    def _hide_texts(self):
        """Take the texts beside the conversation away, but what the petition and the answer say in their own words.

        :return: the acts whose note was taken.
        """
        identity = self.identity_ids
        Text = self.env["sig.pqrs.reserved.text"]
        activities = self.env["mail.activity"].with_context(active_test=False)
        records = (self, *self.with_context(active_test=False).assignment_ids)
        for activity in activities.union(*(record.with_context(active_test=False).activity_ids for record in records)):
            # The software writes the summary of its own activities.
            names = [name for name in ("note", "summary") if name == "note" or not activity.automated]
            if Text._store(identity, activity, {name: activity[name] for name in names if activity[name]}):
                activity.write(dict.fromkeys(names, False))
        comment, instead = self.rating_reason, self._get_comment_placeholder()
        if Text._store(identity, self, {"rating_reason": comment, "instead": instead} if comment else {}):
            self.rating_reason = instead
        noted = self.act_ids.filtered("note")
        for act in noted:
            Text._store(identity, act, {"note": act.note, "note_salt": act.note_salt})
        noted._erase_notes()
        return noted

    def _hide_acts(self, noted, users):
        """Take the petitioner's users from the acts; the chain stays valid.

        :param noted: acts whose note was taken.
        :return: what the act of the reserve says of that (see `act_chain.find_excuses`).
        """
        identity = self.identity_ids
        taken = self.act_ids.filtered(lambda act: act.user_id & users)
        owners = {act: act.user_id.id for act in taken}
        if forgotten := taken._clear_users():
            apart = {str(act.number): owners[act] for act in forgotten}
            identity.act_users = {**(identity.act_users or {}), **apart}
        bare = forgotten.filtered(lambda act: not act.user_commitment)
        return {"sealed": sorted(bare.mapped("number")), "notes": sorted(noted.mapped("number"))}

    def _hide_users(self, users):
        """Who made or changed the records, when it was the petitioner."""
        if not users:
            return
        holders = self._get_personal_records()
        found = [*holders.values(), self.act_ids, self.rating_ids]
        for model, place in (("mail.message", "model"), ("mail.activity", "res_model"), ("ir.attachment", "res_model")):
            of_holders = self.env["sig.erasure"]._get_holder_domain(holders, place)
            found.append(self.env[model].with_context(active_test=False).search(of_holders))
        found.append(self.env["mail.mail"].search([("mail_message_id", "in", found[-3].ids)]))
        self.env.flush_all()
        for records in filter(None, found):
            for fname in ("create_uid", "write_uid"):
                self.env.cr.execute(
                    SQL(
                        "UPDATE %(table)s SET %(field)s = %(system)s WHERE id IN %(ids)s AND %(field)s IN %(users)s",
                        table=SQL.identifier(records._table),
                        field=SQL.identifier(fname),
                        system=SUPERUSER_ID,
                        ids=tuple(records.ids),
                        users=tuple(users.ids),
                    )
                )
