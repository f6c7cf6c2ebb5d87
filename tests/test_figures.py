from odoo.tests import TransactionCase, tagged

#: amounts of things that are counted once: their sum over records is one too
ADDED_UP = {
    "sig.act.head.export": {"case_count", "act_count", "head_count"},
    "sig.action.plan": {"is_overdue", "reopened_count"},
    "sig.action.plan.line": {"is_overdue"},
    "sig.evidence.pack": {"case_count", "left_out"},
    "sig.person.export": {"case_count", "file_count"},
    "sig.pqrs": {"is_overdue"},
    "sig.pqrs.assignment": {"is_overdue"},
    "sig.pqrs.commitment": {"is_overdue"},
    "sig.rate.limit": {"count"},
    "sig.survey.recipient": {"reminder_count"},
}


@tagged("post_install", "-at_install")
class TestFigures(TransactionCase):
    """What a grouped list, a pivot and a graph make of several records is a figure, or nothing."""

    def test_only_amounts_are_added_up(self):
        """Not years, versions, positions, terms, goals, nor measures that hold one another."""
        found = {}
        for name, model in self.env.registry.items():
            if not name.startswith("sig.") or model._abstract or model._transient:
                continue
            summed = {
                field.name
                for field in model._fields.values()
                if field.store
                and field.type in ("integer", "float")
                and field.aggregator == "sum"
                and field.name not in ("id", "sequence", "res_id")
            }
            if summed:
                found[name] = summed
        self.assertEqual(found, ADDED_UP)
