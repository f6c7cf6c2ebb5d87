"""What waits is in the day of each person, and other lists are opened from a record: filters that were saved for lists
that are gone stay, for all lists of the model. Those of clients without a HERA user go to the list that shows them now,
and not to all lists of contacts.
"""

GONE = (
    "action_pqrs_to_file", "action_pqrs_unassigned", "action_pqrs_in_progress", "action_pqrs_to_send",
    "action_pqrs_wrote_after", "action_assignment_my_work", "action_assignment_to_approve",
    "action_recipient", "action_action_plan_line", "action_survey_analysis",
)  # fmt: skip


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
    cr.execute(
        """
        UPDATE ir_filters SET action_id = present.res_id FROM ir_model_data gone, ir_model_data present
         WHERE gone.module = 'sig_pqrs' AND gone.name = 'action_hera_without' AND action_id = gone.res_id
           AND present.module = 'sig_pqrs' AND present.name = 'action_hera_users'
        """
    )
