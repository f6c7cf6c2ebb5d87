from odoo import api, models
from odoo.exceptions import UserError


class AnswerPart(models.AbstractModel):
    """Draft, request or commitment, editable while the answer is open: a change voids what was said of it before."""

    _name = "sig.answer.part"
    _description = "Part of an Answer"
    _inherit = ["sig.record.mixin"]

    def _get_owners(self, vals):
        """Assignments whose approval covers the parts, before or after a write of ``vals``."""
        return self.assignment_id | self._get_named([vals], "assignment_id")

    def write(self, vals):
        if self.env.su or vals.keys().isdisjoint(self._editable_fields):
            return super().write(vals)
        self.check_access("write")
        self._check_editable(vals)
        with self._get_owners(vals)._following_changes(self.pqrs_id):
            result = super().write(vals)
            self._log_edit(vals)
        return result

    def unlink(self):
        if not self.env.su:
            self.check_access("unlink")
            self._check_editable({})
            self._log_edit({})
        with self._get_owners({})._following_changes(self.pqrs_id):
            return super().unlink()

    def _check_editable(self, vals):
        """Refuse a write of ``vals`` by the user, or a deletion when they are empty."""
        raise NotImplementedError

    def _log_edit(self, vals):
        """Log a write of ``vals`` by the user, or a deletion when they are empty."""

    @api.model
    def _get_named(self, vals_list, fname):
        """Existing records named by a many2one in ``vals_list``, or else in the context."""
        field = self._fields[fname]
        default = self.env.context.get(f"default_{fname}")
        ids = [vals.get(fname, default) for vals in vals_list]
        for id_ in ids:
            if id_ and (isinstance(id_, bool) or not isinstance(id_, int)):
                values = {"field": field._description_string(self.env), "value": str(id_)[:80]}
                raise UserError(self.env._("%(field)s: “%(value)s” is not the id of a record.", **values))
        return self.env[field.comodel_name].browse(dict.fromkeys(filter(None, ids))).exists()
