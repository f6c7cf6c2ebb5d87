from . import answer_part, deadline_mixin, people, petitioner_mixin, readers_mixin, roles_memory, transition_mixin
from . import kept_messages
from . import (
    act,
    assignment,
    assignment_approver,
    assignment_readers,
    process,
    process_absence,
    process_merge,
    handover,
    pqrs_reason,
    pqrs_type,
    request,
    response_template,
)
from . import pqrs, pqrs_contact, pqrs_number, pqrs_private, pqrs_readers, pqrs_restricted, pqrs_term, pqrs_transition
from . import pqrs_delivery, pqrs_legal, pqrs_letter, pqrs_rating, pqrs_watch
from . import pqrs_digest
from . import pqrs_notice, pqrs_notification
from . import pqrs_identity, pqrs_reserve, pqrs_identity_check
from . import pqrs_import
from . import pqrs_triage, pqrs_my_day
from . import pqrs_message, pqrs_silence, commitment
from . import pqrs_linked
from . import pqrs_transfer
from . import pqrs_file, pqrs_evidence
from . import act_check, act_witness
from . import kept_files, pqrs_kept
