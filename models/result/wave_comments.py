from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.statistics import MINIMUM_ANSWERS


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    def _get_comment_domain(self):
        return (
            Domain("question_id.sig_metric", "=", "comment")
            & Domain("user_input_id.sig_recipient_id.wave_id", "in", self.ids)
            & Domain("user_input_id.sig_recipient_id.anonymized_on", "=", False)
            & Domain("user_input_id.state", "=", "done")
            & Domain("user_input_id.test_entry", "=", False)
            & Domain("skipped", "=", False)
            & Domain("value_text_box", "not in", (False, ""))
        )

    def _get_comments(self):
        """Comments that the current user may read; names are the SIG's.

        Only the SIG reads them while the wave runs or few clients answered, and in the order of the answers.

        :return: list of ``{"text", "question", "client", "date", "case"}``.
        """
        self.check_access("read")
        everything = self._reads_everything()
        if not everything and (self.state == "running" or self.answered_count < MINIMUM_ANSWERS):
            return []
        lines = self.env["survey.user_input.line"].sudo().search(self._get_comment_domain(), order="create_date, id")
        if not everything:
            lines = lines.sorted(lambda line: (line.value_text_box.casefold(), line.id))
        return [
            {
                "text": line.value_text_box.strip(),
                "question": line.question_id.title,
                "client": line.user_input_id.sig_recipient_id.partner_id.name if everything else "",
                "date": line.user_input_id.sig_recipient_id.date_answered if everything else False,
                "case": line.sig_case_id.name if everything else "",
            }
            for line in lines
            if line.value_text_box.strip()
        ]


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    sig_recipient_id = fields.Many2one(related="user_input_id.sig_recipient_id", string="Surveyed client")
    sig_client_id = fields.Many2one(related="user_input_id.sig_recipient_id.partner_id", string="Client")
    sig_answered_on = fields.Datetime(related="user_input_id.sig_recipient_id.date_answered", string="Answered on")
    sig_case_id = fields.Many2one(
        "sig.pqrs", "Case", readonly=True, copy=False, index="btree_not_null", groups="sig_pqrs.group_sig_director"
    )

    def action_sig_file_comment(self):
        """File a case of a comment, received when it was answered; or open the one that was filed."""
        self.ensure_one()
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG makes cases of what clients write."))
        self.check_access("read")
        line = self.sudo()
        line.lock_for_update()
        line.invalidate_recordset(["sig_case_id"])
        if not line.sig_case_id:
            line.sig_case_id = line._sig_file_case()
        return line.sig_case_id._get_records_action(context={})

    def _sig_file_case(self):
        recipient = self.user_input_id.sig_recipient_id
        if not self.filtered_domain(recipient.wave_id._get_comment_domain()):
            raise UserError(self.env._("There is no comment of which a case could be made."))
        case = self.env["sig.pqrs"]._file_comment(
            {
                "company_id": recipient.company_id.id,
                "partner_id": recipient._get_respondent().id,
                "client_id": recipient.partner_id.id,
                "channel": recipient.channel,
                "date_received": recipient.date_answered,
                "subject": self.env._("Comment in the satisfaction survey"),
                "description": self.value_text_box,
            }
        )
        case._message_log(body=self.env._("Comes from a comment in “%s”.", recipient.wave_id.name))
        recipient._message_log(body=self.env._("What the client wrote goes on in %s.", case.name))
        return case
