from . import process_led, res_company
from . import improvement_mixin
from . import indicator, indicator_measure
from . import indicator_cases, indicator_plans, indicator_surveys
from . import indicator_judgement
from . import indicator_watch
from . import indicator_behaviour, indicator_latest, indicator_register
from . import indicator_correction
from . import finding, action_plan, action_plan_line
from . import action_plan_steps
from . import finding_rules
from . import improvement_my_day
from . import case_register, workbook
