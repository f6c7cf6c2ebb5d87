"""Notices become communications: the attempts to deliver an answer, forwardings and every mail to a petitioner too."""

from odoo.addons.sig_pqrs.model_rename import rename_model

#: what external ids said, and say
WORDS = (
    ("rule_notice_", "rule_communication_"),
    ("access_notice_", "access_communication_"),
    ("notice_view_", "communication_view_"),
)
#: what saved filters and templates of exports say of cases, and how it is said now
FIELDS = (
    ("notice_ids", "communication_ids"),
    ("delivery_reference", "delivery_id.reference"),
    ("delivery_received_by", "delivery_id.received_by"),
    ("delivery_proof_ids", "delivery_id.proof_ids"),
    ("response_mail_id", "delivery_id.mail_id"),
)
# ruff: noqa: S608  # what is put in is written here
COLUMNS = """pqrs_id, company_id, purpose, state, medium, date_recorded, date, date_due, reference, received_by,
             failure, mail_id, act_number, create_uid, write_uid, create_date, write_date"""
STAMP = "0, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'"


def migrate(cr, version):
    rename(cr)
    add_answers(cr)
    add_forwardings(cr)
    add_mails(cr)
    void_erased(cr)
    rename_in_filters(cr)
    cr.execute(
        """UPDATE sig_pqrs_communication SET subject = message.subject
             FROM mail_mail mail JOIN mail_message message ON message.id = mail.mail_message_id
            WHERE mail.id = sig_pqrs_communication.mail_id"""
    )


def rename(cr):
    rename_model(cr, "sig.pqrs.notice", "sig.pqrs.communication", WORDS)
    cr.execute("ALTER TABLE sig_pqrs_communication RENAME COLUMN text TO body")
    cr.execute("ALTER TABLE sig_pqrs_communication ALTER COLUMN date_due DROP NOT NULL")
    cr.execute("UPDATE ir_model_fields SET name = 'body' WHERE model = 'sig.pqrs.communication' AND name = 'text'")
    cr.execute(
        """UPDATE ir_model_data SET name = 'field_sig_pqrs_communication__body'
            WHERE module = 'sig_pqrs' AND name = 'field_sig_pqrs_communication__text'"""
    )
    cr.execute("ALTER TABLE sig_pqrs_notice_proof_rel RENAME TO sig_pqrs_communication_proof_rel")
    cr.execute(
        "ALTER TABLE sig_pqrs_communication_proof_rel RENAME COLUMN sig_pqrs_notice_id TO sig_pqrs_communication_id"
    )
    cr.execute(
        """UPDATE ir_model_relation SET name = 'sig_pqrs_communication_proof_rel'
            WHERE name = 'sig_pqrs_notice_proof_rel'"""
    )
    cr.execute("UPDATE sig_pqrs_communication SET state = 'draft' WHERE state = 'pending'")
    # A letter fails when the post returns it.
    cr.execute("UPDATE sig_pqrs_communication SET state = 'returned' WHERE state = 'failed' AND medium = 'letter'")


def add_answers(cr):
    """The last attempt to deliver each answer, with its proof; what failed and ended otherwise is not owed."""
    cr.execute("ALTER TABLE sig_pqrs ADD COLUMN delivery_id int4")
    cr.execute("ALTER TABLE sig_pqrs_communication ADD COLUMN letter_id int4, ADD COLUMN subject varchar")
    cr.execute(
        f"""INSERT INTO sig_pqrs_communication ({COLUMNS})
            SELECT id, company_id, 'response',
                   CASE WHEN delivery_state = 'handed' THEN 'delivered'
                        WHEN delivery_state IN ('sent', 'published') THEN 'sent'
                        WHEN delivery_state = 'failed' AND delivery_medium = 'letter' THEN 'returned'
                        WHEN delivery_state = 'failed' THEN 'failed'
                        WHEN delivery_medium IN ('email', 'portal', 'publication') THEN 'queued'
                        ELSE 'draft' END,
                   delivery_medium, COALESCE(date_answered, write_date, date_received), date_answered,
                   CASE WHEN delivery_state != 'failed' OR state = 'approved'
                        THEN COALESCE(date_deadline, date_received::date) END,
                   delivery_reference, delivery_received_by, delivery_failure, response_mail_id, {STAMP}
              FROM sig_pqrs WHERE delivery_state != 'none' ORDER BY id"""
    )
    cr.execute(
        """UPDATE sig_pqrs SET delivery_id = answer.id
             FROM sig_pqrs_communication answer
            WHERE answer.pqrs_id = sig_pqrs.id AND answer.purpose = 'response'"""
    )
    cr.execute(
        """UPDATE sig_pqrs_communication SET letter_id = sig_pqrs.letter_id
             FROM sig_pqrs WHERE sig_pqrs.delivery_id = sig_pqrs_communication.id"""
    )
    move_proofs(cr, "sig_pqrs_delivery_proof_rel", "response")


def add_forwardings(cr):
    """What was sent to who is competent; without its proof it is owed."""
    cr.execute(
        f"""INSERT INTO sig_pqrs_communication ({COLUMNS})
            SELECT id, company_id, 'forwarding', CASE WHEN transfer_proved THEN 'delivered' ELSE 'draft' END, 'letter',
                   transferred_on, CASE WHEN transfer_proved THEN transferred_on END, transferred_on::date,
                   transfer_reference, transfer_received_by, NULL, NULL, {STAMP}
              FROM sig_pqrs WHERE outcome = 'transferred' AND transferred_on IS NOT NULL ORDER BY id"""
    )
    move_proofs(cr, "sig_pqrs_transfer_proof_rel", "forwarding")


def move_proofs(cr, relation, purpose):
    cr.execute(
        f"""INSERT INTO sig_pqrs_communication_proof_rel (sig_pqrs_communication_id, ir_attachment_id)
            SELECT communication.id, rel.ir_attachment_id
              FROM {relation} rel
              JOIN sig_pqrs_communication communication
                ON communication.pqrs_id = rel.sig_pqrs_id AND communication.purpose = %s""",
        [purpose],
    )


def add_mails(cr):
    """The other mails to petitioners: nobody owes another attempt of what failed before.

    If a mail that waits fails, it is owed, but for an answer that another attempt followed.
    """
    cr.execute(
        f"""INSERT INTO sig_pqrs_communication ({COLUMNS})
            SELECT pqrs.id, pqrs.company_id, mail.sig_purpose,
                   CASE mail.state WHEN 'outgoing' THEN 'queued' WHEN 'exception' THEN 'failed'
                                   WHEN 'cancel' THEN 'void' ELSE 'sent' END,
                   'email', COALESCE(message.date, mail.create_date),
                   CASE WHEN mail.state IN ('sent', 'received') THEN COALESCE(mail.write_date, message.date) END,
                   CASE WHEN mail.state = 'outgoing' AND mail.sig_purpose IN ('acknowledgement', 'published')
                        THEN mail.create_date::date END,
                   NULL, NULL, mail.failure_reason, mail.id, {STAMP}
              FROM mail_mail mail
              JOIN mail_message message ON message.id = mail.mail_message_id
         LEFT JOIN sig_pqrs_identity identity
                ON message.model = 'sig.pqrs.identity' AND identity.id = message.res_id
              JOIN sig_pqrs pqrs
                ON pqrs.id = COALESCE(identity.pqrs_id, CASE WHEN message.model = 'sig.pqrs' THEN message.res_id END)
             WHERE mail.sig_purpose IN ('acknowledgement', 'response', 'published', 'rating')
               AND NOT EXISTS (SELECT 1 FROM sig_pqrs_communication known WHERE known.mail_id = mail.id)
             ORDER BY mail.id"""
    )


def void_erased(cr):
    """Nobody can be told anything of a case whose personal data were erased."""
    cr.execute(
        """UPDATE sig_pqrs_communication SET state = 'void'
             FROM sig_pqrs
            WHERE sig_pqrs.id = pqrs_id AND anonymized_on IS NOT NULL AND purpose != 'response'
              AND (sig_pqrs_communication.state IN ('draft', 'queued')
                   OR sig_pqrs_communication.state IN ('failed', 'returned') AND date_due IS NOT NULL)"""
    )


def rename_in_filters(cr):
    for old, new in FIELDS:
        cr.execute(
            """UPDATE ir_filters SET domain = replace(domain, %(old)s, %(new)s), sort = replace(sort, %(old)s, %(new)s),
                      context = replace(context, %(old)s, %(new)s)
                WHERE model_id = 'sig.pqrs' AND concat(domain, sort, context) LIKE %(has)s""",
            {"old": old, "new": new, "has": f"%{old}%"},
        )
        cr.execute(
            """UPDATE ir_exports_line line SET name = replace(line.name, %(old)s, %(new)s)
                 FROM ir_exports export
                WHERE export.id = line.export_id AND export.resource = 'sig.pqrs' AND line.name LIKE %(has)s""",
            {"old": old, "new": new.replace(".", "/"), "has": f"{old}%"},
        )
