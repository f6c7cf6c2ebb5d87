from . import evidence, faq, figures, filing, health, hera_app, hera_login, portal, rating, tracking
from . import rpc, survey, thread
