"""A year of indicators of the demo: measured, confirmed, registered; findings decided on; plans at every stage."""

from datetime import timedelta

from odoo.fields import Command

from ..models import clock
from ..tools import periods
from .builder import TEXTS, Story


class ImprovementStory(Story):
    def play(self):
        last = periods.last_complete(self.scenario.today, "month")
        months = list(periods.between(last.start - timedelta(days=330), last.end, "month"))
        for age, period in zip(range(len(months) - 1, -1, -1), months, strict=True):
            self.record(period, age)
        self.env["sig.finding"]._watch_findings(self.company)
        self.scenario.review()

    def at(self, day, hour=9):
        return clock.at(self.scenario.on(day, hour))

    def record(self, period, age):
        first = self.company._sig_business_day_of_month(period.end + timedelta(days=1), 1)
        with self.at(first):
            measures = self.env["sig.indicator.measure"]
            for frequency, indicators in self.env["sig.indicator"]._get_for(self.company).grouped("frequency").items():
                own = periods.containing(period.start, frequency)
                if own.end == period.end:
                    measures |= indicators._measure(self.company, own)
        if not age:
            return
        measures = self.as_director(measures)
        with self.at(first, 11):
            for measure in measures.filtered("needs_analysis"):
                measure.analysis = TEXTS["analysis"]
            measures.action_confirm()
        if age > 1:
            with self.at(first + timedelta(days=2)):
                measures.action_register(f"Registrado en QVO, {period.start:%m/%Y}")
        self.decide(first, age)
        self.env.flush_all()

    def decide(self, day, age):
        ours = [("company_id", "=", self.company.id)]
        arisen = [*ours, ("state", "=", "open"), ("date", "<=", day)]
        waiting = self.as_director(self.env["sig.finding"].search(arisen, order="id"))
        plans = self.env["sig.action.plan"].search_count(ours)
        missed = waiting.filtered(lambda finding: finding.kind == "missed")
        with self.at(day, 15):
            if missed and (not plans or (plans == 1 and age <= 3)):
                self.make_plan(missed[:1], day, worked=not plans)
                waiting -= missed[:1]
            if age > 2:
                waiting.action_dismiss(TEXTS["dismissal"])

    def make_plan(self, finding, day, worked):
        scenario = self.scenario
        leader, collaborator = scenario.operations.leader_id, scenario.operations.member_ids[:1]
        vals = {"name": "Respuestas en término durante las ausencias", "process_id": scenario.operations.id}
        plan = self.env["sig.action.plan"].browse(finding.action_plan(vals={**vals, "user_id": leader.id}))
        lines = (
            ("Definir la regla de reemplazos", leader, 10),
            ("Registrar las ausencias del trimestre", collaborator, 20),
            ("Capacitar al equipo en la regla", leader, 30 if worked else 120),
        )
        plan.write(
            {
                **TEXTS["plan"],
                "verification_date": day + timedelta(days=75 if worked else 150),
                "line_ids": [
                    Command.create({"name": name, "user_id": user.id, "date_due": day + timedelta(days=days)})
                    for name, user, days in lines
                ],
            }
        )
        plan.with_user(self.director).action_start()
        done = plan.line_ids if worked else plan.line_ids[:1]
        with self.at(day + timedelta(days=9)):
            for line in done:
                line.with_user(line.user_id).action_complete("Acta 04 del comité y lista de asistencia.")
            self.env.flush_all()
        if worked:
            with self.at(day + timedelta(days=31)):
                plan.with_user(self.director).action_finish()
            with self.at(day + timedelta(days=76)):
                plan.with_user(self.director).action_verify(True, "97 % y 100 % en los dos meses siguientes.")
                self.env.flush_all()
