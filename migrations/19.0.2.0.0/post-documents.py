"""What 19.0.1.4.0 knew of documents: a usage that is gone, and titles in other languages of the versions in force."""


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_document document
              SET usage = NULL,
                  active = EXISTS (SELECT FROM sig_document_revision WHERE document_id = document.id) AND active
            WHERE usage = 'client_sheet'"""
    )
    cr.execute(
        """UPDATE sig_document_revision revision SET name = document.name
             FROM sig_document document
            WHERE document.id = document_id AND revision.state = 'issued'
              AND revision.name ->> 'en_US' IN (SELECT value FROM jsonb_each_text(document.name))"""
    )
