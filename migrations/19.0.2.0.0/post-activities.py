def migrate(cr, _version):
    """*Mi día* alone says that a month is not registered in QVO, or that a survey is to be prepared."""
    cr.execute(
        """DELETE FROM mail_activity activity USING ir_model_data data
            WHERE data.module = 'sig_pqrs' AND data.name = 'activity_qvo' AND activity.activity_type_id = data.res_id"""
    )
