"""The mail of a transfer asks the case for the letter that goes with it."""


def migrate(cr, version):
    cr.execute(
        """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
            WHERE model = 'sig.pqrs' AND body_html IS NOT NULL""",
        ["object.transfer_file_ids", "object._get_forwardings()[:1]._get_forwarding_files()"],
    )
