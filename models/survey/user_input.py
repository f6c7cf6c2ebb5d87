from odoo import fields, models


class SurveyUserInputLine(models.Model):
    _name = "survey.user_input.line"
    _inherit = ["survey.user_input.line", "sig.output.mixin"]

    _sig_choice_index = models.Index(
        "(survey_id, suggested_answer_id, user_input_id) WHERE suggested_answer_id IS NOT NULL AND skipped IS NOT TRUE"
    )

    def _sig_get_text(self):
        """The full text: core's display name is cut."""
        return (self.value_text_box if self.answer_type == "text_box" else self.display_name) or ""

    def _sig_get_value(self):
        if choice := self.suggested_answer_id:
            return self.env._("Not applicable") if choice.sig_not_applicable else choice.sig_value or choice.value
        return self.value_scale if self.answer_type == "scale" else self._sig_get_text()


class SurveyUserInput(models.Model):
    _name = "survey.user_input"
    _inherit = ["survey.user_input", "sig.output.mixin"]

    sig_recipient_id = fields.Many2one("sig.survey.recipient", "Surveyed client", readonly=True, ondelete="restrict")

    _sig_recipient_unique = models.UniqueIndex(
        "(sig_recipient_id) WHERE sig_recipient_id IS NOT NULL", "The client has an answer in this wave already."
    )

    def _sig_start_anew(self):
        """Another person answers: delete the answers and replace the link."""
        self.user_input_line_ids.unlink()
        begun = ("start_datetime", "last_displayed_page_id", "survey_first_submitted")
        for sheet in self:
            tokens = {name: sheet._generate_invite_token() for name in ("access_token", "invite_token")}
            sheet.write({**tokens, "state": "new", **dict.fromkeys(begun, False)})

    def _sig_take_saved(self, questions):
        """Delete the saved answers of some questions; return ``{id of a question: what its page sends for them}``."""
        taken = {}
        lines = self.user_input_line_ids.filtered(lambda line: line.question_id in questions)
        for line in lines.filtered(lambda line: not line.skipped):
            name, kind, choice = str(line.question_id.id), line.question_id.question_type, line.suggested_answer_id
            if kind == "matrix":
                rows = taken.setdefault(name, {})
                if choice:
                    rows.setdefault(str(line.matrix_row_id.id), []).append(str(choice.id))
                else:
                    rows["comment"] = line.value_char_box
            elif kind in ("simple_choice", "multiple_choice"):
                answer = str(choice.id) if choice else {"comment": line.value_char_box}
                taken.setdefault(name, []).append(answer)
            else:
                taken[name] = str(line._get_answer_value())
        lines.unlink()
        return taken

    def write(self, vals):
        result, answers = super().write(vals), self.sudo()
        if vals.get("state") == "in_progress":
            answers.sig_recipient_id._on_started()
        elif vals.get("state") == "done":
            answers.sig_recipient_id._on_answered()
        return result
