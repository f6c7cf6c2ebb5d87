from . import test_act_chain
from . import test_business_days
from . import test_calendar
from . import test_case_flow
from . import test_i18n
from . import test_legal_term
from . import test_security
from . import test_transition_table
