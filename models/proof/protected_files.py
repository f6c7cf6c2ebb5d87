from odoo import SUPERUSER_ID, api, models
from odoo.addons.base.models.ir_attachment import SECURITY_FIELDS
from odoo.exceptions import AccessError, UserError

from .case_binding import HOLDERS

#: what a file belongs to, or that makes it no file
PLACE_FIELDS = frozenset({"res_model", "res_id", "res_field", "company_id", "public", "type", "url"})
CONTENT_FIELDS = PLACE_FIELDS | {"raw", "datas", "db_datas", "mimetype", "name"}


class IrAttachment(models.Model):
    """Only steps change or delete files that records of ours own, as evidence (see `sig.files.mixin`). Files that prove
    nothing yet (`_filter_free_files`) may change, but not move; files of dialogs may do both.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        if not self.env.su:
            files._sig_check_place()
            files._sig_bind_added()
        return files

    def write(self, vals):
        if not self.env.su and not CONTENT_FIELDS.isdisjoint(vals):
            self._sig_check_protected("write", moves=not PLACE_FIELDS.isdisjoint(vals))
        if "thumbnail" in vals and self.env.uid != SUPERUSER_ID:  # core writes it as superuser
            shown = self.sudo().with_context(bin_size=True).filtered("thumbnail")
            shown.with_env(self.env)._sig_check_protected("write")
        result = super().write(vals)
        if not self.env.su and not (PLACE_FIELDS | {"original_id"}).isdisjoint(vals):
            self._sig_check_place()
            self._sig_bind_added()
        return result

    def _sig_check_place(self):
        """
        :raises AccessError: for the content of a field of ours, which only the field may write, with its guards; and
            for a version of a file that the user may not read, because the version would tell its name.
        """
        self_sudo = self.sudo()
        if original := self_sudo.original_id:
            original.sudo(False).check_access("read")
        if any(file.res_field and (file.res_model or "").startswith("sig.") for file in self_sudo):
            raise AccessError(self.env._("What a field of the SIG holds is written in that field."))
        self.env["sig.pqrs"]._check_may_add(self_sudo, "res_model")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_protected(self):
        self.env["sig.anonymizer"]._check_not_held(self, "res_model")
        if not self._sig_is_step():
            self._sig_check_protected("unlink")

    @api.model
    def force_storage(self):
        """Moving files to another store, which core lets administrators do, changes no file."""
        return super(IrAttachment, self.sudo() if self.env.is_admin() else self).force_storage()

    def _sig_check_protected(self, operation, moves=False):
        if protected := self._sig_filter_protected(moves):
            protected.check_access(operation)
            text = self.env._(
                "“%s” is kept as proof: it is neither changed nor deleted. Attach the right file, and say in a "
                "note what was wrong.",
                ", ".join(protected.sudo().mapped("name")),
            )
            raise UserError(text)

    def _sig_filter_protected(self, moves=False):
        """The protected files; with ``moves`` also free ones, which may change but not move."""
        files = self.sudo()
        files.fetch(SECURITY_FIELDS)  # core reads them next: no additional query for files of other models
        found = files.browse()
        for model, group in files.filtered("res_id").grouped("res_model").items():
            if self._sig_is_owner(model):
                free = not moves and getattr(self.env[model], "_filter_free_files", None)
                found |= group - free(group) if free else group
        return found.with_env(self.env)

    @api.model
    def _sig_is_owner(self, model):
        """Whether records of a model own their files: those that say so, cases and their parts; no dialogs."""
        found = self.env.get(model) if model else None
        if found is None or found._transient:
            return False
        return getattr(found, "_sig_keeps_files", False) or self.env["sig.pqrs"]._is_case_or_part(model)

    def _post_add_create(self, **kwargs):
        result = super()._post_add_create(**kwargs)
        self.env["sig.pqrs"]._check_may_add(self, "res_model")
        self._sig_bind_added()  # some routes of core create files as superuser
        return result

    def _sig_bind_added(self):
        """Have an act bind files that somebody put on cases outside of a step."""
        if files := self and self.sudo().filtered(lambda file: file.res_model in HOLDERS and file.res_id):
            Binding = self.env["sig.case.binding"]
            if cases := files.env["sig.pqrs"].union(*map(Binding._get_owner, files)):
                Binding._record_missing(cases)
