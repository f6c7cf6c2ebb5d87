from . import document, document_revision
