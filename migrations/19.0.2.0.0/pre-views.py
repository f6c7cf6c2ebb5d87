"""What the results added to the form of surveys is in the form itself; a field that it named is gone."""


def migrate(cr, version):
    cr.execute(
        """UPDATE ir_ui_view SET active = false
             FROM ir_model_data data
            WHERE data.module = 'sig_pqrs' AND data.name = 'wave_view_form_results' AND data.res_id = ir_ui_view.id"""
    )
