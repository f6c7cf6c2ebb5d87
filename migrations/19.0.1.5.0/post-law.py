"""What depends on the law becomes data of the types, and texts that told it wrongly are corrected.

Types and texts are not loaded again, because companies edit them. A type gets what is new by its code; of a text the
sentences change that are as they were shipped. Open cases follow: Ley 1581 and Ley 1266 extend no time to complete, and
only an incident in which staff is involved is told to the authorities.
"""

import json

from odoo import SUPERUSER_ID, api

SUPERVIGILANCIA = "Superintendencia de Vigilancia y Seguridad Privada"
SIC = "Superintendencia de Industria y Comercio"
REGULATOR = {
    "en_US": f"{SUPERVIGILANCIA}, and the other competent authorities",
    "es": f"{SUPERVIGILANCIA} y las demás autoridades competentes",
}
#: types of which Ley 1755, art. 17, does not speak, beside those about personal data
NO_MORE_TIME = ("autoridad", "consumidor")
RECOURSE = {
    "datos_consulta": f"{SIC} (Ley 1581 de 2012, art. 16)",
    "datos_reclamo": f"{SIC} (Ley 1581 de 2012, art. 16)",
    "habeas_consulta": f"{SIC} (Ley 1266 de 2008)",
    "habeas_reclamo": f"{SIC} (Ley 1266 de 2008)",
    "consumidor": f"{SIC} (Ley 1480 de 2011)",
    "sugerencia": None,
    "felicitacion": None,
    "autoridad": None,
}

MAILS = {
    "mail_requirement": [
        (
            (
                ". You may ask for the same time once more before that date. If we have not received it by then, the "
                "law lets us file the request away; you may present it again.</p>"
            ),
            (
                ". If we have not received it by then, the law lets us file the request away; you may present it again."
                '</p>\n<p t-if="object._get_last_day_to_complete() and object.type_id.completion_extension_months">'
                "You may ask for more time, once, before that date.</p>"
            ),
        ),
        (
            (
                ". Antes de esa fecha puede pedir, una sola vez, un plazo igual. Si para entonces no la hemos recibido,"
                " la ley permite archivar la solicitud; usted puede presentarla de nuevo.</p>"
            ),
            (
                ". Si para entonces no hemos recibido todo lo que le pedimos, la ley permite archivar la solicitud; "
                'usted puede presentarla de nuevo.</p>\n<p t-if="object._get_last_day_to_complete() and '
                'object.type_id.completion_extension_months">'
                "Antes de esa fecha puede pedir más plazo, una sola vez.</p>"
            ),
        ),
    ],
}
TEMPLATES = {
    "template_opening_personal_data": [
        (
            "We answer it within the legal term.",
            "This is our answer.",
        ),
    ],
    "template_section_data_corrected": [
        (
            "The mark “claim in process” was removed on that date.",
            "The mark “claim in process” is removed with this decision.",
        ),
        (
            "En esa fecha se retiró la leyenda “reclamo en trámite”.",
            "Con esta decisión se retira la leyenda “reclamo en trámite”.",
        ),
    ],
    "template_section_footage": [
        (
            (
                "The images of other people that may appear are personal data: use them only for the purpose for "
                "which you asked for them (Ley 1581 de 2012, art. 4)."
            ),
            (
                "Other people who could be identified were blurred, unless they or the law authorize that you "
                "receive their images (Ley 1581 de 2012, art. 13). Images that identify a person are personal data: "
                "use them only for the purpose for which you asked for them (art. 4)."
            ),
        ),
        (
            (
                "Las imágenes de otras personas que puedan aparecer son datos personales: úselas solo para la "
                "finalidad con la que las solicitó (Ley 1581 de 2012, art. 4)."
            ),
            (
                "Las demás personas que podían identificarse se difuminaron, salvo que ellas o la ley autoricen que "
                "usted reciba su imagen (Ley 1581 de 2012, art. 13). Las imágenes que identifican a una persona son "
                "datos personales: úselas solo para la finalidad con la que las solicitó (art. 4)."
            ),
        ),
    ],
    "template_section_reserve": [
        (
            (
                "<p>We cannot deliver it to you, because the images show people other than you. Images that identify "
                "a person are personal data (Ley 1581 de 2012, art. 3), and they may be given only to their holders, "
                "to whom the holder or the law authorizes, or to a public authority in the exercise of its functions "
                "or by order of a judge (art. 13).</p>\n<p>So that your right is not affected, the recording was "
                "kept since"
            ),
            (
                "<p>The images in which you appear are personal data of yours, and you have the right to know them "
                "(Ley 1581 de 2012, art. 8). Other people appear in them too: their images may be given only to "
                "them, to whom they or the law authorize, or to a public authority in the exercise of its functions "
                "or by order of a judge (art. 13).</p>\n<p>So we deliver to you a copy in which the other people are "
                "blurred and cannot be identified: «[name and format of the file, start and end time, and its digest "
                "SHA-256; or, only if it cannot be blurred, why not, and when and where you may see with us the part "
                "in which you appear]».</p>\n<p>So that your right is not affected, the recording without changes "
                "was kept since"
            ),
        ),
        (
            (
                "<p>No es posible entregársela, porque en las imágenes aparecen personas distintas de usted. Las "
                "imágenes que permiten identificar a una persona son datos personales (Ley 1581 de 2012, art. 3) y "
                "solo pueden suministrarse a su titular, a quien este o la ley autorice, o a una autoridad pública "
                "en ejercicio de sus funciones o por orden judicial (art. 13).</p>\n<p>Para no afectar su derecho, "
                "la grabación se conserva desde"
            ),
            (
                "<p>Las imágenes en las que usted aparece son datos personales suyos y usted tiene derecho a "
                "conocerlas (Ley 1581 de 2012, art. 8). En ellas aparecen también otras personas: su imagen solo "
                "puede suministrarse a ellas mismas, a quien ellas o la ley autoricen, o a una autoridad pública en "
                "ejercicio de sus funciones o por orden judicial (art. 13).</p>\n<p>Por eso le entregamos una copia "
                "en la que las demás personas están difuminadas y no pueden identificarse: «[nombre y formato del "
                "archivo, hora inicial y final, y su huella SHA-256; o, solo si no es posible difuminarlas, por qué "
                "no, y cuándo y dónde puede ver con nosotros la parte en la que usted aparece]».</p>\n<p>Para no "
                "afectar su derecho, la grabación sin modificaciones se conserva desde"
            ),
        ),
    ],
    "template_closing_general": [
        (
            (
                "<p>You may also go to the Superintendencia de Vigilancia y Seguridad Privada, and, if you consider "
                "that a fundamental right was affected, to a judge by an acción de tutela (Constitution of Colombia, "
                "art. 86).</p>"
            ),
            (
                "<p>If you consider that a fundamental right was affected, you may go to a judge by an acción de "
                'tutela (Constitution of Colombia, art. 86). <t t-out="object.letter_recourse"/></p>'
            ),
        ),
        (
            (
                "<p>También puede acudir a la Superintendencia de Vigilancia y Seguridad Privada y, si considera "
                "vulnerado un derecho fundamental, a un juez mediante acción de tutela (Constitución Política, art. "
                "86).</p>"
            ),
            (
                "<p>Si considera vulnerado un derecho fundamental, puede acudir a un juez mediante acción de tutela "
                '(Constitución Política, art. 86). <t t-out="object.letter_recourse"/></p>'
            ),
        ),
    ],
    "template_closing_personal_data": [
        (
            (
                "<p>As this procedure with us is exhausted, you may also file a complaint with the Superintendencia "
                "de Industria y Comercio (Ley 1581 de 2012, art. 16).</p>"
            ),
            '<p>This procedure with us is exhausted. <t t-out="object.letter_recourse"/></p>',
        ),
        (
            (
                "<p>Agotado este trámite ante nosotros, usted también puede presentar una queja ante la "
                "Superintendencia de Industria y Comercio (Ley 1581 de 2012, art. 16).</p>"
            ),
            '<p>Este trámite ante nosotros queda agotado. <t t-out="object.letter_recourse"/></p>',
        ),
    ],
}
NAMES = (
    ("Denial: footage with other people’s personal data", "Footage with other people in it: blurred copy"),
    (
        "Negativa por reserva: video con datos personales de terceros",
        "Video en el que aparecen otras personas: copia difuminada",
    ),
)


def migrate(cr, version):
    fill_types(cr)
    rewrite(cr, "mail_template", "body_html", MAILS)
    rewrite(cr, "sig_response_template", "body", TEMPLATES)
    rename_template(cr)
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all()
    follow(env)


def fill_types(cr):
    cr.execute(
        """UPDATE sig_pqrs_type
              SET completion_extension_months = CASE WHEN requirement_allowed AND NOT COALESCE(personal_data, FALSE)
                                                          AND code NOT IN %s
                                                     THEN completion_months ELSE 0 END,
                  recourse_authority = jsonb_build_object('en_US', CASE WHEN personal_data THEN %s ELSE %s END),
                  regulator_notice = (SELECT jsonb_object_agg(code, CASE WHEN code LIKE 'es%%' THEN %s ELSE %s END)
                                        FROM res_lang WHERE active OR code = 'en_US')""",
        [NO_MORE_TIME, RECOURSE["datos_reclamo"], SUPERVIGILANCIA, REGULATOR["es"], REGULATOR["en_US"]],
    )
    for code, authority in RECOURSE.items():
        value = authority and json.dumps({"en_US": authority})
        cr.execute("UPDATE sig_pqrs_type SET recourse_authority = %s::jsonb WHERE code = %s", [value, code])


def rewrite(cr, table, column, changes):
    """Replace sentences, in whatever language, of the records of this addon that still hold them."""
    for xmlid, pairs in changes.items():
        for old, new in pairs:
            old_json, new_json = (json.dumps(text, ensure_ascii=False)[1:-1] for text in (old, new))
            cr.execute(
                f"""UPDATE {table} SET {column} = replace({column}::text, %s, %s)::jsonb
                     WHERE strpos({column}::text, %s) > 0
                       AND id IN (SELECT res_id FROM ir_model_data WHERE module = 'sig_pqrs' AND name = %s)""",  # noqa: S608
                [old_json, new_json, old_json, xmlid],
            )


def rename_template(cr):
    """The refusal of footage becomes a blurred copy, where its text did."""
    for old, new in NAMES:
        cr.execute(
            """UPDATE sig_response_template
                  SET name = replace(name::text, %s, %s)::jsonb, resolution = 'partially_upheld'
                WHERE strpos(name::text, %s) > 0 AND resolution IN ('not_upheld', 'partially_upheld')
                  AND body::text ~ 'copy in which the other people are blurred|las demás personas están difuminadas'
                  AND id IN (SELECT res_id FROM ir_model_data
                              WHERE module = 'sig_pqrs' AND name = 'template_section_reserve')""",
            [old, new, old],
        )


def follow(env):
    """Count again the open cases of which something changes; of answered ones take the notice that is not owed."""
    acts = env["sig.pqrs.act"].search([("kind", "in", ("completion_extension", "incident_flagged"))])
    running = acts.pqrs_id.filtered(lambda case: case.state in ("to_file", "received", "assigned", "approved"))
    running._refresh_terms()
    answered = (acts.pqrs_id - running).filtered(
        lambda case: case.next_duty == "regulator" and not case._is_staff_incident()
    )
    for case in answered:
        duties = [duty for duty in case.term_trace["duties"] if duty[1] != "regulator"]
        case.term_trace = {**case.term_trace, "duties": duties}
    answered._end_duties()
    (running | answered).filtered(lambda case: not case._get_duty_date("regulator")).activity_unlink(
        ["sig_pqrs.activity_regulator"]
    )
