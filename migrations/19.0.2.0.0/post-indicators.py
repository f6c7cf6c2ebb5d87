"""Indicators of version 2: months that were confirmed stay of version 1, and nothing compares them with later ones."""

#: kinds that are counted in another way
CHANGED = ("on_time", "within_days", "response_time", "answer_satisfaction", "plan_on_time")

#: ``(formula that was shipped, the one of today)``; others are the company's own words
FORMULAS = (
    (
        (
            "Cases due in the month that were answered by their deadline ÷ cases due in the month that were "
            "answered or are overdue × 100."
        ),
        (
            "Cases due in the month that were answered by their deadline ÷ cases due in the month that were "
            "answered, are overdue, or were transferred or ended late × 100."
        ),
    ),
    (
        (
            "Cases due in the month that were answered within the business days of the policy, without those "
            "suspended ÷ cases due in the month that were answered or are overdue × 100."
        ),
        (
            "Cases of which the business days of the policy were over in the month, without those suspended, and "
            "that were answered within them ÷ all of these cases that were answered, wait, or were transferred or "
            "ended late × 100."
        ),
    ),
    (
        (
            "Business days from the receipt to the answer, without those suspended, added up ÷ cases due in the "
            "month that were answered."
        ),
        (
            "Business days from the receipt to the answer, without those suspended, added up ÷ cases answered in "
            "the month. Beside it, the number and mean age of those that are open when the month ends."
        ),
    ),
    (
        "Ratings of 4 and 5 stars ÷ ratings received in the month × 100.",
        "Ratings of 4 and 5 stars ÷ all ratings received in the month × 100; of each answer its own.",
    ),
)


def migrate(cr, _version):
    # Another version says that nothing calculates the figures of those that were written by hand again.
    cr.execute("UPDATE sig_indicator SET formula_version = formula_version + 1 WHERE kind = 'manual'")
    cr.execute(
        """UPDATE sig_indicator SET formula_version = formula_version + 1, baseline_from = NULL, baseline_to = NULL
            WHERE kind IN %s""",
        [CHANGED],
    )
    # Parts are confirmed with the measure of the whole company.
    cr.execute(
        """UPDATE sig_indicator_measure part
              SET state = 'confirmed', date_confirmed = whole.date_confirmed, confirmed_by_id = whole.confirmed_by_id
             FROM sig_indicator_measure whole
            WHERE whole.indicator_id = part.indicator_id AND whole.company_id = part.company_id
              AND whole.date_from = part.date_from AND whole.process_id IS NULL AND whole.state != 'draft'
              AND part.process_id IS NOT NULL AND part.state = 'draft'"""
    )
    # Drafts are measured again by the next review, as those of before the end of their period.
    cr.execute(
        """UPDATE sig_indicator_measure measure SET date_measured = measure.date_to
             FROM sig_indicator indicator
            WHERE indicator.id = indicator_id AND measure.state = 'draft' AND indicator.kind IN %s""",
        [CHANGED],
    )
    # What should be zero is near to nothing. Judged measures keep their light.
    cr.execute("UPDATE sig_indicator SET alert_target = 0 WHERE direction = 'lower' AND target = 0")
    for before, after in FORMULAS:
        # Translations of the new one are loaded after the migration, where there are none.
        cr.execute(
            "UPDATE sig_indicator SET formula = jsonb_build_object('en_US', %s) WHERE formula ->> 'en_US' = %s",
            [after, before],
        )
