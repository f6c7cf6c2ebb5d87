from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .base import OURS


class MailActivity(models.Model):
    """An activity tells its user of its record: nobody gives one to who may not see the case."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_sig_reader()
        return activities

    def write(self, vals):
        self._check_sig_asked()
        result = super().write(vals)
        if not vals.keys().isdisjoint({"res_model_id", "res_id"}) and not self.env.su:
            for model, activities in self.filtered("res_model").grouped("res_model").items():
                if model.startswith(OURS):  # it is called as its record is
                    self.env[model].browse(set(activities.mapped("res_id"))).check_access("read")
        if not vals.keys().isdisjoint({"user_id", "res_model_id", "res_id"}):
            self._check_sig_reader()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_asked(self):
        self._check_sig_asked()

    def _check_sig_asked(self):
        """Refuse to take away, put off or hand over what a step asks of somebody else; the SIG may.

        :raises AccessError: for our own people as well, who may write on the record.
        """
        if self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return
        for activity in self.sudo():
            asked = activity.automated and (activity.res_model or "").startswith("sig.")
            if asked and activity.user_id and activity.user_id != self.env.user:
                raise AccessError(
                    self.env._("This waits for %s: only they attend to it, or the SIG.", activity.user_id.name)
                )

    def _check_sig_reader(self):
        """Refuse users who do not read the case. The steps of the procedure, as superuser, choose among who does."""
        if self.env.su:
            return
        for (model, user), activities in self.sudo().grouped(lambda row: (row.res_model, row.user_id)).items():
            if not user or not (model or "").startswith("sig."):
                continue
            records = self.env[model].browse(set(activities.mapped("res_id")))
            if records - records._sig_filter_readable_by(user):
                raise UserError(
                    self.env._("%s may not see this record, so nothing on it can wait for them.", user.name)
                )

    def _action_done(self, feedback=False, attachment_ids=None):
        """Core posts on the record, as superuser, that it is done: of a record of ours only for who may post there.
        Others mark it done without a word.
        """
        silent = self._sig_filter_mute()
        if not silent:
            return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if feedback or attachment_ids:
            raise AccessError(self.env._("You may mark this as done, without a comment: you cannot write there."))
        silent.action_archive()
        return super(MailActivity, self - silent)._action_done()

    def _sig_filter_mute(self):
        """Those on records of ours on which the user may not post."""
        mute = self.browse()
        if not self.env.su:
            Message = self.env["mail.message"]
            for model, activities in self.filtered("res_model").grouped("res_model").items():
                if model.startswith("sig."):
                    ids = set(activities.mapped("res_id"))
                    allowed = Message._filter_records_for_message_operation(model, ids, "create")
                    mute |= activities.filtered(lambda row, allowed=allowed: row.res_id not in allowed._ids)
        return mute

    # -- Names ---------------------------------------------------------------------------------------------------------

    def _compute_res_name(self):
        """Core computes it as superuser, also in a form that is being filled in."""
        result = super()._compute_res_name()
        self._sig_hide_new("res_model", "res_name")
        return result
