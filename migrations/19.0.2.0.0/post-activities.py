from odoo.tools import SQL


def migrate(cr, _version):
    """*Mi día* alone says that a month is not registered in QVO, or that a survey is to be prepared."""
    for table in ("ir_act_server", "mail_activity_plan_template"):  # of the company: they keep the type from going
        cr.execute(
            SQL(
                """UPDATE %s SET activity_type_id = todo.res_id
                     FROM ir_model_data data, ir_model_data todo
                    WHERE data.module = 'sig_pqrs' AND data.name = 'activity_qvo' AND activity_type_id = data.res_id
                      AND todo.module = 'mail' AND todo.name = 'mail_activity_data_todo'""",
                SQL.identifier(table),
            )
        )
    cr.execute(
        """DELETE FROM mail_activity activity USING ir_model_data data
            WHERE data.module = 'sig_pqrs' AND data.name = 'activity_qvo' AND activity.activity_type_id = data.res_id"""
    )
