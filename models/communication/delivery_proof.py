from dataclasses import dataclass

from odoo import fields, models


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

    def __bool__(self):
        return bool(self.attachments or self.note or self.reference or self.received_by)

    @property
    def text(self):
        """What an act says of it: never who received it, whom only the SIG may know."""
        return " ".join(filter(None, [self.note, self.reference]))

    def get_vals(self, prefix=""):
        """Values of the fields that keep it."""
        return {
            f"{prefix}reference": self.reference or False,
            f"{prefix}received_by": self.received_by or False,
            f"{prefix}proof_ids": [fields.Command.set(self.attachments.ids)],
        }

    def get_data(self, case, files):
        """What an act binds: the files, and a commitment to who received it.

        :param files: the attachments as the record that keeps the proof owns them.
        """
        data = {
            "proof": [attachment.checksum for attachment in files],
            **case.env["sig.case.binding"]._bind_records(case, files=files),
        }
        if self.received_by:
            data["received_by"] = case._commit_private(self.received_by)
        return data
