from odoo import SUPERUSER_ID, api, models
from odoo.addons.base.models.ir_attachment import SECURITY_FIELDS
from odoo.exceptions import AccessError, UserError

#: what makes a file part of something else, or no file
PLACE_FIELDS = frozenset({"res_model", "res_id", "res_field", "company_id", "public", "type", "url"})
#: what a file holds, how it is called, and what it is part of
CONTENT_FIELDS = PLACE_FIELDS | {"raw", "datas", "db_datas", "mimetype", "name"}


class IrAttachment(models.Model):
    """Files that records of ours own are proof: only steps change or delete them (see `sig.files.mixin`).

    Those that prove nothing yet are free (`_filter_free_files`), as long as they stay where they are; so are those of
    dialogs.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        if not self.env.su:
            files._sig_check_place()
        return files

    def write(self, vals):
        if not self.env.su and not CONTENT_FIELDS.isdisjoint(vals):
            self._sig_check_kept("write", moves=not PLACE_FIELDS.isdisjoint(vals))
        if "thumbnail" in vals and self.env.uid != SUPERUSER_ID:  # core writes it as superuser
            shown = self.sudo().with_context(bin_size=True).filtered("thumbnail")
            shown.with_env(self.env)._sig_check_kept("write")
        result = super().write(vals)
        if not self.env.su and not (PLACE_FIELDS | {"original_id"}).isdisjoint(vals):
            self._sig_check_place()
        return result

    def _sig_check_place(self):
        """
        :raises AccessError: for the content of a field of ours, which is written through the field alone, as that has
            guards; and for a version of a file that the user may not read, whose name it would tell.
        """
        self_sudo = self.sudo()
        if original := self_sudo.original_id:
            original.sudo(False).check_access("read")
        if any(file.res_field and (file.res_model or "").startswith("sig.") for file in self_sudo):
            raise AccessError(self.env._("What a field of the SIG holds is written in that field."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_kept(self):
        if not self.env.su:
            self._sig_check_kept("unlink")

    def _delete_and_notify(self, message=None):
        # Core comes here as superuser, for whoever may write on the record of the file, or uploaded it.
        if self.env.uid != SUPERUSER_ID and self._sig_filter_kept():
            raise UserError(self._sig_get_kept_refusal())
        return super()._delete_and_notify(message)

    @api.model
    def force_storage(self):
        """Moving files to another store, which core lets administrators do, changes none of them."""
        return super(IrAttachment, self.sudo() if self.env.is_admin() else self).force_storage()

    def _sig_check_kept(self, operation, moves=False):
        """
        :raises AccessError: for who may not ``operation`` them at all; UserError when they are proof.
        """
        if kept := self._sig_filter_kept(moves):
            kept.check_access(operation)
            raise UserError(kept._sig_get_kept_refusal())

    def _sig_filter_kept(self, moves=False):
        """Those that records of ours own.

        :param bool moves: also those that are free to change where they are.
        """
        files = self.sudo()
        files.fetch(SECURITY_FIELDS)  # what core reads next: no query more for files of other models
        files = files.filtered(lambda file: file.res_id and self._sig_is_kept_by(file.res_model))
        if not moves:
            for model, theirs in files.grouped("res_model").items():
                if free := getattr(self.env[model], "_filter_free_files", None):
                    files -= free(theirs)
        return files.with_env(self.env)

    @api.model
    def _sig_is_kept_by(self, model):
        """Whether records of a model keep their files: those that say so, cases and what is part of one; no dialog."""
        found = self.env.get(model) if model else None
        if found is None or found._transient:
            return False
        return getattr(found, "_sig_keeps_files", False) or self.env["sig.pqrs"]._is_case_or_part(model)

    def _sig_get_kept_refusal(self):
        return self.env._(
            "“%s” is kept as proof: it is neither changed nor deleted. Attach the right file, and say in a note what "
            "was wrong.",
            ", ".join(self.sudo().mapped("name")),
        )


class FilesMixin(models.AbstractModel):
    _inherit = "sig.files.mixin"

    def _is_beside(self, file):
        """Whether a file is the record's own, or that of another part of its case."""
        if self._owns(file):
            return True
        case = self.env["sig.pqrs"]._get_case_of(self._name, self.id)
        return bool(case) and case == case._get_case_of(file.res_model, file.res_id)


class Pqrs(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _is_case_or_part(self, model):
        """Whether records of a model, that somebody named, are cases or have one."""
        if not model or not model.startswith(self._name) or model not in self.env:
            return False
        return model == self._name or "pqrs_id" in self.env[model]._fields

    @api.model
    def _get_case_of(self, model, id_):
        """The case that a record is, or is part of, as superuser; empty for any other."""
        if not id_ or not self._is_case_or_part(model):
            return self.sudo().browse()
        record = self.env[model].sudo().browse(id_)
        return record if model == self._name else record["pqrs_id"]
