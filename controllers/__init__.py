from . import filing, hera_app, portal, rating, survey, tracking
