from odoo import api, models
from odoo.exceptions import UserError


class AnswerPart(models.AbstractModel):
    """A part of the answer to a case: the draft of a process, one of the things asked for, or what it promises.

    The drafters of its owner write it while the answer is open, and the approval of the owner covers it.
    """

    _name = "sig.answer.part"
    _description = "Part of an Answer"
    _inherit = ["sig.record.mixin"]

    #: field of the assignment that owns it; none for an assignment itself
    _owner_field = "assignment_id"

    def _get_owner(self):
        """The assignments whose drafters write the parts."""
        return self[self._owner_field] if self._owner_field else self

    def _get_answer_text(self):
        """What the part says, as plain text."""
        raise NotImplementedError

    def _is_answered(self):
        """Whether the part says anything."""
        return bool(self._get_answer_text().strip())

    @api.model
    def _get_named(self, vals_list, fname):
        """The records that values name in a many2one field, or else the context.

        :raises UserError: for what cannot be the id of a record.
        """
        field = self._fields[fname]
        default = self.env.context.get(f"default_{fname}")
        ids = [vals.get(fname, default) for vals in vals_list]
        for id_ in ids:
            if id_ and (isinstance(id_, bool) or not isinstance(id_, int)):
                raise UserError(
                    self.env._(
                        "%(field)s: “%(value)s” is not the id of a record.",
                        field=field._description_string(self.env),
                        value=str(id_)[:80],
                    )
                )
        return self.env[field.comodel_name].browse(dict.fromkeys(filter(None, ids))).exists()
