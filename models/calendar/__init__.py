from . import calendar, nonworking_day
