from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .base import OURS


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_sig_case()
        activities._check_sig_reader()
        return activities

    def write(self, vals):
        self._check_sig_asked()
        result = super().write(vals)
        if not vals.keys().isdisjoint({"summary", "note", "res_model_id", "res_id"}):
            self._check_sig_case()
        if not vals.keys().isdisjoint({"res_model_id", "res_id"}) and not self.env.su:
            for model, activities in self.filtered("res_model").grouped("res_model").items():
                if model.startswith(OURS):  # the activity shows the name of the record
                    self.env[model].browse(set(activities.mapped("res_id"))).check_access("read")
        if not vals.keys().isdisjoint({"user_id", "res_model_id", "res_id"}):
            self._check_sig_reader()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_asked(self):
        self._check_sig_asked()

    def _check_sig_asked(self):
        if self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return
        for activity in self.sudo():
            asked = activity.automated and (activity.res_model or "").startswith("sig.")
            if asked and activity.user_id and activity.user_id != self.env.user:
                text = self.env._("This waits for %s: only they attend to it, or the SIG.", activity.user_id.name)
                raise AccessError(text)

    def _check_sig_case(self):
        if not self.env.su:
            self.env["sig.pqrs"]._check_may_add(self, "res_model")

    def _check_sig_reader(self):
        """Activities are of users who read the record. Steps, as superuser, choose among these."""
        if self.env.su:
            return
        of_sig = self.sudo().filtered(lambda row: (row.res_model or "").startswith("sig.") and row.user_id)
        for (model, user), activities in of_sig.grouped(lambda row: (row.res_model, row.user_id)).items():
            records = self.env[model].browse(set(activities.mapped("res_id")))
            if unseen := records - records._sig_filter_readable_by(user):
                who = {"user": user.name, "what": ", ".join(unseen.mapped("display_name"))}
                raise UserError(self.env._("%(user)s may not see %(what)s: nothing on it can wait for them.", **who))

    def action_feedback(self, feedback=False, attachment_ids=None):
        rest = self._sig_archive_mute(feedback, attachment_ids)
        return super(MailActivity, rest).action_feedback(feedback, attachment_ids)

    def action_feedback_schedule_next(self, feedback=False, attachment_ids=None):
        rest = self._sig_archive_mute(feedback, attachment_ids)
        return super(MailActivity, rest).action_feedback_schedule_next(feedback, attachment_ids) if rest else False

    def _sig_archive_mute(self, feedback, attachment_ids):
        """Archive mute those where the user may not post: core posts comments as superuser. Return the others."""
        if feedback or attachment_ids:
            self._check_sig_case()
        mute, Message = self.browse(), self.env["mail.message"]
        of_sig = self.filtered(lambda row: not row.env.su and (row.res_model or "").startswith("sig."))
        for model, activities in of_sig.grouped("res_model").items():
            ids = set(activities.mapped("res_id"))
            allowed = Message._filter_records_for_message_operation(model, ids, "create")
            mute |= activities.filtered(lambda row, allowed=allowed: row.res_id not in allowed._ids)
        if mute and (feedback or attachment_ids):
            raise AccessError(self.env._("You may mark this as done, without a comment: you cannot write there."))
        mute.action_archive()
        return self - mute

    def _compute_res_name(self):
        result = super()._compute_res_name()
        self._sig_hide_new("res_model", "res_name")
        return result
