"""Run by dev/upgrade: upgrade_compare.py OLD NEW FILESTORE BEFORE AFTER

Prints what differs between a database and its upgraded copy, and exits with 1 when something differs that
`upgrade_expected` does not name.
"""

import fnmatch
import hashlib
import json
import os
import re
import sys
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import psycopg2
import upgrade_expected
from psycopg2 import sql

#: shown of each kind of difference
EXAMPLES = 4


class Database:
    def __init__(self, name, filestore):
        self.connection = psycopg2.connect(dbname=name)
        self.files = Path(filestore) / name

    def query(self, query, arguments=None):
        with self.connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall()

    @cache  # noqa: B019
    def get_columns(self, table):
        rows = self.query(
            """SELECT attname FROM pg_attribute
                WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attname""",
            [f'"{table}"'],
        )
        return [name for (name,) in rows]

    def get_tables(self):
        rows = self.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        return sorted(name for (name,) in rows)

    def read(self, table, columns):
        """Rows as texts."""
        names = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns)
        return self.query(sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(table)))

    @cache  # noqa: B019
    def get_ids(self, table):
        return {int(id_) for (id_,) in self.read(table, ["id"])}

    def get_file_links(self):
        """``{"table.column" or "table": [(record, id of the file)]}`` of all that refers to files."""
        rows = self.query(
            """SELECT conrelid::regclass::text, attname
                 FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                WHERE contype = 'f' AND confrelid = 'ir_attachment'::regclass"""
        )
        links = {}
        for table, column in rows:
            columns = self.get_columns(table)
            if "id" in columns:
                links[f"{table}.{column}"] = self.read(table, ["id", column])
            else:
                [record] = [name for name in columns if name != column]
                links[table] = self.read(table, [record, column])
        return {link: [(record, int(file)) for record, file in rows if file] for link, rows in links.items()}

    def get_digests(self):
        """``{id of a file: (name, SHA-256)}``."""
        rows = self.query("SELECT id, name, store_fname, db_datas, url FROM ir_attachment")
        return {id_: (name, self._digest(store_fname, db_datas, url)) for id_, name, store_fname, db_datas, url in rows}

    @cache  # noqa: B019
    def _digest(self, store_fname, db_datas, url):
        if store_fname:
            file = self.files / store_fname
            return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "gone"
        return hashlib.sha256(bytes(db_datas)).hexdigest() if db_datas else url or ""


class Comparison:
    def __init__(self, old, new):
        self.old, self.new = old, new
        self.found = defaultdict(list)

    def tell(self, what, change):
        self.found[what].append(change)

    def compare_tables(self):
        there = set(self.new.get_tables())
        for table in self.old.get_tables():
            if any(fnmatch.fnmatchcase(table, pattern) for pattern in upgrade_expected.TECHNICAL):
                continue
            if _get_new_name(table) in there:
                self._compare_table(table)
            else:
                self.tell(table, "the table is gone")

    def _compare_table(self, table):
        renamed = _get_new_name(table)
        columns, there = self.old.get_columns(table), self.new.get_columns(renamed)
        for column in columns:
            if _get_new_name(table, column) not in there:
                self.tell(f"{table}.{column}", "the column is gone")
        columns = [
            name
            for name in columns
            if _get_new_name(table, name) in there and name not in upgrade_expected.TECHNICAL_COLUMNS
        ]
        if "id" in columns:
            columns = ["id", *(name for name in columns if name != "id")]
        rows = self.old.read(table, columns)
        rows_there = self.new.read(renamed, [_get_new_name(table, name) for name in columns])
        if "id" not in columns:
            self._compare_relation(table, columns, rows, rows_there)
            return
        before, after = {row[0]: row for row in rows}, {row[0]: row for row in rows_there}
        for id_, row in before.items():
            other = after.pop(id_, None)
            if other is None:
                self.tell(f"{table}-", f"{id_} {_describe(columns, row)}")
            elif other != row:
                for column, was, now in zip(columns, row, other, strict=True):
                    if was != now:
                        self.tell(f"{table}.{column}", f"{id_}: {_contrast(was, now)}")
        for id_, row in after.items():
            self.tell(f"{table}+", f"{id_} {_describe(columns, row)}")

    def _compare_relation(self, table, columns, rows, rows_there):
        before, after = Counter(rows), Counter(rows_there)
        for row in before - after:
            self.tell(f"{table}-", _describe(columns, row))
        for row in after - before:
            self.tell(f"{table}+", _describe(columns, row))

    def compare_files(self):
        """The content of each file, and what each record has that refers to files: copies are as good."""
        before, after = self.old.get_digests(), self.new.get_digests()
        for id_, was in before.items():
            now = after.get(id_)
            if now and was[1] != now[1]:
                self.tell("content of ir_attachment", f"{id_} {was[0]}: {was[1]} → {now[1]}")
        links, there = self.old.get_file_links(), self.new.get_file_links()
        for link, rows_before in links.items():
            renamed = _get_new_name(link)
            if renamed not in there:
                self.tell(f"files of {link}", "the link is gone")
                continue
            had, has = _group(rows_before, before), _group(there[renamed], after)
            for record, files in had.items():
                if has.get(record) != files:
                    change = f"{record}: {_shorten(files, 300)} → {_shorten(has.get(record), 300)}"
                    self.tell(f"files of {link}", change)
        query = """SELECT concat_ws(' ', res_model, res_id, res_field), id FROM ir_attachment
                    WHERE res_id > 0 AND res_model NOT LIKE 'ir.%%'"""
        had, has = _group(self.old.query(query), before), _group(self.new.query(query), after)
        for record, files in had.items():
            missing = Counter(files) - Counter(has.get(record, ()))
            if missing:
                self.tell(f"files of {record.partition(' ')[0]}", f"{record}: {_shorten(sorted(missing), 300)} lost")

    def compare_reads(self, before, after):
        for login, models in before["reads"].items():
            for model, had in models.items():
                what = f"reads of {login}: {model}"
                old_table = model.replace(".", "_")
                table = _get_new_name(old_table)
                renamed = model if table == old_table else table.replace("_", ".")
                has = after["reads"].get(login, {}).get(renamed, "gone")
                if isinstance(had, str) or isinstance(has, str):
                    if had != has:
                        self.tell(what, f"{_shorten(had)} → {_shorten(has)}")
                    continue
                # Rows that are gone or new are told by their tables.
                lost = (set(had) - set(has)) & self.new.get_ids(table)
                gained = (set(has) - set(had)) & self.old.get_ids(old_table)
                if lost:
                    self.tell(what, f"{len(lost)} of {len(had)} lost: {_shorten(sorted(lost))}")
                if gained:
                    self.tell(what, f"{len(gained)} gained: {_shorten(sorted(gained))}")
        for case in {*before["faults"], *after["faults"]}:
            was, now = before["faults"].get(case), after["faults"].get(case)
            if was != now:
                self.tell("faults of acts", f"{case}: {was} → {now}")
        lost = set(before["approvals"]) - set(after["approvals"])
        if lost:
            self.tell("approvals that hold", f"{len(lost)} lost: {_shorten(sorted(lost))}")

    def report(self):
        """Print what differs; how many differences nobody named."""
        unnamed = 0
        used = Counter()
        for what, changes in sorted(self.found.items()):
            others = []
            for change in changes:
                reason = _find_reason(what, change)
                if reason:
                    used[reason] += 1
                else:
                    others.append(change)
            if others:
                unnamed += len(others)
                print(f"{what}: {len(others)} differ", *(f"    {change}" for change in others[:EXAMPLES]), sep="\n")
        for (what, _change, reason), count in used.items():
            print(f"expected: {what}, {count} times: {reason}")
        return unnamed


def _group(rows, digests):
    grouped = defaultdict(list)
    for record, file in rows:
        if file in digests:
            grouped[record].append(digests[file])
    return {record: sorted(files) for record, files in grouped.items()}


def _get_new_name(table, column=None):
    """The name of a table, or of a column of it, after the upgrade."""
    renamed, columns = upgrade_expected.RENAMED.get(table, (table, {}))
    return columns.get(column, column) if column else renamed


def _find_reason(what, change):
    for expected in upgrade_expected.EXPECTED:
        pattern, changes, _reason = expected
        if fnmatch.fnmatchcase(what, pattern) and (changes is None or re.search(changes, change, re.DOTALL)):
            return expected
    return None


def _shorten(value, length=100):
    text = str(value).replace("\n", " ")
    return text if len(text) <= length else f"{text[:length]}…"


def _contrast(was, now):
    """Two values, from a little before where they begin to differ."""
    was, now = str(was), str(now)
    start = max(0, len(os.path.commonprefix([was, now])) - 20)  # noqa: RUF071  # of characters, on purpose
    if len(was) < 60:
        start = 0
    return f"{_shorten(was[start:])} → {_shorten(now[start:])}"


def _describe(columns, row):
    values = zip(columns, row, strict=True)
    return _shorten(" ".join(f"{name}={value}" for name, value in values if value and name != "id"), 250)


def main():
    old, new, filestore, before, after = sys.argv[1:]
    comparison = Comparison(Database(old, filestore), Database(new, filestore))
    comparison.compare_tables()
    comparison.compare_files()
    comparison.compare_reads(*(json.loads(Path(path).read_text()) for path in (before, after)))
    sys.exit(bool(comparison.report()))


main()
