def migrate(cr, _version):
    """Menus are of fewer roles: data files add groups to a menu that exists, so that the former ones go first."""
    cr.execute(
        """
        DELETE FROM ir_ui_menu_group_rel USING ir_model_data menu, ir_model_data role
         WHERE menu.module = 'sig_pqrs' AND menu.model = 'ir.ui.menu' AND menu.res_id = menu_id
           AND role.module = 'sig_pqrs' AND role.model = 'res.groups' AND role.res_id = gid
        """
    )
