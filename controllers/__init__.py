from . import evidence, filing, health, hera_app, hera_login, portal, rating, tracking
from . import rpc, survey, thread
