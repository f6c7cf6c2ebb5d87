from . import audit_access
from . import document, document_revision
from . import evidence_pack
from . import pqrs_procedure
