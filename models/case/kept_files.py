from odoo import SUPERUSER_ID, api, models
from odoo.addons.base.models.ir_attachment import SECURITY_FIELDS
from odoo.exceptions import UserError

from . import transitions

#: what a file holds, how it is called, and what it is part of
CONTENT_FIELDS = frozenset(
    {
        *("raw", "datas", "db_datas", "type", "url", "mimetype", "name"),
        *("res_model", "res_id", "res_field", "company_id", "public"),
    }
)


class IrAttachment(models.Model):
    """Files of a case, and of what is part of it, are proof: only the steps of the case change or delete them.

    Those of a draft that is still worked on are free (`_filter_work_files`), and so are those of dialogs.
    """

    _inherit = "ir.attachment"

    def write(self, vals):
        if not self.env.su and not CONTENT_FIELDS.isdisjoint(vals):
            self._sig_check_kept("write")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_kept(self):
        if not self.env.su:
            self._sig_check_kept("unlink")

    def _delete_and_notify(self, message=None):
        # Core comes here as superuser, for whoever may write on the record of the file, or uploaded it.
        if self.env.uid != SUPERUSER_ID and self._sig_filter_kept():
            raise UserError(self._sig_get_kept_refusal())
        return super()._delete_and_notify(message)

    def _migrate(self):
        """Moving files to another store, which core lets administrators do, changes none of them."""
        return super(IrAttachment, self.sudo())._migrate()

    def _sig_check_kept(self, operation):
        """
        :raises AccessError: for who may not ``operation`` them at all; UserError when they are proof.
        """
        if kept := self._sig_filter_kept():
            kept.check_access(operation)
            raise UserError(kept._sig_get_kept_refusal())

    def _sig_filter_kept(self):
        """Those that are part of a case, but for those of drafts on which the user still works."""
        files = self.sudo()
        files.fetch(SECURITY_FIELDS)  # what core reads next: no query more for files of other models
        files = files.filtered(lambda file: file.res_id and self._sig_is_of_case(file.res_model))
        drafts = files.filtered(lambda file: file.res_model == "sig.pqrs.assignment")
        if drafts:
            files -= self.env["sig.pqrs.assignment"]._filter_work_files(drafts)
        return files.with_env(self.env)

    @api.model
    def _sig_is_of_case(self, model):
        """Whether records of a model are cases or part of one; dialogs are not."""
        return self.env["sig.pqrs"]._is_case_or_part(model) and not self.env[model]._transient

    def _sig_get_kept_refusal(self):
        return self.env._(
            "“%s” is part of a PQRS: it is neither changed nor deleted. Attach the right file, and say in a note what "
            "was wrong.",
            ", ".join(self.sudo().mapped("name")),
        )


class Pqrs(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _is_case_or_part(self, model):
        """Whether records of a model, that somebody named, are cases or have one."""
        if not model or not model.startswith(self._name) or model not in self.env:
            return False
        return model == self._name or "pqrs_id" in self.env[model]._fields


class PqrsAssignment(models.Model):
    _inherit = "sig.pqrs.assignment"

    def _filter_writable(self):
        """Those whose answer may still be written: their process takes part, and no answer has left or is leaving."""
        return self.exists().filtered(
            lambda assignment: (
                transitions.is_standing(assignment.sudo())
                and assignment.sudo().pqrs_id.state in transitions.OPEN
                and transitions.not_delivering(assignment.sudo().pqrs_id)
            )
        )

    @api.model
    def _filter_work_files(self, files):
        """Files of drafts being written that prove nothing yet: no approval covered them, no message and no other draft
        has them.

        Those of a draft that waits for its leader, or was approved, are taken out of it in its form: that voids the
        approval.

        :param files: of assignments, as superuser.
        """
        drafts = self.browse(set(files.mapped("res_id")))._filter_writable().sudo()
        drafts = drafts.filtered(lambda draft: draft.state in transitions.TO_DRAFT)
        files = files.filtered(lambda file: file.res_id in drafts.ids)
        if not files:
            return files
        said = self.env["mail.message"].sudo().search([("attachment_ids", "in", files.ids)])
        said -= said.sudo(False)._sig_filter_open_notes().sudo()
        approved = drafts._get_last_approvals()
        holders = self.sudo().with_context(active_test=False).search([("attachment_ids", "in", files.ids)])
        return files.filtered(
            lambda file: (
                file not in said.attachment_ids
                and all(holder.id == file.res_id for holder in holders if file in holder.attachment_ids)
                and (file.res_id not in approved or file.create_date > approved[file.res_id])
            )
        )

    def _get_last_approvals(self):
        """``{id: moment}`` of the last approval of each draft that ever had one, under whatever code of its process."""
        drafts = self.sudo()
        everybody = drafts.pqrs_id.with_context(active_test=False).assignment_ids
        approvals = self.env["sig.pqrs.act"].sudo()
        approvals = approvals.search([("pqrs_id", "in", drafts.pqrs_id.ids), ("kind", "=", "approved")], order="id")
        last = {}
        for draft in drafts:
            others = everybody.filtered(lambda other, draft=draft: other.pqrs_id == draft.pqrs_id) - draft
            foreign = set(others.process_id.mapped("code")) - {draft.process_id.code}
            own = approvals.filtered(
                lambda act, draft=draft, foreign=foreign: (
                    act.pqrs_id == draft.pqrs_id and (act.data or {}).get("process") not in foreign
                )
            )
            if own:
                last[draft.id] = own[-1].create_date
        return last
