"""Versions of documents have states: all that there are were issued, and the last one of each document is in force."""

from odoo.tools import sql


def migrate(cr, version):
    if sql.column_exists(cr, "sig_document_revision", "state"):
        return
    cr.execute("ALTER TABLE sig_document_revision ADD COLUMN state varchar")
    cr.execute(
        """
        UPDATE sig_document_revision revision
           SET state = CASE WHEN last.id = revision.id THEN 'issued' ELSE 'replaced' END,
               name = COALESCE(revision.name, document.name ->> 'es_CO', document.name ->> 'en_US'),
               code = COALESCE(revision.code, document.code)
          FROM (SELECT DISTINCT ON (document_id) document_id, id
                  FROM sig_document_revision
              ORDER BY document_id, date DESC, id DESC) last
          JOIN sig_document document ON document.id = last.document_id
         WHERE last.document_id = revision.document_id
        """
    )
