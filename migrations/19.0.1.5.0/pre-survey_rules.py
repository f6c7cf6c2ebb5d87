"""Rules on core's survey models named a field of ours: without them, the data of this version make them again."""

NAMES = (
    "rule_survey_reserved",
    "rule_survey_question_reserved",
    "rule_survey_question_answer_reserved",
    "rule_survey_user_input_director",
    "rule_survey_user_input_line_director",
)


def migrate(cr, version):
    cr.execute(
        "DELETE FROM ir_model_data WHERE module = 'sig_pqrs' AND model = 'ir.rule' AND name IN %s RETURNING res_id",
        [NAMES],
    )
    if ids := tuple(row[0] for row in cr.fetchall()):
        cr.execute("DELETE FROM ir_rule WHERE id IN %s", [ids])
