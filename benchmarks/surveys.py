"""Waves of the size of the targets: results beside core's own statistics of the same answers, and a launch."""

from odoo.addons.sig_pqrs.models.wave.recipient_mail import BATCH as QUEUE_BATCH
from odoo.fields import Command

CLIENTS = 1000
QUESTIONS = 20
TITLE = "Encuesta de mil clientes"

LAUNCHED = 5000
#: reference of the contacts who are clients of the wave that is launched
REFERENCE = "sig_bench_launch"


def find_wave(env):
    """The wave, when it was made already."""
    return env["sig.survey.wave"].search([("survey_id.title", "=", TITLE)], limit=1)


def make_wave(env, clients=CLIENTS, questions=QUESTIONS):
    """A running wave whose clients have all answered every question of satisfaction, core's records included."""
    dimensions = env["sig.survey.dimension"].search([], limit=8)
    survey = env["survey.survey"].create(
        {
            "title": TITLE,
            "survey_type": "sig_satisfaction",
            "question_and_page_ids": [
                Command.create(
                    {
                        "title": f"Pregunta {number}",
                        "question_type": "simple_choice",
                        "sig_metric": "satisfaction",
                        "sig_dimension_id": dimensions[number % len(dimensions)].id,
                    }
                )
                for number in range(questions)
            ],
        }
    )
    wave = env["sig.survey.wave"].create({"survey_id": survey.id, "year": 2026, "semester": "1"})
    wave.write({"state": "running"})
    partners = env["res.partner"].create(
        [{"name": f"Encuestado {number}", "city": f"Ciudad {number % 12}"} for number in range(clients)]
    )
    recipients = (
        env["sig.survey.recipient"]
        .with_context(tracking_disable=True)
        .create(
            [
                {"wave_id": wave.id, "partner_id": partner.id, "city": partner.city, "state": "answered"}
                for partner in partners
            ]
        )
    )
    sheets = (
        env["survey.user_input"]
        .with_context(tracking_disable=True)
        .create(
            [
                {
                    "survey_id": survey.id,
                    "partner_id": recipient.partner_id.id,
                    "state": "done",
                    "sig_recipient_id": recipient.id,
                }
                for recipient in recipients
            ]
        )
    )
    for recipient, sheet in zip(recipients, sheets, strict=True):
        recipient.user_input_id = sheet
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO survey_user_input_line (user_input_id, survey_id, question_id, suggested_answer_id, answer_type,
                                            skipped, answer_score, answer_is_correct, create_uid, create_date,
                                            write_uid, write_date)
             SELECT sheet.id, sheet.survey_id, choice.question_id, choice.id, 'suggestion', false, 0, false,
                    1, now(), 1, now()
               FROM survey_user_input sheet
               JOIN survey_question question ON question.survey_id = sheet.survey_id
               JOIN survey_question_answer choice ON choice.question_id = question.id
              WHERE sheet.survey_id = %s
                AND choice.sequence = 1 + (sheet.id * 7 + question.id * 13) %% 6
        """,
        [survey.id],
    )
    env.invalidate_all()
    return wave


def compute(_env, wave):
    """All the results, from the answers."""
    return wave._compute_results()


def read_core_statistics(env, wave):
    """What core's page of results computes, `survey.controllers.main.survey_report`."""
    survey = wave.survey_id
    lines = env["survey.user_input.line"].search(
        [("survey_id", "=", survey.id), ("user_input_id.state", "=", "done"), ("user_input_id.test_entry", "=", False)]
    )
    survey._prepare_statistics(lines)
    return survey.question_and_page_ids._prepare_statistics(lines)


def make_clients(env, count=LAUNCHED):
    """The clients of the launch, each with somebody who answers; as many as there were not yet."""
    Partner = env["res.partner"]
    missing = count - Partner.search_count([("ref", "=", REFERENCE)])
    clients = Partner.create(
        [
            {
                "name": f"Cliente de la encuesta {number}",
                "is_company": True,
                "ref": REFERENCE,
                "email": f"encuesta{number}@example.com",
                "city": f"Ciudad {number % 12}",
                "child_ids": [
                    Command.create(
                        {
                            "name": f"Administración {number}",
                            "email": f"administracion{number}@example.com",
                        }
                    )
                ],
            }
            for number in range(missing)
        ]
    )
    for client in clients:
        client.sig_survey_contact_id = client.child_ids


def prepare_launch(env):
    """A wave of the questionnaire that is shipped, to be launched for those clients."""
    return env["sig.survey.wave"].create(
        {
            "survey_id": env.ref("sig_pqrs.questionnaire").id,
            "year": 2100,
            "semester": "1",
            "population_domain": f"[('ref', '=', '{REFERENCE}')]",
        }
    )


def launch(_env, wave):
    """What the button does, until it returns."""
    wave.action_launch()


def prepare_queue(env):
    """A wave that was launched; the sheets and mails of its clients are still to be made."""
    wave = prepare_launch(env)
    wave.action_launch()
    return wave


def work_off(env, wave):
    """What the job does, batch by batch: answer sheets, and mails that wait for the mail server."""
    waiting = [("queued", "=", True), ("wave_id", "=", wave.id)]
    while batch := env["sig.survey.recipient"].search(waiting, order="wave_id, id", limit=QUEUE_BATCH):
        batch._process_queue()
        env.cr.flush()
        env.invalidate_all()
