from . import base, names
from . import output_mixin, record_mixin
from . import shared_mixin
from . import calendar, case, document
from . import (
    charts,
    ir_cron,
    ir_rule,
    ir_sequence,
    mail_activity,
    mail_mail,
    mail_message,
    mail_retry,
    mail_scheduled_message,
    mail_template,
    mail_thread,
    res_company,
    res_config_settings,
    res_partner,
)
from . import ir_mail_server, rating_rating, res_users
from . import ir_actions_report, ir_attachment, ir_model_fields
from . import channel
from . import survey
from . import improvement
from . import review
from . import privacy
from . import setup
