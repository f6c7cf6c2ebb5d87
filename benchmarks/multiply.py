"""Multiplies the seed's cases and tickets by SQL to a given number.

With them go acts, assignments, answers, communications, levels of service, what many2many fields refer to, and what
`GENERIC` and followers hold; then each gets files and mails of its own (`files`).
PostgreSQL streams the copies; indexes are made once, afterwards, and the checks of foreign keys, which it would keep in
memory to the end of the transaction, are left out: copies refer to what their originals refer to.
"""

from odoo.tools import SQL

from . import files

#: weeks over which the closed spread; a copy keeps its weekdays
WEEKS = 260

#: who asks in a copy, but for cases that tell it to nobody
PETITIONER = {"partner_id": "p.id", "client_id": "p.commercial_id", "partner_name": "p.name", "email_from": "p.email"}
HIDDEN = "t.anonymous OR t.identity_reserved"

#: threads and what hangs on a record of any model: table, columns of model and id, what a copy has of its own
GENERIC = (
    ("mail_message", "model", "res_id", {"message_id": "t.message_id || '-' || m.copy", "parent_id": "NULL"}),
    ("mail_activity", "res_model", "res_id", {}),
    ("rating_rating", "res_model", "res_id", {"access_token": "md5(t.access_token || m.copy)", "message_id": "NULL"}),
)


def multiply(env, size):
    """Bring cases and tickets to ``size`` each."""
    copier = _Copier(env)
    copier.make_partners()
    _copy_cases(copier, size)
    _copy_tickets(copier, size)
    copier.make_indexes()
    files.add(env)


def multiply_cases(env, size):
    """Bring cases to ``size``, where the peer is not installed."""
    copier = _Copier(env)
    copier.make_partners()
    _copy_cases(copier, size)
    copier.make_indexes()
    files.add(env)


def _copy_cases(copier, size):
    # dev/upgrade multiplies the cases of the version before, too.
    has_communications = "sig.pqrs.communication" in copier.env
    cases = copier.copy_roots(
        "sig_pqrs",
        "t.state IN ('received', 'assigned', 'approved')",
        size,
        {
            "name": "'PQRS-' || to_char(t.date_received - m.shift, 'YYYY') || '-' || (100000 + m.copy)",
            "uuid": "gen_random_uuid()",
            "subject": "regexp_replace(t.subject, '[0-9]+$', '') || m.copy % 5000",
            "site": "'Puesto ' || m.copy % 5000",
            "date_received": "t.date_received - m.shift - m.tick",
            "term_trace": """t.term_trace || jsonb_strip_nulls(jsonb_build_object(
            'since', to_char((t.term_trace->>'since')::date - m.shift, 'YYYY-MM-DD'),
            'received_on', to_char((t.term_trace->>'received_on')::date - m.shift, 'YYYY-MM-DD'),
            'legal', to_char((t.term_trace->>'legal')::date - m.shift, 'YYYY-MM-DD')))""",
            **{name: f"CASE WHEN {HIDDEN} THEN t.{name} ELSE {value} END" for name, value in PETITIONER.items()},
            **dict.fromkeys(("delivery_id", "answer_id") if has_communications else ("response_mail_id",), "NULL"),
        },
    )
    copier.copy_children("sig_pqrs_act", "pqrs_id", cases)
    if has_communications:
        copier.copy_children("sig_pqrs_answer", "pqrs_id", cases)
        # their mails are not copied: what waited for one would be taken for lost
        state = "CASE WHEN t.state = 'queued' THEN 'sent' ELSE t.state END"
        own = {"mail_id": "NULL", "answer_id": "NULL", "state": state}
        copier.copy_children("sig_pqrs_communication", "pqrs_id", cases, own)
    else:
        copier.copy_children("sig_pqrs_notice", "pqrs_id", cases, {"mail_id": "NULL"})
    of_answer = {"answer_id": "NULL"} if has_communications else {}
    assignments = copier.copy_children("sig_pqrs_assignment", "pqrs_id", cases, of_answer, keep=True)
    for model, copies in (("sig.pqrs", cases), ("sig.pqrs.assignment", assignments)):
        copier.copy_relations(model, copies)
        copier.copy_generic(model, copies)
    if "sig.words" in copier.env:
        copier.env["sig.words"].init()  # triggers of the copies did not run


def _copy_tickets(copier, size):
    tickets = copier.copy_roots(
        "helpdesk_ticket",
        "t.closed_date IS NULL",
        size,
        {
            "number": "'HT' || (100000 + m.copy)",
            "name": "regexp_replace(t.name, '[0-9]+$', '') || m.copy % 5000",
            "partner_id": "p.id",
            "commercial_partner_id": "p.commercial_id",
            "partner_name": "p.name",
            "partner_email": "p.email",
        },
    )
    copier.copy_children("helpdesk_ticket_sla", "ticket_id", tickets)
    copier.copy_relations("helpdesk.ticket", tickets)
    copier.copy_generic("helpdesk.ticket", tickets)


class _Copier:
    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.indexes = {}
        self._execute("SET LOCAL session_replication_role = replica")

    def _columns(self, table):
        self.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY 1", [table]
        )
        return dict(self.cr.fetchall())

    def make_partners(self):
        self.cr.execute("""
            CREATE TEMP TABLE bench_partner AS
            SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, commercial_partner_id AS commercial_id, name, email
              FROM res_partner WHERE name LIKE 'Persona % Ruiz'
        """)

    def copy_roots(self, table, is_open, size, own):
        """Copy the rows of a table round and round. Who is open keeps its dates; the closed go back in time.

        :return: name of the table of which is a copy of which.
        """
        mapping = f"bench_map_{table}"
        self._execute(f"""
            CREATE TEMP TABLE {mapping} AS
            WITH seed AS (
                SELECT t.id, {is_open} AS open, row_number() OVER (ORDER BY t.id) - 1 AS n, count(*) OVER () AS total
                  FROM {table} t
            ), copy AS (SELECT generate_series(1, {int(size)} - (SELECT count(*) FROM {table})) AS copy)
            SELECT seed.id AS old, nextval('{table}_id_seq') AS id, copy,
                   CASE WHEN open THEN interval '0' ELSE ((copy / total) % {WEEKS}) * interval '7 days' END AS shift,
                   (copy / total) * interval '1 second' AS tick, copy / total AS round
              FROM copy JOIN seed ON seed.n = copy % seed.total
             ORDER BY copy
        """)
        self._index(mapping)
        self._copy(
            table,
            mapping,
            "t.id = m.old",
            {"id": "m.id", **own},
            # by a step more each round, so that no team, process or type meets some people only
            "JOIN bench_partner p ON p.n = (m.copy + m.round) % (SELECT count(*) FROM bench_partner)",
        )
        return mapping

    def copy_children(self, table, column, parents, own=None, keep=False):
        """Copy the rows that belong to copies.

        :param dict own: expressions of what a copy has of its own.
        :param keep: also return the name of the table of which is a copy of which.
        """
        if not keep:
            self._copy(table, parents, f"t.{column} = m.old", {column: "m.id", **(own or {})}, no_id=True)
            return None
        mapping = f"bench_map_{table}"
        self._execute(f"""
            CREATE TEMP TABLE {mapping} AS
            SELECT t.id AS old, nextval('{table}_id_seq') AS id, m.id AS parent, m.copy, m.shift, m.tick
              FROM {table} t JOIN {parents} m ON t.{column} = m.old
        """)
        self._index(mapping)
        self._copy(table, mapping, "t.id = m.old", {"id": "m.id", column: "m.parent", **(own or {})})
        return mapping

    def copy_relations(self, model, parents):
        """Copy what records refer to by their many2many fields; a file belongs to one record, and is not copied."""
        for field in self.env[model]._fields.values():
            if field.type == "many2many" and field.store and field.comodel_name != "ir.attachment":
                self._copy(field.relation, parents, f"t.{field.column1} = m.old", {field.column1: "m.id"})

    def copy_generic(self, model, mapping):
        """Copy messages, activities, ratings and followers."""
        for table, model_column, id_column, own in GENERIC:
            self._copy(
                table,
                mapping,
                f"t.{id_column} = m.old AND t.{model_column} = '{model}'",
                {id_column: "m.id", **own},
                no_id=True,
            )
        followers = f"bench_followers_{mapping}"
        self._execute(f"""
            CREATE TEMP TABLE {followers} AS
            SELECT t.id AS old, nextval('mail_followers_id_seq') AS id, m.id AS parent, m.copy, m.shift, m.tick
              FROM mail_followers t JOIN {mapping} m ON t.res_id = m.old AND t.res_model = '{model}'
        """)
        self._index(followers)
        self._copy("mail_followers", followers, "t.id = m.old", {"id": "m.id", "res_id": "m.parent"})
        self._copy(
            "mail_followers_mail_message_subtype_rel",
            followers,
            "t.mail_followers_id = m.old",
            {"mail_followers_id": "m.id"},
        )

    def _index(self, mapping):
        self._execute(f"CREATE INDEX ON {mapping} (old)")
        self._execute(f"ANALYZE {mapping}")

    def _drop_indexes(self, table):
        """Once; those of constraints stay."""
        if table in self.indexes:
            return
        self.cr.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
                WHERE indrelid = %s::regclass
                  AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conrelid = indrelid)""",
            [table],
        )
        self.indexes[table] = dict(self.cr.fetchall())
        for name in self.indexes[table]:
            self._execute(f"DROP INDEX {name}")

    def make_indexes(self):
        """Make again the indexes that stood in the way."""
        for indexes in self.indexes.values():
            for definition in indexes.values():
                self._execute(definition)

    def _copy(self, table, mapping, on, own, join="", no_id=False):
        self._drop_indexes(table)
        columns = {name: self._expression(name, kind) for name, kind in self._columns(table).items()}
        columns.update(own)
        if no_id:
            columns.pop("id")
        self._execute(f"""
            INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
            SELECT {", ".join(columns.values())} FROM {mapping} m JOIN {table} t ON {on} {join}
        """)

    def _expression(self, name, kind):
        if kind == "date":
            return f't."{name}" - extract(day FROM m.shift)::int'
        if kind.startswith("timestamp"):
            return f't."{name}" - m.shift'
        return f't."{name}"'

    def _execute(self, query):
        self.env.cr.execute(SQL(query.replace("%", "%%")))
