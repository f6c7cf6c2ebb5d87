from dataclasses import dataclass

from odoo import fields, models
from odoo.exceptions import UserError

from . import attachments


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

    def get_data(self, case):
        """What an act binds: digests of the files, and a commitment to who received it."""
        data = {"proof": [attachment.checksum for attachment in self.attachments]}
        if self.received_by:
            data["received_by"] = case._commit_private(self.received_by)
        return data

    def check_free(self, records):
        """Refuse a file that is part of another record, and one for several cases: not the same people read them.

        :param records: those that it proves something of.
        """
        cases = records["pqrs_id"] if "pqrs_id" in records._fields else records
        if self.attachments and len(cases) > 1:
            raise UserError(records.env._("A file is the proof of one case: attach it to each case apart."))
        own = {(records._name, id_) for id_ in records.ids}
        for attachment in self.attachments - attachments.get_new(self.attachments):
            if (attachment.res_model, attachment.res_id) not in own:
                raise UserError(
                    records.env._("“%s” belongs to another record: attach the proof itself.", attachment.name)
                )

    def adopt(self, record):
        """Give new files to a record, so that who may read it may read them."""
        attachments.adopt(record, self.attachments)
