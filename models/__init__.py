"""Models are extended in the order of these lines: a room that overrides a hook comes after the one that has it."""

from .core import base, ir_cron, ir_rule, mail_activity, mail_mail, mail_scheduled_message
from .core import ir_mail_server, rating_rating, res_users, ir_actions_report, ir_attachment, ir_model_fields
from . import charts
from .mixin import output_mixin, record_mixin, shared_mixin, answer_part, deadline_mixin, files_mixin
from .mixin import petitioner_mixin, thread_mixin, transition_mixin, activity_mixin
from .company import res_company, res_config_settings, company_mailbox, company_switch, setup
from .survey import dimension, survey, question, questionnaire_readers, user_input, company_survey
from .survey import partner_survey, partner_merge
from .case import pqrs_reason, pqrs_type, pqrs, case_panel, intake_panel, pqrs_filing, pqrs_contact
from .case import ir_sequence, case_number, pqrs_triage
from .document import document
from .answer import assignment, assignment_steps, assignment_brief, assignment_digest, assignment_approver
from .answer import request, response_template, letter, pqrs_rating
from .people import staff_notice, res_partner, assignment_readers, process, process_absence, handover
from .people import pqrs_readers, reserved_text, pqrs_identity, res_groups
from .channel import pqrs_import, mail_petition, pqrs_mail, mail_routing, pqrs_mail_route, submission, upload
from .channel import website, pqrs_intake, hera_login, hera_user, intake_api
from .wave import wave, recipient, recipient_apply, recipient_mail, wave_launch, wave_proposal
from .result import results_delivery, wave_results, wave_publication, wave_comments, wave_page, wave_workbook
from .result import analysis
from .privacy import privacy_notice, privacy_consent, survey_retention, anonymizer, anonymization_run
from .privacy import anonymization_line, person_data, person_export
from .proof import act, case_file, act_check, protected_files, audit_access, evidence_pack
from .indicator import indicator, indicator_measure, indicator_cases, data_quality, indicator_surveys
from .indicator import indicator_judgement
from .indicator import indicator_latest, indicator_correction, case_register, workbook, public_figures
from .review import management_review, management_section, input_acts, input_pqrs, input_indicators
from .review import input_satisfaction, input_improvement, second_reading, management_decision
from .term import calendar_api, nonworking_day, pqrs_term, type_term, term_change, term_explanation
from .watch import daily_review, pqrs_watch, digest, my_day, workload, health
from .improvement import finding, action_plan, improvement_my_day
from .communication import communication, returned, client_notice, pqrs_communication, receipt
from .case import pqrs_ending, pqrs_linked
from .term import pqrs_term_steps
from .privacy import pqrs_privacy
from .communication import pqrs_delivery
from .answer import legal_review, legal_review_steps
from .people import pqrs_reserve
from .communication import incoming, client_view, client_steps, whatsapp, whatsapp_chat
from .term import silence
from .answer import commitment
from .case import case_alarm, pqrs_assessment
from .answer import answer, reopening, common_answer
from .proof import act_head_export, case_binding
from .core import mail_message, mail_template, mail_followers
from .channel import tracking, rate_limit, pqrs_channel
from .wave import wave_watch
from .indicator import qvo_register
from .improvement import action_plan_line, finding_rules
from .review import report_mailing
from .privacy import pqrs_retention
from .knowledge import synonym, case_words, similar, faq
from .knowledge import reason_guess
