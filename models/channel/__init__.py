from . import pqrs_tracking
from . import rate_limit, submission, upload, website
from . import pqrs_intake
