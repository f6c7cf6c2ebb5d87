from . import management_review
from . import management_section
from . import management_decision
