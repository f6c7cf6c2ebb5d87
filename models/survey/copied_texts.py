from odoo.tools import SQL


def copy_texts(originals, copies):
    """Give copies the texts of all languages of what they were copied from, with one statement.

    :param originals: records of one model; ``copies``, theirs, in the same order.
    """
    names = [name for name, field in originals._fields.items() if field.translate and field.store and field.copy]
    if not names or not originals:
        return
    originals.flush_recordset(names)
    copies.flush_recordset(names)
    pairs = zip(originals.ids, copies.ids, strict=True)
    copies.env.execute_query(
        SQL(
            "UPDATE %(table)s copied SET %(texts)s FROM %(table)s original JOIN (VALUES %(pairs)s) pair (old, new)"
            " ON pair.old = original.id WHERE copied.id = pair.new RETURNING copied.id",
            table=SQL.identifier(originals._table),
            texts=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), SQL.identifier("original", name)) for name in names
            ),
            pairs=SQL(", ").join(SQL("(%s, %s)", old, new) for old, new in pairs),
        )
    )
    copies.invalidate_recordset(names)


def copy_texts_of_lines(originals, copies, name):
    """The same for the lines of copied records.

    :param str name: of a one2many field; a copy has its lines in the order in which the original got its own.
    """
    copy_texts(*(_get_lines(records, name) for records in (originals, copies)))


def _get_lines(records, name):
    return records[name].browse().concat(*(record[name].sorted("id") for record in records))
