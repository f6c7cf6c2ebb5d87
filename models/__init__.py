from . import calendar, case, channel, document
from . import mail_activity, mail_mail, mail_message, mail_thread, res_company, res_config_settings, res_partner
from . import res_users
