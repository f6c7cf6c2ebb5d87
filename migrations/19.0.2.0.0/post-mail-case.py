"""Mails lead to the case by the button of their frame, the answer stands in its mail, and invitations lead to HERA."""

import json
import re

OWN_BUTTON = re.compile(r'<p><a t-att-href="object\._get_(?:tracking|hera)_url\(\)"[^>]*>[^<]*</a></p>\n?')

RECEIVED_ON = (
    ' <strong t-out="object.name"/>, {received} <t t-out="format_date(object._get_received_on(), '
    "date_format='long')\"/>.{letter}</p>"
)
TEXT = (
    '\n<div style="border-left-width: 3px; border-left-style: solid; border-left-color: #0B5D66; padding-left: 12px;" '
    "t-out=\"object.env['sig.letter']._get_text(object)\"/>"
)
CHANGES = [
    (
        "<p>There you also download the receipt as PDF and write to us. The link and",
        (
            "<p>With the button below you see how it is going, download the receipt as PDF and write to us. The button "
            "and"
        ),
    ),
    (
        "<p>Allí también puede descargar la constancia en PDF y escribirnos. El enlace y",
        "<p>Con el botón de abajo puede ver cómo va, descargar la constancia en PDF y escribirnos. El botón y",
    ),
    (
        "<p>Attached you will find our answer to your request" + RECEIVED_ON.format(received="received on", letter=""),
        "<p>This is our answer to your request"
        + RECEIVED_ON.format(received="received on", letter=" The letter is attached.")
        + TEXT,
    ),
    (
        "<p>Adjuntamos la respuesta a su solicitud" + RECEIVED_ON.format(received="recibida el", letter=""),
        "<p>Esta es nuestra respuesta a su solicitud"
        + RECEIVED_ON.format(received="recibida el", letter=" Adjuntamos la carta.")
        + TEXT,
    ),
    (
        '"object.partner_id._get_signup_url()"',
        "\"object.partner_id._get_signup_url() + '&amp;redirect=/my/pqrs'\"",
    ),
]
TEMPLATES = ("mail_acknowledgement", "mail_published", "mail_response", "mail_hera_invitation")


def migrate(cr, version):
    """Replace the sentences, in whatever language, where nobody wrote other ones."""
    cr.execute(
        """SELECT id, body_html FROM mail_template WHERE body_html IS NOT NULL AND id IN (
                  SELECT res_id FROM ir_model_data WHERE module = 'sig_pqrs' AND name IN %s)""",
        [TEMPLATES],
    )
    for template_id, bodies in cr.fetchall():
        new = {lang: change(body) for lang, body in bodies.items()}
        if new != bodies:
            cr.execute("UPDATE mail_template SET body_html = %s WHERE id = %s", [json.dumps(new), template_id])


def change(body):
    for old, new in CHANGES:
        body = body.replace(old, new)
    return OWN_BUTTON.sub("", body)
