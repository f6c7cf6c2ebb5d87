import json

#: a term that is longer while it does not run has no date to tell
CHANGES = [
    (
        '<p>The date by which we will answer your request <strong t-out="object.name"/> has changed.</p>',
        (
            '<p t-if="object.date_deadline">The date by which we will answer your request '
            '<strong t-out="object.name"/> has changed.</p>\n'
            '<p t-else="">There are more days to answer your request <strong t-out="object.name"/>. They do not run '
            "until we have all that we asked you for.</p>"
        ),
    ),
    (
        '<p>La fecha en que responderemos su solicitud <strong t-out="object.name"/> cambió.</p>',
        (
            '<p t-if="object.date_deadline">La fecha en que responderemos su solicitud '
            '<strong t-out="object.name"/> cambió.</p>\n'
            '<p t-else="">Hay más días para responder su solicitud <strong t-out="object.name"/>. No corren hasta que '
            "tengamos todo lo que le pedimos.</p>"
        ),
    ),
]


def migrate(cr, version):
    """Replace the sentence, in whatever language, where nobody wrote another one."""
    for change in CHANGES:
        old, new = (json.dumps(text, ensure_ascii=False)[1:-1] for text in change)
        cr.execute(
            """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
                WHERE strpos(body_html::text, %s) > 0
                  AND id IN (SELECT res_id FROM ir_model_data WHERE module = 'sig_pqrs' AND name = 'mail_new_date')""",
            [old, new, old],
        )
