from . import evidence, filing, hera_app, portal, rating, tracking
from . import survey
