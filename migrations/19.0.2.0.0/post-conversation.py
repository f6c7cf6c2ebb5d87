"""What petitioners and the SIG wrote to each other is among the communications.

Messages stay where they are, as acts bind them: each communication refers to its own.
"""

from odoo import SUPERUSER_ID, api, tools
from odoo.tools import split_every

BATCH = 1000
PURPOSES = {"client_message": "late", "information_delivered": "information"}

#: what saved filters say of cases whose petitioner wrote after the closing, and how it is said now
FILTERS = (
    (
        "('client_message_pending', '=', True)",
        "('communication_ids', 'any', [('state', '=', 'received'), ('purpose', '=', 'late')])",
    ),
    (
        '("client_message_pending", "=", True)',
        '("communication_ids", "any", [("state", "=", "received"), ("purpose", "=", "late")])',
    ),
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    by_petitioner, to_petitioner = env.ref("sig_pqrs.mt_from_client"), env.ref("sig_pqrs.mt_to_client")
    cr.execute(
        """SELECT message.id, COALESCE(identity.pqrs_id, message.res_id)
             FROM mail_message message
        LEFT JOIN sig_pqrs_identity identity
               ON message.model = 'sig.pqrs.identity' AND identity.id = message.res_id
            WHERE message.model IN ('sig.pqrs', 'sig.pqrs.identity') AND message.subtype_id IN %s
              AND message.message_type != 'user_notification'
         ORDER BY message.date, message.id""",
        [(by_petitioner.id, to_petitioner.id)],
    )
    rows = cr.fetchall()
    acts, waiting = get_acts(cr), get_waiting(cr)
    for batch in split_every(BATCH, rows):
        add(env, dict(batch), by_petitioner, acts, waiting)
        env.invalidate_all()
    restrict(env)
    for old, new in FILTERS:
        cr.execute(
            "UPDATE ir_filters SET domain = replace(domain, %s, %s) WHERE model_id = 'sig.pqrs'",
            [old, new],
        )


def get_acts(cr):
    """``{id of a message: (kind, date)}`` of the acts of messages."""
    cr.execute(
        """SELECT (data->>'message')::int, kind, date FROM sig_pqrs_act
            WHERE kind IN ('client_message', 'information_delivered') AND data ? 'message' ORDER BY id DESC"""
    )
    return {message_id: (kind, date) for message_id, kind, date in cr.fetchall()}


def get_waiting(cr):
    """Ids of the messages that wait for the SIG: those since the first one, of which there is an act."""
    cr.execute(
        """SELECT (act.data->>'message')::int
             FROM sig_pqrs_act act JOIN sig_pqrs pqrs ON pqrs.id = act.pqrs_id
            WHERE act.kind IN ('client_message', 'information_delivered')
              AND (act.data->>'message')::int >= pqrs.client_message_id"""
    )
    return {message_id for (message_id,) in cr.fetchall()}


def add(env, cases, by_petitioner, acts, waiting):
    """
    :param dict cases: ``{id of a message: id of its case}``.
    """
    Communication = env["sig.pqrs.communication"]
    messages = env["mail.message"].browse(cases)
    told = Communication.search([("pqrs_id", "in", list(cases.values())), ("purpose", "=", "message")], order="id")
    known = {}
    for communication in told.filtered(lambda each: not each.message_id):
        known.setdefault((communication.pqrs_id.id, squeeze(communication.body)), []).append(communication)
    vals_list = []
    for message in messages:
        case = env["sig.pqrs"].browse(cases[message.id])
        text = tools.html2plaintext(message.body or "").strip()
        is_theirs = message.subtype_id == by_petitioner
        if not is_theirs and (same := known.get((case.id, squeeze(text)))):
            same.pop(0).message_id = message
            continue
        vals = {"pqrs_id": case.id, "message_id": message.id, "body": text, "date_recorded": message.date}
        if is_theirs:
            kind, date = acts.get(message.id, (None, message.date))
            online = "portal" if message.author_id.user_ids else "web"
            vals.update(
                direction="in",
                purpose=PURPOSES.get(kind, "message"),
                state="received" if message.id in waiting else "attended",
                author="petitioner",
                email_from=not case.anonymous and (message.author_id.name or message.email_from),
                medium="email" if message.message_type == "email" else online,
                date=date,
            )
        else:
            medium = "publication" if case.anonymous else "portal"
            vals.update(purpose="message", state="sent", medium=medium, date=message.date)
        vals_list.append(vals)
    Communication.create(vals_list)
    env.flush_all()
    # The files stay of the case or of its identity, where acts bind them.
    env.cr.execute(
        """INSERT INTO sig_pqrs_communication_attachment_rel (sig_pqrs_communication_id, ir_attachment_id)
           SELECT communication.id, rel.attachment_id
             FROM sig_pqrs_communication communication
             JOIN message_attachment_rel rel ON rel.message_id = communication.message_id
            WHERE communication.message_id = ANY(%s)
      ON CONFLICT DO NOTHING""",
        [messages.ids],
    )


def squeeze(text):
    return " ".join((text or "").split())


def restrict(env):
    """Under reserve, communications are read by the SIG alone: their rules are not updated by themselves."""
    for name, old, new in (
        ("collaborator", "('is_worked_on', '=', True)", "('identity_reserved', '=', False)"),
        ("top_management", "'|'", "('pqrs_id.identity_reserved', '=', False)"),
        ("auditor", "('pqrs_id.restricted', '=', False)", "('pqrs_id.identity_reserved', '=', False)"),
    ):
        rule = env.ref(f"sig_pqrs.rule_communication_{name}", raise_if_not_found=False)
        if rule and new not in rule.domain_force:
            rule.domain_force = rule.domain_force.replace(old, f"{new}, {old}", 1)
