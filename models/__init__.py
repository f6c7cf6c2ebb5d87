from . import calendar, case, document
from . import mail_mail, res_company, res_config_settings, res_partner
