"""Versions of documents have states: all that there are were issued, and the last one of each document is in force.

Formats print their version, which has the positions of its document where it has none. Who made a shared document with
the code of a new one keeps theirs in its place.
"""

from odoo.tools import sql

#: ``{code: (external id, usage)}`` of the documents that come with this version
NEW = {
    "FOR-SIG-PQRS-11": ("document_transfer", "transfer"),
    "FOR-SIG-PQRS-12": ("document_register", "register"),
}


def migrate(cr, version):
    for code, (name, usage) in NEW.items():
        cr.execute(
            """
            INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
                 SELECT 'sig_pqrs', %s, 'sig.document', id, true
                   FROM sig_document
                  WHERE code = %s AND company_id IS NULL
            ON CONFLICT (module, name) DO NOTHING
            """,
            [name, code],
        )
        if cr.rowcount:
            cr.execute(
                "UPDATE sig_document SET usage = %s WHERE code = %s AND company_id IS NULL AND usage IS NULL",
                [usage, code],
            )
    if sql.column_exists(cr, "sig_document_revision", "state"):
        return
    cr.execute("ALTER TABLE sig_document_revision ADD COLUMN state varchar")
    cr.execute(
        """
        UPDATE sig_document_revision revision
           SET state = CASE WHEN last.id = revision.id THEN 'issued' ELSE 'replaced' END,
               name = COALESCE(revision.name, document.name ->> 'es_CO', document.name ->> 'en_US'),
               code = COALESCE(revision.code, document.code),
               prepared_by = CASE WHEN last.id = revision.id
                                  THEN COALESCE(revision.prepared_by, document.prepared_by)
                                  ELSE revision.prepared_by END,
               reviewed_by = CASE WHEN last.id = revision.id
                                  THEN COALESCE(revision.reviewed_by, document.reviewed_by)
                                  ELSE revision.reviewed_by END,
               approved_by = CASE WHEN last.id = revision.id
                                  THEN COALESCE(revision.approved_by, document.approved_by)
                                  ELSE revision.approved_by END
          FROM (SELECT DISTINCT ON (document_id) document_id, id
                  FROM sig_document_revision
              ORDER BY document_id, date DESC, id DESC) last
          JOIN sig_document document ON document.id = last.document_id
         WHERE last.document_id = revision.document_id
        """
    )
