"""Plain Python of the domain: no ORM, no clock, no I/O."""

from . import act_chain, business_days, legal_term, mentions, workbook
