"""Templates of mails are not loaded again: of their buttons messages kept the white text, not the background."""

CHANGES = (
    ("background: #0B5D66", "background-color: #0B5D66"),
    ("border-left: 3px solid #0B5D66", "border-left-width: 3px; border-left-style: solid; border-left-color: #0B5D66"),
)


def migrate(cr, version):
    for old, new in CHANGES:
        cr.execute(
            """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
                WHERE body_html::text LIKE %s
                  AND id IN (SELECT res_id FROM ir_model_data WHERE module = 'sig_pqrs' AND model = 'mail.template')""",
            [old, new, f"%{old}%"],
        )
