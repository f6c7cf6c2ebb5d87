"""Rename a model with its table, before the new code is loaded: its rows, rules and external ids stay."""

from odoo.tools import SQL

#: columns of core that name a model
NAMES = (
    ("ir_model", "model"),
    ("ir_model_fields", "model"),
    ("ir_model_fields", "relation"),
    ("ir_attachment", "res_model"),
    ("ir_act_window", "res_model"),
    ("ir_ui_view", "model"),
    ("ir_filters", "model_id"),
    ("ir_exports", "resource"),
)


def rename_model(cr, old, new, words=()):
    """
    :param str old: name of the model, ``sig.some.thing``.
    :param str new: the new one.
    :param words: pairs of the beginnings of other external ids, and what takes their place.
    """
    old_table, new_table = old.replace(".", "_"), new.replace(".", "_")
    pattern = old_table.replace("_", "\\_") + "%"
    table = SQL.identifier(new_table)
    cr.execute(SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(old_table), table))
    old_sequence, new_sequence = SQL.identifier(f"{old_table}_id_seq"), SQL.identifier(f"{new_table}_id_seq")
    cr.execute(SQL("ALTER SEQUENCE %s RENAME TO %s", old_sequence, new_sequence))
    cr.execute(
        "SELECT conname FROM pg_constraint WHERE conname LIKE %s AND conrelid = %s::regclass", [pattern, new_table]
    )
    for (name,) in cr.fetchall():
        renamed = SQL.identifier(name.replace(old_table, new_table))
        cr.execute(SQL("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", table, SQL.identifier(name), renamed))
    cr.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname LIKE %s", [new_table, pattern]
    )
    for (name,) in cr.fetchall():
        renamed = SQL.identifier(name.replace(old_table, new_table))
        cr.execute(SQL("ALTER INDEX %s RENAME TO %s", SQL.identifier(name), renamed))
    for of_core, column in NAMES:
        names = SQL.identifier(of_core), SQL.identifier(column), SQL.identifier(column)
        cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s = %s", *names[:2], new, names[2], old))
    named = f"%{pattern}"
    cr.execute(
        "UPDATE ir_model_constraint SET name = replace(name, %s, %s) WHERE name LIKE %s", [old_table, new_table, named]
    )
    for before, after, names in (
        (old_table, new_table, named),
        *((before, after, before.replace("_", "\\_") + "%") for before, after in words),
    ):
        cr.execute(
            "UPDATE ir_model_data SET name = replace(name, %s, %s) WHERE name LIKE %s AND module = 'sig_pqrs'",
            [before, after, names],
        )
