"""Limits that Python checked are constraints of the tables: a row that passes them would keep the constraint away."""

from odoo.tools import SQL, sql

#: (table, column, its new value, rows beyond the limit); a closed review stays as it was signed
LIMITS = (
    ("sig_survey_wave", "date_start", "date_end", "date_end < date_start"),
    ("sig_survey_wave", "year", "extract(year FROM date_end)", "year NOT BETWEEN 2000 AND 2100"),
    *(
        ("sig_survey_wave", name, f"least(greatest({name}, {low}), 100)", f"{name} NOT BETWEEN {low} AND 100")
        for name, low in (("target_satisfaction", 0), ("target_response_rate", 0), ("target_nps", -100))
    ),
    ("sig_action_plan_line", "progress", "least(greatest(progress, 0), 100)", "progress NOT BETWEEN 0 AND 100"),
    (
        "sig_management_review",
        "date_from",
        "date_to - INTERVAL '3 years' + INTERVAL '1 day'",
        "date_to >= date_from + INTERVAL '3 years' AND state != 'closed'",
    ),
    ("sig_indicator", "baseline_to", "NULL", "baseline_from IS NULL OR baseline_from >= baseline_to"),
    ("sig_indicator", "baseline_from", "NULL", "baseline_to IS NULL"),
)


def migrate(cr, version):
    for table, column, value, beyond in LIMITS:
        if sql.column_exists(cr, table, column):
            names = (SQL.identifier(table), SQL.identifier(column))
            cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s", *names, SQL(value), SQL(beyond)))
