"""Views that name what is gone: additions to the form of surveys, to that of users, and to the dialog of steps."""


def migrate(cr, version):
    cr.execute(
        """UPDATE ir_ui_view SET active = false
             FROM ir_model_data data
            WHERE data.module = 'sig_pqrs' AND data.model = 'ir.ui.view' AND data.res_id = ir_ui_view.id
              AND data.name IN
                  ('wave_view_form_results', 'res_users_view_form', 'improvement_wizard_view_form_decision')"""
    )
    # The wording of the button is gone from the settings of the website, which are read before they are made anew.
    cr.execute(
        """UPDATE ir_ui_view
              SET arch_db = regexp_replace(
                      arch_db::text, '<(field|label)[^<>]*sig_pqrs_button_label[^<>]*/>', '', 'g'
                  )::jsonb
            WHERE model = 'res.config.settings' AND arch_db::text LIKE '%sig_pqrs_button_label%'"""
    )
    # Websites may have copies of the button of their own, which would break all of their pages.
    cr.execute(
        """UPDATE ir_ui_view
              SET arch_db = replace(arch_db::text, 'website.sig_pqrs_button_label', $$'PQRS'$$)::jsonb
            WHERE type = 'qweb' AND arch_db::text LIKE '%website.sig_pqrs_button_label%'"""
    )
