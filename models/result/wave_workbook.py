from odoo import models, tools

from ...tools.report_workbook import Field, Sheet, write_report


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    def action_export_workbook(self):
        self.ensure_one()
        return self.env["sig.workbook"]._offer(f"{self._get_file_name()}.xlsx", self._make_workbook())

    def _get_file_name(self):
        return f"{self.name} {self.company_id.name}".replace("/", "-")

    def _make_workbook(self):
        results = self._get_readable_results()
        sheets, lines = [self._get_question_sheet(results)], [self._get_cut()]
        if self._reads_everything():
            sheets.append(self._get_answer_sheet())
            lines.append(self.env._("For the SIG alone: it has names, and what few clients said. Do not hand it on."))
        day = self.company_id._sig_date(self.date_closed)
        letterhead = self.env["sig.workbook"]._get_letterhead("survey_report", self.company_id, *lines, day=day)
        return write_report(sheets, letterhead)

    def _get_question_sheet(self, results):
        names = {dimension["id"]: dimension["name"] for dimension in results["dimensions"]}
        cards = (f"{card['label']}: {card['value']}. {card['detail']}" for card in self._get_figure_cards(results))
        intro = [self.name, self._get_summary(results), *cards]
        questions = [question for question in results["questions"] if question["metric"] == "satisfaction"]
        ends = {
            "value": self.env._("Satisfied, 4 and 5 (%)"),
            "low": self.env._("Margin, from"),
            "high": self.env._("Margin, to"),
        }

        def get_share(end):
            return lambda part: part["satisfied"] and tools.float_round(part["satisfied"][end], 2) * 0.01

        columns = [
            (Field(self.env._("Question"), width=52), "title"),
            (Field(self.env._("Dimension"), width=24), lambda part: names.get(part["dimension"] or False, "")),
            (Field(self.env._("Answers"), "whole", 11), "n"),
            (Field(self.env._("Not applicable"), "whole", 11), "not_applicable"),
            *(
                (Field(str(mark), "whole", 7), lambda part, mark=mark: part["counts"] and part["counts"][mark - 1])
                for mark in range(1, 6)
            ),
            (Field(self.env._("Mean"), "amount", 9), lambda part: part["mean"] and part["mean"]["value"]),
            *((Field(label, "percent", 12), get_share(end)) for end, label in ends.items()),
            (
                Field(self.env._("Against the wave before"), width=24),
                lambda part: self._describe_change(part["change"])["text"] if results["earlier"] else "",
            ),
        ]
        return Sheet.of(self.env._("Tabulation"), columns, questions, intro=intro)

    def _get_answer_sheet(self):
        questions = self.sudo().survey_id.question_ids
        kinds = {"satisfaction": "whole", "recommendation": "whole"}
        return Sheet(
            self.env._("Answers"),
            [
                Field(self.env._("Client"), width=34),
                Field(self.env._("Respondent"), width=26),
                Field(self.env._("Channel"), width=14),
                Field(self.env._("Answered on"), "date", 13),
                Field(self.env._("City"), width=16),
                Field(self.env._("Client type"), width=20),
                *(Field(question.title, kinds.get(question.sig_metric, "text"), 16) for question in questions),
            ],
            self._get_answer_rows(questions),
        )

    def _get_answer_rows(self, questions):
        channels = self.env["sig.survey.recipient"]._get_choices("channel")
        sheets = [("user_input_id.state", "=", "done"), ("user_input_id.test_entry", "=", False)]
        recipients = self.env["sig.survey.recipient"].sudo().search([("wave_id", "=", self.id), *sheets])
        for recipient in recipients.sorted(lambda recipient: (recipient.partner_id.name or "", recipient.id)):
            lines = recipient.user_input_id.user_input_line_ids.filtered(lambda line: not line.skipped)
            answers = {}
            for question, same in lines.grouped("question_id").items():
                values = [line._sig_get_value() for line in same]
                answers[question] = values[0] if len(values) == 1 else "; ".join(map(str, values))
            yield [
                recipient.partner_id.name,
                recipient.contact_id.name or "",
                channels[recipient.channel],
                recipient.date_answered and self.company_id._sig_local_date(recipient.date_answered),
                recipient.city or "",
                recipient.industry_id.name or "",
                *map(answers.get, questions),
            ]
