"""Mails of surveys end a sentence with the client's name: “S. A. S.” brings its full stop."""


def migrate(cr, version):
    cr.execute(
        """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
            WHERE model = 'sig.survey.recipient' AND body_html IS NOT NULL""",
        [r"\"object.partner_id.name\"", r"""\"object.partner_id.name.rstrip('.')\""""],
    )
