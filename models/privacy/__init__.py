from . import pqrs_hold
from . import pqrs_type_retention
from . import pqrs_retention
from . import pqrs_anonymize
from . import anonymization
from . import anonymization_line
from . import person_data
from . import person_export
