from dataclasses import dataclass

from odoo import fields, models
from odoo.exceptions import UserError


@dataclass(frozen=True)
class DeliveryProof:
    """How it is proved that the petitioner was told something.

    ``attachments`` are files that the user may read, as superuser; ``note`` is free text, ``reference`` a tracking
    number or the place of a publication, ``received_by`` who received it or answered the call.
    """

    attachments: models.Model
    note: str = ""
    reference: str = ""
    received_by: str = ""

    @property
    def text(self):
        """What an act says of it: never who received it, whom only the SIG may know."""
        return " ".join(filter(None, [self.note, self.reference]))

    @classmethod
    def gather(cls, env, proof=False, missing=False, **texts):
        """
        :param proof: id or ids of attachments that the user may read, or a text.
        :param str missing: the refusal of nothing at all.
        :param texts: ``note reference received_by``.
        :raises UserError: for nothing at all, or for what is no proof.
        """
        if isinstance(proof or "", str):
            texts, proof = {"note": proof, **texts}, ()
        if not all(isinstance(text or "", str) for text in texts.values()):
            raise UserError(env._("What is written as proof is a text."))
        delivery = cls(cls.read_files(env, proof), **{name: (text or "").strip() for name, text in texts.items()})
        if not (delivery.attachments or delivery.text or delivery.received_by):
            refusal = env._("Attach the proof of delivery, or write the tracking number or who received it.")
            raise UserError(missing or refusal)
        return delivery

    @staticmethod
    def read_files(env, ids):
        """The attachments, as superuser, which the user may read."""
        ids = [ids] if isinstance(ids, int) else ids
        if not isinstance(ids, list | tuple) or not all(isinstance(id_, int) for id_ in ids):
            raise UserError(env._("The proof of delivery was not found."))
        attachments = env["ir.attachment"].browse(ids).exists()
        attachments.check_access("read")
        if len(attachments) != len(set(ids)):
            raise UserError(env._("The proof of delivery was not found."))
        return attachments.sudo()

    def get_vals(self):
        return {
            "reference": self.reference or False,
            "received_by": self.received_by or False,
            "proof_ids": [fields.Command.set(self.attachments.ids)],
        }

    def get_data(self, case, files):
        """What an act binds: the files, as their record owns them, and a commitment to who received it."""
        data = {
            "proof": [attachment.checksum for attachment in files],
            **case.env["sig.case.binding"]._bind_records(case, files=files),
        }
        if self.received_by:
            data["received_by"] = case._commit_private(self.received_by)
        return data
