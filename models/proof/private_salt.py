import secrets

from odoo import fields, models

from ...tools import act_chain


class PqrsPrivate(models.Model):
    """Commitments to short texts about people, which whoever holds an evidence pack cannot guess.

    Acts are told in full to many who may not know a telephone or a name. A digest of one would be found by trying all
    of them, if its salt were anything that a pack holds, as the uuid of the case is.
    """

    _inherit = "sig.pqrs"

    private_salt = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="It is erased with the personal data.")

    def _commit_private(self, text):
        """What an act may hold of a text that not everybody who reads the act may know.

        :return: hexadecimal SHA-256; nothing can be proved by it any more when the personal data are erased.
        """
        self.ensure_one()
        if text:
            self._ensure_private_salt()
        return act_chain.commit(text, self.sudo().private_salt)

    def _ensure_private_salt(self):
        for case in self.sudo():
            if not case.private_salt:
                case.private_salt = secrets.token_hex(16)
