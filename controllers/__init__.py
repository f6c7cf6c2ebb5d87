from . import filing, hera_app, portal, rating, tracking
