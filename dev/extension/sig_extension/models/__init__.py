from . import channel, indicator, management_section, two_approvals
