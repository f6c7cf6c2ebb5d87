"""The lists of what waits are in the day of each person: filters that were saved for them stay, for all lists."""

GONE = (
    *("action_pqrs_to_file", "action_pqrs_unassigned", "action_pqrs_in_progress", "action_pqrs_to_send"),
    *("action_pqrs_wrote_after", "action_assignment_my_work", "action_assignment_to_approve"),
)


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_filters SET action_id = NULL WHERE action_id IN (
            SELECT res_id FROM ir_model_data
             WHERE module = 'sig_pqrs' AND model = 'ir.actions.act_window' AND name IN %s
        )
        """,
        [GONE],
    )
