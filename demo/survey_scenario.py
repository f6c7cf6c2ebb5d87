"""Two waves of a security company: the last semester's, closed, and this semester's, running."""

import random
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command

from ..models import clock
from .builder import moment
from .survey_builder import SurveyBuilder

#: name, city, client type
CLIENTS = (
    ("Conjunto Residencial Los Arrayanes", "Bogotá, D. C.", "residential"),
    ("Conjunto Residencial Bosques de Suba", "Bogotá, D. C.", "residential"),
    ("Edificio Torre Chicó P. H.", "Bogotá, D. C.", "residential"),
    ("Parque Residencial Santa Lucía", "Chía", "residential"),
    ("Urbanización Altos del Poblado", "Medellín", "residential"),
    ("Unidad Residencial La Mota", "Medellín", "residential"),
    ("Centro Comercial Plaza del Norte", "Bogotá, D. C.", "commerce"),
    ("Almacenes La Economía S. A. S.", "Bogotá, D. C.", "commerce"),
    ("Supermercados Don Julio Ltda.", "Medellín", "commerce"),
    ("Distribuidora Caribe S. A.", "Barranquilla", "commerce"),
    ("Industrias Metálicas del Valle S. A. S.", "Cali", "industry"),
    ("Plásticos y Envases Pacífico S. A.", "Cali", "industry"),
    ("Zona Franca Logística Andina", "Bogotá, D. C.", "industry"),
    ("Cementos La Sabana S. A.", "Chía", "industry"),
    ("Clínica Santa Isabel", "Medellín", "health"),
    ("Hospital Universitario del Caribe", "Barranquilla", "health"),
    ("Colegio Nuevo Horizonte", "Bogotá, D. C.", "education"),
    ("Universidad Tecnológica del Oriente", "Bucaramanga", "education"),
)
INDUSTRIES = {
    "residential": "Propiedad horizontal",
    "commerce": "Comercio",
    "industry": "Industria",
    "health": "Salud",
    "education": "Educación",
}
COMMENTS = (
    "Que los relevos lleguen a tiempo los fines de semana.",
    "Mejorar la iluminación del puesto de la portería vehicular.",
    "El supervisor debería pasar también en la noche.",
    "Llevamos dos meses pidiendo el cambio del guarda del turno de la noche y nadie nos da respuesta.",
)
PRAISE = ("Muy buen trato del personal de la recepción.", "La respuesta ante la alarma de abril fue inmediata.")

#: which processes answer for each dimension, and how well each is rated: the mean of its marks
DIMENSIONS = {
    "perception": ("operations", 4.3),
    "expectations": ("operations", 4.1),
    "people": ("operations", 4.4),
    "timeliness": ("operations", 3.9),
    "supervision": ("operations", 3.4),
    "communication": ("operations", 4.2),
    "pqrs": ("operations", 3.7),
    "reports": ("technology", 4.0),
}


class SurveyScenario:
    def __init__(self, env):
        self.env = env
        self.director = env.ref("sig_pqrs.user_director")
        self.interviewer = env.ref("sig_pqrs.user_interviewer")
        self.company = env.ref("base.main_company")
        self.builder = SurveyBuilder(env, self.director, self.company)
        self.random = random.Random(10)
        self.now = clock.now()
        self.today = self.company._sig_today()

    def play(self):
        self.make_clients()
        for name, (process, _mean) in DIMENSIONS.items():
            self.env.ref(f"sig_pqrs.dimension_{name}").process_ids = self.env.ref(f"sig_pqrs.process_{process}")
        self.play_closed()
        self.play_running()

    def make_clients(self):
        industries = {key: self.env["res.partner.industry"].create({"name": name}) for key, name in INDUSTRIES.items()}
        self.clients = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "sig_is_client": True,
                    "city": city,
                    "country_id": self.env.ref("base.co").id,
                    "industry_id": industries[kind].id,
                    "email": f"administracion{position}@example.com" if position % 6 else False,
                    "phone": f"601 555 1{position:03}",
                    "child_ids": [
                        Command.create(
                            {
                                "name": ("Gloria Pérez", "Iván Torres", "Marta Díaz", "Óscar Peña")[position % 4],
                                "function": "Administración",
                                "email": f"contacto{position}@example.com" if position % 6 else False,
                                "phone": f"300 555 1{position:03}",
                                "sig_survey_respondent": True,
                            }
                        )
                    ],
                }
                for position, (name, city, kind) in enumerate(CLIENTS, 1)
            ]
        )
        for position, client in enumerate(self.clients.with_company(self.company)):
            if position % 3 == 1:
                client.sig_survey_channel = "visit" if position % 2 else "phone"
                client.sig_survey_interviewer_id = self.interviewer
        for name in ("roble", "andina", "clinica"):
            self.env.ref(f"sig_pqrs.partner_{name}").sig_is_client = True

    def _on(self, day, hour=10):
        return min(moment(self.company, day, hour), self.now)

    def _rate(self, mean):
        if self.random.random() < 0.05:
            return 0
        return min(5, max(1, round(self.random.gauss(mean, 0.8))))

    def _answers(self, shift):
        dimensions = {self.env.ref(f"sig_pqrs.dimension_{name}"): mean for name, (_process, mean) in DIMENSIONS.items()}
        values = {}
        for question in self.env.ref("sig_pqrs.questionnaire").question_ids:
            if question.sig_metric == "satisfaction":
                values[question.sig_code] = self._rate(dimensions[question.sig_dimension_id] + shift)
        values["recommendation"] = min(
            10, max(0, round(2 * (self._rate(4.2 + shift) or 4) + self.random.choice((0, 1))))
        )
        values["comment_improve"] = self.random.choice(COMMENTS) if self.random.random() < 0.4 else ""
        values["comment_keep"] = self.random.choice(PRAISE) if self.random.random() < 0.3 else ""
        return values

    def _answer(self, recipient, day, shift):
        user = None if recipient.channel == "email" else recipient.interviewer_id or self.director
        self.builder.answer(recipient, self._answers(shift), self._on(day, self.random.randint(8, 16)), user)

    def play_closed(self):
        ended = date(self.today.year, 7, 1) if self.today.month > 6 else date(self.today.year, 1, 1)
        start = ended - relativedelta(days=27)
        wave = self.builder.launch(
            self._on(start, 9),
            year=start.year,
            semester="1" if start.month == 6 else "2",
            date_start=start,
            date_end=start + relativedelta(days=21),
        )
        for position, recipient in enumerate(wave.recipient_ids):
            if position in (5, 11):
                continue
            if position == 14:
                self._step(recipient, "decline", self._on(start, 15), "Prefiere no responder este semestre.")
            else:
                self._answer(recipient, start + relativedelta(days=1 + position % 18), 0)
        self.builder.close(wave, self._on(start + relativedelta(days=23), 17))

    def play_running(self):
        start = self.today - relativedelta(days=6)
        wave = self.builder.launch(
            self._on(start, 9),
            year=self.today.year,
            semester="1" if self.today.month <= 6 else "2",
            date_start=start,
            date_end=start + relativedelta(days=21),
        )
        mailed = wave.recipient_ids.filtered(lambda recipient: recipient.channel == "email")
        for position, recipient in enumerate(mailed):
            if position % 2:
                self._answer(recipient, start + relativedelta(days=1 + position % 5), 0.2)
        mailed[0]._message_receive_bounce(mailed[0].email, self.env["res.partner"])
        self._answer((wave.recipient_ids - mailed)[0], start + relativedelta(days=2), 0.2)

    def _step(self, recipient, name, when, *args):
        with self.builder._at(when):
            getattr(recipient.with_user(self.director).with_company(self.company), f"action_{name}")(*args)


def load(env):
    SurveyScenario(env).play()
