from . import evidence, filing, hera_app, hera_login, portal, rating, tracking
from . import rpc, survey, thread
