"""Addresses that pass on what clients write are those that core allows any number of mails, in its own list."""

from odoo.tools import email_normalize, sql


def migrate(cr, version):
    if not sql.column_exists(cr, "res_company", "sig_mail_forwarders"):
        return
    cr.execute("SELECT sig_mail_forwarders FROM res_company WHERE sig_mail_forwarders <> ''")
    texts = [text for (text,) in cr.fetchall()]
    for mailbox in {email_normalize(part) for text in texts for part in text.split(",")} - {False}:
        cr.execute(
            """INSERT INTO mail_gateway_allowed (email, email_normalized) SELECT %(mailbox)s, %(mailbox)s
                WHERE NOT EXISTS (SELECT FROM mail_gateway_allowed WHERE email_normalized = %(mailbox)s)""",
            {"mailbox": mailbox},
        )
