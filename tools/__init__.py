"""Plain Python of the domain: no ORM, no clock, no I/O."""

from . import act_chain, business_days, clean_text, import_workbook, legal_term, periods, tracking_code
