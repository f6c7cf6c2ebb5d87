from . import pqrs_tracking
