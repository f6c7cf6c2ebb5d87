"""Mails say of dates, transfers, duplicates, reminders and comments of surveys what is so."""

import json

UNTIL = '<t t-out="object._get_until_text(object.date_deadline, object.suspended)"/>'
DEADLINE = """<strong t-out="format_date(object.date_deadline, date_format='long')"/>"""
ORIGINAL = '<t t-out="object._get_original_text()"/>'
NUMBER = '<strong t-out="object._get_original_number()"/>'
REMINDED = """<p><t t-if="object.rating_state == 'reminded'">"""
#: (sentence of 19.0.1.4.0, sentence of now), in English and in Spanish
MAILS = [
    (f"We will answer by {DEADLINE} at the latest.", UNTIL),
    (f"Le responderemos a más tardar el {DEADLINE}.", UNTIL),
    (
        "<p>They will answer you: the term for it runs from the day after they receive it.",
        (
            '<p t-if="object.identity_reserved">They send us their answer, and we give it to you. The term for it runs '
            "from the day after they receive your request. You need not present it again. If you have any question, "
            "answer this mail.</p>\n"
            '<p t-else="">They will answer you: the term for it runs from the day after they receive it.'
        ),
    ),
    (
        "<p>Allí le responderán: el término corre desde el día siguiente a que la reciban. No tiene",
        (
            '<p t-if="object.identity_reserved">Esa entidad nos enviará la respuesta y se la entregaremos. Su término '
            "corre desde el día siguiente al de recibo. Usted no tiene que presentarla de nuevo. Si tiene alguna duda, "
            "responda este correo.</p>\n"
            '<p t-else="">Esa entidad le responderá; su término corre desde el día siguiente al de recibo. Usted no '
            "tiene"
        ),
    ),
    (f"It goes on under filing number {NUMBER}, and there we answer it.", ORIGINAL),
    (f"Continúa con el radicado {NUMBER} y allí se la respondemos.", ORIGINAL),
    ("<p>We ask only this once more. If", f"{REMINDED}We ask only this once more. </t>If"),
    ("<p>Es el único recordatorio que le enviamos. Si", f"{REMINDED}Es el único recordatorio que le enviamos. </t>Si"),
    (
        "results are published only as totals.",
        (
            "figures are published only as totals; your comments are read, without your name, by those who answer for "
            "each part of the service."
        ),
    ),
    (
        "los resultados solo se publican como totales.",
        (
            "las cifras se publican solo como totales; sus comentarios los leen, sin su nombre, quienes responden por "
            "cada parte del servicio."
        ),
    ),
]
QUESTIONNAIRE = [
    (
        "by those who answer for the quality of the service, and are published only as totals.",
        (
            "by those who answer for the quality of the service. Figures are published only as totals; your comments "
            "are read, without your name, by those who answer for each part of the service."
        ),
    ),
    (
        "las leen quienes responden por la calidad del servicio y solo se publican como totales.",
        (
            "las leen quienes responden por la calidad del servicio. Las cifras se publican solo como totales; sus "
            "comentarios los leen, sin su nombre, quienes responden por cada parte del servicio."
        ),
    ),
]


def migrate(cr, version):
    """Replace the sentences where nobody wrote other ones; questionnaires of waves that ended stay as they were."""
    for pair in MAILS:
        cr.execute(
            """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
                WHERE model IN ('sig.pqrs', 'sig.survey.recipient') AND body_html IS NOT NULL""",
            [as_json(text) for text in pair],
        )
    for pair in QUESTIONNAIRE:
        cr.execute(
            """UPDATE survey_survey AS survey SET description = replace(description::text, %s, %s)::jsonb
                WHERE survey_type = 'sig_satisfaction' AND description IS NOT NULL AND NOT EXISTS (
                      SELECT FROM sig_survey_wave WHERE survey_id = survey.id AND state IN ('closed', 'reported'))""",
            [as_json(text) for text in pair],
        )


def as_json(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]
