"""Documents, reviews and reports of the demo: formats that were issued and the procedure about to change; the last
semester reviewed and closed, the next in preparation, a month reported.
"""

from datetime import timedelta
from unittest.mock import patch

from ..models import clock
from ..tools import periods
from .builder import TEXTS, Story


class DocumentStory(Story):
    def play(self):
        documents = self.as_director(self.env["sig.document"].search([("usage", "!=", False)]))
        begun_on, new = self.scenario.today - timedelta(days=360), documents.filtered(lambda one: not one.issued)
        with clock.at(self.scenario.on(begun_on)):
            new.action_new_version()
            new.next_revision_id.write({**TEXTS["positions"], "date": begun_on})
            versions = self.approve(new.next_revision_id)
            versions.with_user(self.director).action_issue()
        procedure = documents.filtered(lambda one: one.usage == "procedure")
        procedure.action_new_version()
        procedure.next_revision_id.description = "Se incluyen los plazos de la Ley 1755 y las rondas de respuesta."
        procedure.next_revision_id.action_submit()

    def approve(self, versions):
        versions.action_submit()
        versions = versions.with_user(self.env.ref("sig_pqrs.user_management"))
        versions.action_review()
        versions.action_approve()
        return versions


class ReviewStory(Story):
    def play(self):
        today = self.scenario.today
        semester = periods.last_complete(today, "semester")
        held_on = min(semester.end + timedelta(days=20), today)
        with clock.at(self.scenario.on(held_on)):
            review = self.prepare("review", semester, date=held_on, act_number=f"Acta 01 de {held_on.year}")
            for section in review.section_ids:
                section.analysis = TEXTS["sections"].get(section.code)
            self.decide(review, held_on)
            self.close(review)
        self.prepare("review", periods.containing(today, "semester"))
        month = periods.last_complete(today, "month")
        self.prepare("report", month, date=today)

    def prepare(self, kind, period, **vals):
        return self.as_director(self.env["sig.management.review"]).create(
            {
                "kind": kind,
                "company_id": self.company.id,
                "date_from": period.start,
                "date_to": period.end,
                "participants": "Gerente General\nDirectora SIG\nLíder de Operaciones\nLíder de Tecnología",
                "presented_by_id": self.director.id,
                **vals,
            }
        )

    def decide(self, review, day):
        self.env["sig.management.decision"].with_user(self.director).create(
            [
                {
                    **self.scenario.resolve(taken["decision"]),
                    "review_id": review.id,
                    "sequence": 10 * number,
                    "date_due": day + timedelta(days=taken["days"]),
                }
                for number, taken in enumerate(TEXTS["decisions"], 1)
            ]
        )
        review.conclusion = TEXTS["conclusion"]

    def close(self, review):
        review.action_hold()
        with patch.object(type(review), "_store_pdf", lambda records: None):
            review.action_close()
        with clock.at(self.scenario.on(self.scenario.today, 9)):
            first, second, _third = review.decision_ids
            first.action_make_plan()
            second.action_carry_out("El informe está en HERA desde octubre; lo consultan 14 clientes.")
