"""Files of other records that records of ours link are copied where they count, and pictures in answers that have not
left. Files that acts bind keep their ids: the copy is of what no act binds yet.
"""

import hashlib
import json
import logging
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import SQL, html_sanitize

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for model in env.registry.values():
        if getattr(model, "_sig_keeps_files", False) and not model._abstract:
            for field in model._fields.values():
                if field.type == "many2many" and field.store and field.comodel_name == "ir.attachment":
                    _own_linked(env[model._name], field)
    _own_files_of_messages(env)
    _own_pictures(env)
    # The template of the transfer is not loaded again. Who reads it may not read all the proofs.
    cr.execute(
        """UPDATE mail_template
              SET body_html = replace(body_html::text, 'transfer_proof_ids', 'transfer_file_ids')::jsonb
            WHERE body_html::text LIKE '%transfer_proof_ids%' AND model = 'sig.pqrs'"""
    )


def _own_linked(records, field):
    found = records.env.execute_query(
        SQL(
            """SELECT DISTINCT link.%(record)s FROM %(relation)s link JOIN ir_attachment file ON file.id = link.%(file)s
                WHERE (file.res_model, file.res_id) IS DISTINCT FROM (%(model)s, link.%(record)s) ORDER BY 1""",
            record=SQL.identifier(field.column1),
            relation=SQL.identifier(field.relation),
            file=SQL.identifier(field.column2),
            model=records._name,
        )
    )
    _each(records.browse(id_ for (id_,) in found), lambda record: record._own_files([field.name]))


def _own_files_of_messages(env):
    models = [name for name, model in env.registry.items() if getattr(model, "_sig_keeps_messages", False)]
    found = env.execute_query(
        SQL(
            """SELECT DISTINCT message.id
                 FROM mail_message message
                 JOIN message_attachment_rel link ON link.message_id = message.id
                 JOIN ir_attachment file ON file.id = link.attachment_id
                WHERE message.model IN %s AND message.res_id != 0
                  AND (file.res_model, file.res_id) IS DISTINCT FROM (message.model, message.res_id) ORDER BY 1""",
            tuple(models),
        )
    )
    _each(env["mail.message"].browse(id_ for (id_,) in found), lambda message: message._sig_own_files())


def _own_pictures(env):
    """Of answers that have not left. An approval that held still holds: the picture is the same, and its digest covers
    it from now on; of answers of the last year too, which may come back.
    """
    running = [("state", "in", ("received", "assigned", "approved")), ("delivery_state", "in", ("none", "failed"))]
    cases = env["sig.pqrs"].search(running)
    recent = cases | cases.search([("date_answered", ">", datetime.now() - timedelta(days=365))])
    held = {draft: _digest_draft(draft) == draft.response_digest for draft in recent.assignment_ids}
    reviewed = {case: _digest_answer(case) == case.legal_digest for case in recent if case.legal_digest}
    for records in (cases.assignment_ids, cases):
        # whoever wrote the text has shown what they may read
        _each(records, lambda record: record.with_user(record.write_uid)._own_files(record._picture_fields))
    for draft, holds in held.items():
        if holds and draft.state == "approved":
            draft._store_digests()
    for case, holds in reviewed.items():
        if holds:
            case.legal_digest = env["sig.legal.review"]._compute_digest(case)


def _each(records, own):
    """One apart from the other: a file whose content is lost, or that is a link, holds up none."""
    for record in records:
        try:
            with record.env.cr.savepoint():
                own(record)
        except UserError as error:
            _logger.warning("Files of %s stay where they are: %s", record, error)


def _digest_draft(draft):
    """What was approved until version 19.0.1.4.0: without pictures, and files by their SHA-1."""
    lines = [
        html_sanitize(draft.response or ""),
        *(f"{name}\x00{sha1}" for name, sha1 in sorted((f.name, f.checksum or "") for f in draft.attachment_ids)),
        *(
            f"{request.id}\x00{request.name}\x00{request.answer or ''}\x00{request.resolution or ''}"
            for request in draft.request_ids.sorted("id")
        ),
        *(f"{promise.name}\x00{promise.date_due}" for promise in draft._get_drafted_promises()),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _digest_answer(case):
    content = [
        str(case.response_opening or ""),
        [[section.id, _digest_draft(section)] for section in case._get_approved_sections()],
        case.request_ids.sorted().ids,
        str(case.response_closing or ""),
    ]
    promised = case.env["sig.pqrs.commitment"]._get_promised(case)
    if own := promised.filtered(lambda commitment: not commitment.assignment_id):
        content.append([[commitment.name, str(commitment.date_due)] for commitment in own])
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
