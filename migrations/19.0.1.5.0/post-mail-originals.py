"""Originals of mails go to their own cases.

When a mail server refused a mail for the time being, its original was kept with the next mail of its batch, on the case
of somebody else, as if it had left. The Message-Id says of which case it is. Those that were tried again and left have
another original.
"""

import logging
import re

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.models.privacy.anonymizer import PERSONAL

_logger = logging.getLogger(__name__)

_RECORD = re.compile(r"-openerp-(\d+)-(sig\.pqrs(?:\.identity)?)@")

TEXTS = {
    "es": {
        "from": "Aquí estaba por error el original de un correo de otro caso (%s). Ya está en el suyo. Si entregó"
        " paquetes de evidencia o copias de datos personales de este caso, revise si lo llevan.",
        "to": "El original de un correo de este caso, que el servidor no aceptó en ese intento (%s), estaba por error"
        " en otro. Ya está aquí.",
    },
    "en": {
        "from": "The original of a mail of another case (%s) was kept here by mistake. It is on its own now. If you"
        " handed over packs or copies of personal data of this case, see whether they hold it.",
        "to": "The original of a mail of this case, which the server did not take at that attempt (%s), was kept on"
        " another by mistake. It is here now.",
    },
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    mails = env["sig.pqrs.mail"].search([("direction", "=", "out"), ("message_ident", "!=", False)], order="id")
    owners = get_owners(env, mails)
    for mail in mails.filtered(lambda mail: owners[mail] and owners[mail] != mail.pqrs_id):
        move(mail, owners[mail])


def get_owners(env, mails):
    """``{mail: case}``, empty of those of which nothing says it."""
    cr = env.cr
    cr.execute(
        """SELECT mail.id, message.model, message.res_id
             FROM sig_pqrs_mail AS mail JOIN mail_message AS message ON message.message_id = mail.message_ident
            WHERE mail.id = ANY(%s) AND message.message_type != 'email'
              AND message.model IN ('sig.pqrs', 'sig.pqrs.identity')""",
        [mails.ids],
    )
    records = {id_: (model, record_id) for id_, model, record_id in cr.fetchall()}
    cr.execute("SELECT id, pqrs_id FROM sig_pqrs_identity")
    identities = dict(cr.fetchall())
    case_ids = {}
    for mail in mails:
        match = _RECORD.search(mail.message_ident)
        model, id_ = records.get(mail.id) or (match and (match[2], int(match[1]))) or (None, None)
        case_ids[mail] = identities.get(id_) if model == "sig.pqrs.identity" else id_
    known = set(env["sig.pqrs"].browse({id_ for id_ in case_ids.values() if id_}).exists()._ids)
    return {mail: env["sig.pqrs"].browse(id_ if id_ in known else ()) for mail, id_ in case_ids.items()}


def move(mail, owner):
    wrong, texts = mail.pqrs_id, TEXTS["es" if (mail.company_id._sig_lang() or "es").startswith("es") else "en"]
    _logger.warning("The original of mail %s was on PQRS %s and goes to %s", mail.id, wrong.name, owner.name)
    mail.write({"pqrs_id": owner.id, "company_id": owner.company_id.id, "state": "refused"})
    if owner.anonymized_on:
        mail.raw = False
        mail.write(PERSONAL["sig.pqrs.mail"])
    if wrong:
        wrong._message_log(body=texts["from"] % mail.date)
    owner._get_private_record()._message_log(body=texts["to"] % mail.date)
