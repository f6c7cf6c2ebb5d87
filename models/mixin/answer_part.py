from odoo import api, models
from odoo.exceptions import UserError


class AnswerPart(models.AbstractModel):
    """A part of an answer: draft of a process, request or commitment. The drafters of its assignment write it while the
    answer is open, and the approval of the assignment covers it.
    """

    _name = "sig.answer.part"
    _description = "Part of an Answer"
    _inherit = ["sig.record.mixin"]

    #: field of the assignment; none for assignments
    _owner_field = "assignment_id"

    def _get_owner(self):
        return self[self._owner_field] if self._owner_field else self

    def _get_answer_text(self):
        """Plain text of the part."""
        raise NotImplementedError

    def _is_answered(self):
        return bool(self._get_answer_text().strip())

    @api.model
    def _get_named(self, vals_list, fname):
        """The records that values, or else defaults of the context, name in a many2one field.

        :raises UserError: for anything but an id.
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
