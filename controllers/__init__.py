from . import filing, rating
