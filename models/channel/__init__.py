from . import company_mailbox, company_switch
from . import mail_petition
from . import mail_thread
from . import pqrs_door
from . import pqrs_mail, pqrs_mail_route
from . import pqrs_tracking
from . import rate_limit, submission, upload, website
from . import pqrs_intake
from . import pqrs_client_view, pqrs_client_steps
from . import hera_login, hera_user
from . import privacy_notice, pqrs_privacy, privacy_consent
from . import pqrs_receipt
from . import pqrs_comment, pqrs_api
