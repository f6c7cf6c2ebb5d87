from . import (
    explained_mixin,
    step_dialog,
    absence_wizard,
    calendar_wizard,
    handover_wizard,
    process_merge_wizard,
    pqrs_assign_wizard,
    pqrs_send_wizard,
    pqrs_step_wizard,
)
from . import response_template_wizard
from . import pqrs_import_wizard
from . import pqrs_triage_wizard
from . import client_sheet
from . import pqrs_notify_wizard
from . import survey_step_wizard
from . import survey_send_wizard
from . import improvement_wizard, indicator_month_wizard
from . import document_version_wizard
from . import mail_compose_message, management_decision_wizard
from . import leave_out_wizard
from . import person_wizard, portal_share
