def migrate(cr, _version):
    """The key of an integration may last a year, as where the addon is new; what somebody chose stays."""
    cr.execute(
        """UPDATE res_groups SET api_key_duration = 365 FROM ir_model_data data
            WHERE data.module = 'sig_pqrs' AND data.name = 'group_integration' AND data.res_id = res_groups.id
              AND COALESCE(api_key_duration, 0) = 0"""
    )
