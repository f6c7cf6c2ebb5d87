from . import process_led, res_company
from . import indicator, indicator_measure
from . import indicator_cases
from . import indicator_watch
