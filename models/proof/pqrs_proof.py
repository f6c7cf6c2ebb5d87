import secrets

from odoo import fields, models

from ...tools import act_chain


class PqrsProof(models.Model):
    """What the proof of a case needs on it (see `sig.case.binding` and `sig.evidence.pack`)."""

    _inherit = "sig.pqrs"

    private_salt = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="It is erased with the personal data.")

    def _commit_private(self, text):
        """A commitment to a text that not every reader of the act may know.

        Its salt is in no pack, unlike the uuid: nobody can find a short text, as a telephone, by trying all of them.

        :return: hexadecimal SHA-256. Once the personal data are erased, it proves nothing.
        """
        self.ensure_one()
        if text:
            self._ensure_private_salt()
        return act_chain.commit(text, self.sudo().private_salt)

    def _ensure_private_salt(self):
        for case in self.sudo():
            if not case.private_salt:
                case.private_salt = secrets.token_hex(16)

    def action_make_evidence(self, with_identity=False):
        """Make an evidence pack of the cases, at once when they are few.

        :param bool with_identity: with reserved identities and identity documents.
        :return: the action that downloads it, or says that it is being made.
        """
        return self.env["sig.evidence.pack"]._request(self, with_identity)._get_action()
