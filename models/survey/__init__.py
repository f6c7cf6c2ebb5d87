from . import dimension, survey, question
from . import wave, recipient, user_input
from . import recipient_queue, wave_launch
from . import partner_survey
from . import wave_results, wave_publication, wave_freeze
from . import wave_comments, wave_page, wave_workbook, analysis, delivery
