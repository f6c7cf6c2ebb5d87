"""Mails of surveys end a sentence with the client's name: “S. A. S.” brings its full stop.
They tell the last day until it is over.
"""

import re

from psycopg2.extras import Json

_UNTIL = re.compile(r"""(?<=<p>)[^<>]*<strong t-out="format_date\(object\.wave_id\.date_end[^>]*>(?:</strong>)?\. ?""")


def migrate(cr, version):
    cr.execute(
        """UPDATE mail_template SET body_html = replace(body_html::text, %s, %s)::jsonb
            WHERE model = 'sig.survey.recipient' AND body_html IS NOT NULL""",
        [r"\"object.partner_id.name\"", r"""\"object.partner_id.name.rstrip('.')\""""],
    )
    cr.execute("SELECT id, body_html FROM mail_template WHERE model = 'sig.survey.recipient' AND body_html IS NOT NULL")
    for id_, bodies in cr.fetchall():
        told = {
            lang: _UNTIL.sub(r'<t t-if="object.wave_id._is_under_way()">\g<0></t>', body)
            for lang, body in bodies.items()
        }
        cr.execute("UPDATE mail_template SET body_html = %s WHERE id = %s", [Json(told), id_])
