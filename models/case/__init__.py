from . import answer_part, deadline_mixin, files_mixin, people, petitioner_mixin, readers_mixin
from . import transition_mixin
from . import (
    act,
    assignment,
    assignment_steps,
    assignment_approval,
    assignment_approver,
    assignment_files,
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
from . import pqrs, pqrs_editing, pqrs_filing
from . import pqrs_contact, pqrs_number, pqrs_private, pqrs_readers, pqrs_restricted
from . import pqrs_term, pqrs_term_change, pqrs_term_explanation
from . import pqrs_transition, pqrs_assign, pqrs_term_steps, pqrs_ending
from . import pqrs_delivery, pqrs_delivery_review, pqrs_legal, pqrs_letter, pqrs_requests, pqrs_rating, pqrs_watch
from . import pqrs_digest
from . import pqrs_notice, pqrs_notification
from . import reserved_text, pqrs_identity, pqrs_reserve, pqrs_reserve_past, pqrs_reserve_talk, pqrs_identity_check
from . import pqrs_import
from . import pqrs_assessment, pqrs_triage, pqrs_my_day
from . import pqrs_message, pqrs_silence, commitment
from . import pqrs_linked
from . import pqrs_transfer
from . import pqrs_file, pqrs_evidence
from . import act_check, act_head_export
from . import kept_files, pqrs_kept
