"""What changes in any table, row by row, written down by PostgreSQL itself: nothing that a call changes escapes it, also
when it is changed back.
"""

import json
from typing import NamedTuple

#: tables of machines: sessions, counters, presence
SILENT = (
    "attack_journal", "bus_bus", "ir_cron_progress", "ir_cron_trigger", "ir_logging", "ir_profile", "mail_presence",
    "res_device_log", "res_users_log", "sig_rate_limit", "website_track", "website_visitor",
)  # fmt: skip

NOTE = """
CREATE TABLE attack_journal (id bigserial PRIMARY KEY, by text, name text, kind text, old jsonb, new jsonb);
CREATE FUNCTION attack_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attack_journal (by, name, kind, old, new) VALUES (
        current_setting('application_name'), TG_TABLE_NAME, TG_OP,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
"""


class Change(NamedTuple):
    table: str
    kind: str
    old: dict
    new: dict

    @property
    def columns(self):
        """Those that differ."""
        return sorted(name for name in {*self.old, *self.new} if self.old.get(name) != self.new.get(name))


class Journal:
    """
    :param execute: what runs a query and gives its rows, if it has any.
    :param by: name with which the server connects to the database; None when nobody else does.
    """

    def __init__(self, execute, by=None):
        self.execute, self.by = execute, by
        self.last = 0

    def keep(self, pattern="%"):
        """Have every table, of a pattern, write down what changes in it, once a database."""
        self.execute(NOTE)
        tables = self.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname LIKE ANY(%s)",
            [pattern.split()],
        )
        for (name,) in tables:
            if name not in SILENT:
                self.execute(
                    f'CREATE TRIGGER attack_note AFTER INSERT OR DELETE ON "{name}" FOR EACH ROW EXECUTE FUNCTION attack_note()'
                )
                self.execute(
                    f'CREATE TRIGGER attack_note_update AFTER UPDATE ON "{name}" FOR EACH ROW'
                    " WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION attack_note()"
                )

    def read_changes(self):
        """What changed since the last reading."""
        rows = self.execute(
            "SELECT id, name, kind, old::text, new::text FROM attack_journal WHERE id > %s AND (%s IS NULL OR by = %s) ORDER BY id",
            [self.last, self.by, self.by],
        )
        if rows:
            self.last = rows[-1][0]
        return [Change(name, kind, json.loads(old or "{}"), json.loads(new or "{}")) for _id, name, kind, old, new in rows]
