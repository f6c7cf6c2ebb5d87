from odoo import models


class Survey(models.Model):
    """The questionnaire on paper: blank, to be filled by hand, or with the answers of a client."""

    _inherit = "survey.survey"

    def action_sig_print(self):
        """Print the blank format."""
        self.check_access("read")
        return self.env.ref("sig_pqrs.report_survey_blank_action").report_action(self)

    def action_sig_test(self):
        """Answer the questionnaire as a client would: nothing of it counts."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/survey/test/{self.access_token}", "target": "new"}

    def _prepare_format(self):
        """The questionnaire as superuser, to be printed.

        :raises AccessError: for whoever may not read it.
        """
        self.check_access("read")
        return self.sudo()

    def _get_format_sections(self, answer=None):
        """What the format prints, section by section.

        :param answer: the ``survey.user_input`` of a client; none for the blank format.
        :return: ``[(title, [dict])]``; each question has ``title kind mandatory`` and its ``choices``, dicts of
            ``label value marked not_applicable``; a text has ``text``.
        """
        self.ensure_one()
        lines = answer.user_input_line_ids.grouped("question_id") if answer else {}
        sections = []
        for question in self.question_and_page_ids:
            if question.is_page:
                sections.append((question.title, []))
                continue
            if not sections:
                sections.append(("", []))
            sections[-1][1].append(question._get_format_row(lines.get(question)))
        return [section for section in sections if section[1]]


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    def _get_format_row(self, lines):
        row = {
            "title": self.title,
            "kind": self.sig_metric or self.question_type,
            "mandatory": self.constr_mandatory,
            "choices": [],
            "text": "",
            "low": self.scale_min_label,
            "high": self.scale_max_label,
        }
        lines = (lines or self.env["survey.user_input.line"]).filtered(lambda line: not line.skipped)
        if self.question_type == "scale":
            marked = lines[:1].value_scale if lines else None
            row["choices"] = [
                {"label": str(value), "value": value, "marked": value == marked, "not_applicable": False}
                for value in range(self.scale_min, self.scale_max + 1)
            ]
        elif self.question_type in ("simple_choice", "multiple_choice"):
            row["choices"] = [
                {
                    "label": choice.value,
                    "value": choice.sig_value,
                    "marked": choice in lines.suggested_answer_id,
                    "not_applicable": choice.sig_not_applicable,
                }
                for choice in self.suggested_answer_ids
            ]
        else:
            row["text"] = lines[:1]._sig_get_text() if lines else ""
        return row


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    def _sig_get_text(self):
        """What was written, in full: core's display name is cut."""
        return (self.value_text_box if self.answer_type == "text_box" else self.display_name) or ""


class SurveyRecipient(models.Model):
    _inherit = "sig.survey.recipient"

    def action_print_format(self):
        """Print the format of the client: with its answers once it answered, to be filled by hand before."""
        self.check_access("read")
        return self.env.ref("sig_pqrs.report_survey_format_action").report_action(self)

    def _prepare_format(self):
        """The client as superuser, to be printed.

        :raises AccessError: for whoever may not read it: the report reads nothing as the user.
        """
        self.check_access("read")
        return self.sudo()

    def _get_format_answer(self):
        """The answer sheet of the client once it answered, as superuser; for whoever may read it."""
        answered = self.state == "answered" and (
            self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director") or self.applied_by_id == self.env.user
        )
        return self.sudo().user_input_id if answered else None
