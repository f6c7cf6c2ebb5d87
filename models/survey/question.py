import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: values that count as satisfied
SATISFIED = (4, 5)

#: how each metric is asked
QUESTION_TYPES = {"satisfaction": "simple_choice", "recommendation": "scale", "comment": "text_box"}


class SurveyQuestion(models.Model):
    _name = "survey.question"
    _inherit = ["survey.question", "sig.output.mixin"]

    sig_dimension_id = fields.Many2one("sig.survey.dimension", "Dimension", index="btree_not_null", ondelete="restrict")
    sig_metric = fields.Selection(
        [
            ("satisfaction", "Satisfaction, 1 to 5"),
            ("recommendation", "Recommendation, 0 to 10"),
            ("comment", "Comment"),
        ],
        "Measures",
        help="Satisfaction: the percentage of 4 and 5. Recommendation: promoters less detractors (NPS).",
    )
    sig_code = fields.Char(
        "Code",
        default=lambda self: secrets.token_hex(4),
        help="Stays the same in the copies of the questionnaire: results are compared between questions of one code.",
    )

    @api.constrains("sig_metric", "question_type", "scale_min", "scale_max")
    def _check_sig_metric(self):
        for question in self.filtered("sig_metric"):
            if question.question_type != QUESTION_TYPES[question.sig_metric]:
                refusal = self.env._(
                    "“%s”: satisfaction is asked with a choice of one answer, recommendation with a scale, and a "
                    "comment with a text of several lines.",
                    question.title,
                )
                raise ValidationError(refusal)
            if question.sig_metric == "recommendation" and (question.scale_min, question.scale_max) != (0, 10):
                raise ValidationError(self.env._("“%s”: recommendation is asked from 0 to 10.", question.title))

    @api.onchange("sig_metric")
    def _onchange_sig_metric(self):
        if self.sig_metric:
            self.question_type = QUESTION_TYPES[self.sig_metric]
            self.constr_mandatory = self.sig_metric != "comment"
        if self.sig_metric == "recommendation":
            self.scale_min, self.scale_max = 0, 10

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        questions._sig_fill_scale()
        return questions

    def write(self, vals):
        result = super().write(vals)
        if vals.get("survey_id"):
            self.check_access("write")  # core asks for the survey of before alone
        if vals.get("sig_metric") == "satisfaction":
            self._sig_fill_scale()
        return result

    @api.model
    def _sig_get_scale(self):
        """``[(label, value, is not applicable)]``"""
        return [
            (self.env._("Very dissatisfied"), 1, False),
            (self.env._("Dissatisfied"), 2, False),
            (self.env._("Neither satisfied nor dissatisfied"), 3, False),
            (self.env._("Satisfied"), 4, False),
            (self.env._("Very satisfied"), 5, False),
            (self.env._("Not applicable"), 0, True),
        ]

    def _sig_fill_scale(self):
        questions = self.filtered(
            lambda question: question.sig_metric == "satisfaction" and not question.suggested_answer_ids
        )
        if not questions:
            return
        names = ("value", "sig_value", "sig_not_applicable")
        answers = self.env["survey.question.answer"].create(
            [
                {"question_id": question.id, "sequence": position, **dict(zip(names, mark, strict=True))}
                for question in questions
                for position, mark in enumerate(self._sig_get_scale(), 1)
            ]
        )
        for code, _name in self.env["res.lang"].get_installed():
            scale = self.with_context(lang=code)._sig_get_scale()
            for answer in answers.with_context(lang=code):
                answer.value = scale[answer.sequence - 1][0]

    def validate_question(self, answer, comment=None):
        """Core accepts any choice, and any number on a scale."""
        errors = super().validate_question(answer, comment)
        if errors or not self.sig_metric or answer in (None, False, "", []):
            return errors
        if not self._sig_is_offered(answer):
            return {self.id: self.env._("The answer you entered is not valid.")}
        return errors

    def _sig_is_offered(self, answer):
        if self.sig_metric == "comment":
            return isinstance(answer, str)
        answer = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
        try:
            number = int(answer)
        except (TypeError, ValueError):
            return False
        if self.sig_metric == "recommendation":
            return self.scale_min <= number <= self.scale_max
        return number in self.suggested_answer_ids.ids

    def _get_format_row(self, lines):
        """``{title, kind, mandatory, low, high, text, choices: [{label, value, marked, not_applicable}]}``"""
        lines = (lines or self.env["survey.user_input.line"]).filtered(lambda line: not line.skipped)
        choices = []  # label, value, marked, not applicable
        if self.question_type == "scale":
            marked = lines[:1].value_scale if lines else None
            scale = range(self.scale_min, self.scale_max + 1)
            choices = [(str(value), value, value == marked, False) for value in scale]
        elif self.question_type in ("simple_choice", "multiple_choice"):
            choices = [
                (choice.value, choice.sig_value, choice in lines.suggested_answer_id, choice.sig_not_applicable)
                for choice in self.suggested_answer_ids
            ]
        names = ("label", "value", "marked", "not_applicable")
        return {
            "title": self.title,
            "kind": self.sig_metric or self.question_type,
            "mandatory": self.constr_mandatory,
            "choices": [dict(zip(names, choice, strict=True)) for choice in choices],
            "text": lines[0]._sig_get_text() if lines and not choices else "",
            "low": self.scale_min_label,
            "high": self.scale_max_label,
        }


class SurveyQuestionAnswer(models.Model):
    _inherit = "survey.question.answer"

    sig_value = fields.Integer("Value", help="From 1, the worst, to 5, the best.")
    sig_not_applicable = fields.Boolean("Not applicable", help="Counted apart, and in no percentage.")

    _sig_value_range = models.Constraint("CHECK (sig_value IS NULL OR sig_value BETWEEN 0 AND 5)", "A value is 1 to 5.")

    @api.constrains("question_id", "sig_value", "sig_not_applicable")
    def _check_sig_value(self):
        for answer in self.filtered(lambda answer: answer.question_id.sig_metric == "satisfaction"):
            if bool(answer.sig_value) == answer.sig_not_applicable:
                names = {"answer": answer.value, "question": answer.question_id.title}
                text = self.env._(
                    "“%(answer)s” of “%(question)s”: give it a value from 1 to 5, or mark it as not applicable.",
                    **names,
                )
                raise ValidationError(text)

    def write(self, vals):
        result = super().write(vals)
        if {"question_id", "matrix_question_id"} & vals.keys():
            self.check_access("write")
        return result
