"""A year of a security company's PQRS, ending today: every state, in time and late."""

from datetime import timedelta

from odoo.fields import Command

from ..models import clock
from ..models.case.priority import URGENT
from .builder import TEXTS, CaseBuilder, moment
from .improvement import ImprovementStory
from .review import DocumentStory, ReviewStory
from .survey_scenario import SurveyStory

ANSWERS = TEXTS["answers"]


class Scenario:
    def __init__(self, env):
        ref = env.ref
        self.builder = CaseBuilder(env, ref("sig_pqrs.user_director"), ref("base.main_company"))
        self.company = self.builder.company
        self.env = env
        self.operations = ref("sig_pqrs.process_operations")
        self.technology = ref("sig_pqrs.process_technology")
        self.partners = []
        for name in ("roble", "andina"):
            self.partners.append(ref(f"sig_pqrs.user_client_{name}").partner_id)
            self.partners[-1].parent_id = ref(f"sig_pqrs.partner_{name}")
        self.partners.append(ref("sig_pqrs.partner_clinica"))
        self.now = clock.now()
        self.today = self.company._sig_today()
        self.calendar = self.company._sig_calendar(self.today - timedelta(days=1100))
        self.filed = 0

    def back(self, business_days):
        day = self.today
        while self.calendar.count(day, self.today) < business_days:
            day -= timedelta(days=1)
        return day

    def on(self, day, hour=10):
        return min(moment(self.company, day, hour), self.now)

    def later(self, day, business_days, hour=15):
        return self.on(min(self.calendar.add(day, business_days), self.today), hour)

    def file(self, day, **vals):
        asked = dict(TEXTS["cases"][self.filed % len(TEXTS["cases"])])
        reason = self.env.ref(f"sig_pqrs.reason_{asked.pop('reason')}")
        partner = self.partners[self.filed % len(self.partners)]
        self.filed += 1
        case = self.builder.file(
            {
                **asked,
                "reason_id": reason.id,
                "description": "{subject}. Ocurrió en {site}; pedimos que se revise y se informe.".format(**asked),
                "partner_id": partner.id,
                "capacity": "client",
                **vals,
            },
            self.on(day),
        )
        self.builder.acknowledge(case, self.on(day, 11))
        return case

    def assigned(self, age, process=None, delay=1, **vals):
        day = self.back(age)
        return self.builder.assign(self.file(day, **vals), process or self.operations, self.later(day, delay))

    def answered(self, day, days, stars=0, feedback=""):
        case = self.file(day)
        processes = self.operations | self.technology if self.filed % 4 == 0 else self.operations
        text = ANSWERS[self.filed % len(ANSWERS)]
        assignments = self.builder.assign(case, processes, self.later(day, 1, 9))
        self.builder.draft(assignments, text, self.later(day, max(1, days - 2)))
        self.builder.approve(assignments, self.later(day, max(1, days - 1)))
        resolution = "not_applicable" if not case.type_id.has_resolution else ("upheld", "not_upheld")[self.filed % 2]
        self.builder.send(case, self.later(day, days), resolution=resolution)
        if stars:
            self.builder.rate(case, stars, feedback, self.later(day, days + 2))
        return case

    def step(self, record, name, when, *args):
        with self.builder._at(when):
            getattr(record.with_user(self.builder.director).with_company(self.company), f"action_{name}")(*args)
        if record._name == "sig.pqrs":
            self.builder.tell(record, when)

    def play(self):
        for week in range(51, 3, -1):
            day = self.back(week * 5)
            late = week in (7, 16, 31, 44)
            self.answered(
                day,
                18 if late else 4 + week % 9,
                stars=(5, 4, 5, 2, 4)[week % 5] if week % 3 else 0,
                feedback="Se demoraron más de lo que esperaba." if week % 5 == 3 else "",
            )
        self.play_open()
        self.play_people()
        self.review()
        self.leave_mail()

    def play_people(self):
        people = self.env.ref("sig_pqrs.process_people")
        subject = "Queja contra el jefe de personal por trato indebido"
        assignment = self.assigned(2, people, type="queja", restricted=True, subject=subject)
        self.step(
            assignment,
            "name_approver",
            self.on(self.today, 9),
            self.technology.leader_id.id,
            "La queja es contra quien lidera el proceso.",
        )
        self.env["sig.process.absence"].create(
            {
                "process_id": self.technology.id,
                "user_id": self.technology.leader_id.id,
                "substitute_id": self.operations.leader_id.id,
                "date_from": self.today,
                "date_to": self.today + timedelta(days=9),
                "reason": "Vacaciones",
            }
        )

    def give_access(self, auditor):
        self.builder._as_director(self.env["sig.audit.access"]).create(
            {
                "user_id": auditor.id,
                "company_id": self.company.id,
                "date_from": self.today,
                "date_to": self.today + timedelta(days=30),
                "reason": "Auditoría de seguimiento ISO 9001",
            }
        )

    def review(self):
        for model in self.env["sig.daily.review"]._get_watched_models():
            self.env[model]._refresh_deadline_state(self.company)
        overdue = self.env["sig.pqrs"].search([("deadline_state", "=", "overdue")])
        overdue.date_escalation = clock.now() - timedelta(minutes=1)
        overdue._escalate_overdue()
        # The rule of automation begins after what is done here.
        self.env.ref("sig_pqrs.automation_overdue").last_run = clock.now()

    def leave_mail(self):
        """No mail of the past waits for the mail server of who installs the demo."""
        notices = [("state", "=", "outgoing"), ("model", "in", ("sig.pqrs", "sig.pqrs.identity"))]
        self.env["mail.mail"].search(notices).state = "sent"
        self.env["mail.mail"].search(
            [("state", "=", "outgoing"), ("email_to", "like", "@example.com")]
        ).state = "cancel"

    def play_requests(self):
        case = self.file(
            self.back(7),
            type="reclamo",
            subject="Daño de la reja y demora en la reacción",
            reason_id=self.env.ref("sig_pqrs.reason_supervision").id,
        )
        asked_on, drafted_on = self.later(self.back(7), 1), self.later(self.back(7), 4)
        self.step(case, "add_requests", asked_on, "\n".join(request["name"] for request in TEXTS["requests"]))
        assignment = self.builder.assign(case, self.operations, asked_on)
        own = assignment.with_user(assignment.user_id).with_company(self.company)
        with clock.at(drafted_on):
            for request, asked in zip(own.request_ids, TEXTS["requests"], strict=True):
                request.write({name: asked[name] for name in ("answer", "resolution")})
        self.builder.draft(assignment, ANSWERS[0], drafted_on)
        self.builder.approve(assignment, self.later(self.back(7), 5))

    def play_authority(self):
        assignment = self.assigned(
            3,
            self.technology,
            type="autoridad",
            channel="letter",
            capacity="authority",
            subject="Requerimiento de la Fiscalía: registros de ingreso del 12 de noviembre",
            authority_deadline=moment(self.company, self.calendar.add(self.today, 2), 16),
            attachment_ids=[Command.create({"name": "Oficio de la Fiscalía.txt", "raw": b"Oficio 2026-0417"})],
        )
        case = assignment.pqrs_id
        self.builder.draft(assignment, ANSWERS[2], self.later(self.back(3), 2))
        self.builder.approve(assignment, self.on(self.today, 8))
        case.with_user(self.builder.director).write(
            {
                "legal_reviewer_id": self.operations.leader_id.id,
                "response_opening": "<p>Respetados señores:</p><p>Damos respuesta a su Oficio 2026-0417.</p>",
                "response_closing": "<p>Quedamos atentos a cualquier aclaración.</p>",
            }
        )
        self.step(case, "request_legal_review", self.on(self.today, 9))

    def play_open(self):
        builder = self.builder
        # waiting for the SIG
        self.file(self.today)
        self.file(self.back(1))
        urgent = self.file(
            self.today, priority=URGENT, subject="Amenaza de un tercero contra el guarda del turno de noche"
        )
        self.step(urgent, "immediate_measure", self.on(self.today, 11), "Se reforzó el puesto y se avisó a la Policía.")
        self.env["sig.pqrs"].create(
            {
                "type_id": self.env.ref("sig_pqrs.type_queja").id,
                "subject": "Ruido de los guardas en la portería durante la noche",
                "description": "Vivo en el primer piso y no puedo dormir. ¿Quién controla al personal del turno?",
                "channel": "email",
                "email_from": "vecina.torre1@example.com",
                "partner_name": "Vecina de la torre 1",
                "state": "to_file",
                "company_id": self.company.id,
            }
        )
        incident = self.file(
            self.today,
            type="reclamo",
            subject="Hurto en la bodega durante el turno",
            involves_staff=True,
            involves_incident=True,
        )
        incident.with_user(self.builder.director).write({"severity": "critical", "preserve_evidence": True})
        builder.assign(incident, self.operations)
        # who asks is known to the SIG alone; who asks for personal data is checked first
        self.assigned(
            5,
            type="queja",
            identity_reserved=True,
            capacity="worker",
            client_id=self.env.ref("sig_pqrs.partner_roble").id,
            subject="Trato irrespetuoso de un supervisor a los guardas del puesto",
        )
        case = self.file(self.back(4), type="datos_consulta", subject="Qué datos míos tienen y de dónde los tomaron")
        builder.check_identity(case, self.later(self.back(4), 1))
        builder.assign(case, self.technology, self.later(self.back(4), 2))
        # being drafted: on track, due soon, overdue
        for age in (3, 13, 17):
            self.assigned(age, self.operations | self.technology if age == 13 else None, type="queja")
        # to approve, returned
        builder.draft(self.assigned(6), ANSWERS[0], self.on(self.today, 9))
        assignment = self.assigned(8, self.technology)
        builder.draft(assignment, ANSWERS[1], self.later(self.back(8), 4))
        with clock.at(self.on(self.today, 9)):
            assignment.with_user(assignment.leader_id).action_return("Falta decir cuándo se entrega la copia.")
        self.play_requests()
        self.play_authority()
        # to send
        assignments = self.assigned(9)
        builder.draft(assignments, ANSWERS[2], self.later(self.back(9), 5))
        builder.approve(assignments, self.later(self.back(9), 7))
        # suspended, resumed, extended
        case = self.file(self.back(6), type="queja")
        self.step(case, "request_information", self.on(self.back(2)), "La fecha y la hora aproximada de los hechos.")
        case = self.file(self.back(14), type="queja")
        self.step(case, "request_information", self.on(self.back(10)), "El nombre del guarda o el número del puesto.")
        self.step(case, "register_completion", self.on(self.back(5)), self.back(5))
        case = self.assigned(12, type="reclamo").pqrs_id
        self.step(case, "extend", self.on(self.back(1)), 10, "Se esperan los registros de la empresa de monitoreo.")
        # to notify: no mail reaches who asked
        caller = {"partner_id": False, "partner_name": "Rosa Elena Díaz", "phone": "3005550123"}
        case = self.assigned(11, type="queja", **caller).pqrs_id
        self.step(case, "extend", self.on(self.back(2)), 8, "Se revisan las grabaciones de dos semanas.")
        # answered with a commitment, and written to afterwards
        day = self.back(9)
        case = self.file(day, type="queja", partner_id=self.partners[0].id)
        assignment = builder.assign(case, self.operations, self.later(day, 1, 9))
        builder.promise(
            assignment, "Reforzar la iluminación del parqueadero", self.calendar.add(self.today, 2), self.later(day, 3)
        )
        builder.draft(assignment, ANSWERS[0], self.later(day, 3))
        builder.approve(assignment, self.later(day, 4))
        builder.send(case, self.later(day, 5))
        with clock.at(self.on(self.today, 9)):
            builder.receive(case, TEXTS["late_message"])
        # ended without an answer
        case = self.file(self.back(10))
        self.step(
            case, "transfer", self.later(self.back(10), 3), "Policía Nacional", "Los hechos son de su competencia."
        )
        case = self.file(self.back(11))
        self.step(case, "withdraw", self.later(self.back(11), 4), "El cliente informa que la situación se resolvió.")
        case = self.file(self.back(4))
        self.step(case, "cancel", self.later(self.back(4), 1), "spam", "Es publicidad.")


def load(env):
    languages = [code for code, _name in env["res.lang"].get_installed() if code.startswith("es")]
    if languages:
        env["ir.module.module"]._load_module_terms(["sig_pqrs"], languages)
        env = env(context={**env.context, "lang": languages[0]})
    scenario = Scenario(env)
    scenario.play()
    for story in (SurveyStory, ImprovementStory, DocumentStory, ReviewStory):
        story(scenario).play()
    scenario.give_access(env.ref("sig_pqrs.user_auditor"))
