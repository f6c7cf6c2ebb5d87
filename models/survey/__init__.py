from . import dimension, survey, question, questionnaire_readers
from . import wave, recipient, user_input
from . import survey_format
from . import recipient_apply, recipient_mail, recipient_queue, recipient_reminder, recipient_steps
from . import wave_launch, wave_progress, wave_proposal, wave_watch, pqrs_survey_day
from . import company_survey, partner_survey, wave_respondents
from . import wave_answers, wave_results, wave_publication, wave_freeze
from . import wave_semester
from . import wave_comments, wave_page, wave_workbook, analysis, delivery, wave_delivery
