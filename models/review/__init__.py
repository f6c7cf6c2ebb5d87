from . import management_review
from . import management_section
from . import section_page
from . import input_acts, input_pqrs, input_indicators, input_satisfaction, input_improvement
from . import management_decision
from . import review_freeze
from . import report_mailing
