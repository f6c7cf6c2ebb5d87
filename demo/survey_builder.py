"""Builds waves of the satisfaction survey by the steps that users take, at the moments given."""

from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from odoo import fields

from ..models import clock
from .builder import Builder


class SurveyBuilder(Builder):
    @contextmanager
    def _at(self, when):
        """Core dates answers by `fields.Datetime.now`, which follows our clock here."""
        follow = patch.object(fields.Datetime, "now", staticmethod(clock.now)) if when else nullcontext()
        with follow, super()._at(when):
            yield

    def launch(self, when=None, **vals):
        with self._at(when):
            wave = self._as_director(self.env["sig.survey.wave"]).create({"company_id": self.company.id, **vals})
            wave.action_launch()
            wave = wave.sudo()
            recipients = wave.recipient_ids
            recipients.filtered("queued")._process_queue()
            self._leave(recipients)
        return wave

    def _leave(self, recipients):
        waiting = [("model", "=", recipients._name), ("res_id", "in", recipients.ids), ("state", "=", "outgoing")]
        mails = self.env["mail.mail"].sudo().search(waiting)
        mails.write({"state": "sent"})
        recipients.filtered(lambda recipient: recipient.id in mails.mapped("res_id"))._on_mail_done()

    def answer(self, recipient, values, when=None, user=None):
        """The client answers, or an interviewer (``user``) for it.

        :param values: ``{question or its sig_code: answer}``: of satisfaction 1 to 5, 0 for “not applicable”; of
            recommendation 0 to 10; of a comment its text. A number answers all questions of satisfaction alike, and
            recommends accordingly.
        """
        with self._at(when):
            sheet = recipient.user_input_id.with_user(user or recipient.env.user).sudo()
            sheet._mark_in_progress()
            # as `_save_lines` of core stores them, which looks for the line of each question, one by one
            sheet.user_input_line_ids.unlink()
            answers = ((question, self._get_answer(question, values)) for question in sheet.survey_id.question_ids)
            kind = {"simple_choice": "suggestion"}
            sheet.user_input_line_ids.create([
                sheet._get_line_answer_values(question, value, kind.get(question.question_type, question.question_type))
                for question, value in answers
                if value is not None
            ])
            sheet._mark_done()

    def _get_answer(self, question, values):
        if isinstance(values, int):
            values = {
                question: {"satisfaction": values, "recommendation": values * 2, "comment": ""}[question.sig_metric]
            }
        value = values.get(question, values.get(question.sig_code))
        if question.sig_metric == "satisfaction" and value is not None:
            return str(question.suggested_answer_ids.filtered(lambda choice: choice.sig_value == value)[:1].id)
        return value if value is None else str(value)

    def close(self, wave, when=None):
        with self._at(when):
            self._as_director(wave).action_close()
        return wave
