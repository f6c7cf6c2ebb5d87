"""Two waves of a security company: the last semester's, closed, and this semester's, running."""

import random

from dateutil.relativedelta import relativedelta

from ..tools import periods
from .builder import TEXTS, Story
from .survey_builder import SurveyBuilder


class SurveyStory(Story):
    def play(self):
        self.builder = SurveyBuilder(self.env, self.director, self.company)
        self.random = random.Random(10)
        for name, rated in TEXTS["dimensions"].items():
            process = self.env.ref(f"sig_pqrs.process_{rated['process']}")
            self.env.ref(f"sig_pqrs.dimension_{name}").process_ids = process
        self.play_closed()
        self.play_running()

    def _rate(self, mean):
        if self.random.random() < 0.05:
            return 0
        return min(5, max(1, round(self.random.gauss(mean, 0.8))))

    def _answers(self, shift):
        rated = TEXTS["dimensions"].items()
        means = {self.env.ref(f"sig_pqrs.dimension_{name}"): one["mean"] for name, one in rated}
        values = {}
        for question in self.env.ref("sig_pqrs.questionnaire").question_ids:
            if question.sig_metric == "satisfaction":
                values[question.sig_code] = self._rate(means[question.sig_dimension_id] + shift)
        values["recommendation"] = min(
            10, max(0, round(2 * (self._rate(4.2 + shift) or 4) + self.random.choice((0, 1))))
        )
        values["comment_improve"] = self.random.choice(TEXTS["comments"]) if self.random.random() < 0.4 else ""
        values["comment_keep"] = self.random.choice(TEXTS["praise"]) if self.random.random() < 0.3 else ""
        return values

    def _answer(self, recipient, day, shift):
        user = None if recipient.channel == "email" else recipient.interviewer_id or self.director
        self.builder.answer(recipient, self._answers(shift), self.scenario.on(day, self.random.randint(8, 16)), user)

    def play_closed(self):
        start = periods.containing(self.scenario.today, "semester").start - relativedelta(days=27)
        wave = self.builder.launch(self.scenario.on(start, 9))
        for position, recipient in enumerate(wave.recipient_ids):
            if position in (5, 11):
                continue
            if position == 14:
                with self.builder._at(self.scenario.on(start, 15)):
                    self.as_director(recipient).action_decline("Prefiere no responder este semestre.")
            else:
                self._answer(recipient, start + relativedelta(days=1 + position % 18), 0)
        self.builder.close(wave, self.scenario.on(start + relativedelta(days=23), 17))

    def play_running(self):
        today = self.scenario.today
        start = today - relativedelta(days=6)
        semester = {"year": today.year, "semester": str(periods.semester_of(today))}
        wave = self.builder.launch(self.scenario.on(start, 9), **semester)
        mailed = wave.recipient_ids.filtered(lambda recipient: recipient.channel == "email")
        for position, recipient in enumerate(mailed):
            if position % 2:
                self._answer(recipient, start + relativedelta(days=1 + position % 5), 0.2)
        mailed[0]._message_receive_bounce(mailed[0].email, self.env["res.partner"])
        self._answer((wave.recipient_ids - mailed)[0], start + relativedelta(days=2), 0.2)
