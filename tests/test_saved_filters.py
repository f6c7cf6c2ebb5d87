from odoo.modules.module import load_script
from odoo.tools import file_path

from .common import SigCommon


class TestSavedFilters(SigCommon):
    """What people saved with a field that is gone keeps no list or export from opening after the upgrade."""

    def test_upgrade(self):
        kept = [
            ("[('state', '=', 'assigned'), ('date_received', '<', context_today())]", "{'group_by': ['date_received:month']}"),
            ("['|', ('name', 'ilike', 'x'), ('assignment_ids', 'any', [('process_id.name', '=', 'x')])]", "{}"),
            ("[('date_received.month_number', 'in', [1, 2, 3])]", "{}"),
            ("[('state', 'in', ['filed', 'in', 'assigned']), (1, '=', 1)]", "{}"),
            ("[", "{}"),
            ("[]", "{'pivot_measures': ['__count', 'days_used'], 'pivot_row_groupby': ['date_received:month'], 'graph_measure': '__count'}"),
        ]
        gone = [
            ("[('silence_risk', 'in', ('near', 'happened'))]", "{}"),
            ("['&', ('state', '=', 'assigned'), ('assignment_ids', 'any', [('reporting_process_id', '=', 1)])]", "{}"),
            ("[]", "{'group_by': ['user_id']}"),
            ("[]", "{'group_by': [], 'pivot_measures': ['__count', 'is_overdue']}"),
            ("[]", "{'graph_measure': 'is_overdue', 'graph_groupbys': ['type_id']}"),
        ]
        create = self.env["ir.filters"].create
        rows = create([
            {"name": f"{number}", "model_id": "sig.pqrs", "domain": domain, "context": context}
            for number, (domain, context) in enumerate(kept + gone)
        ])
        columns = [".id", "partner_id/.id", "assignment_ids/user_id/name", "responsible_ids/name", "assignment_ids/gone"]
        export = self.env["ir.exports"].create({
            "name": "Vencidas", "resource": "sig.pqrs", "export_fields": [(0, 0, {"name": name}) for name in columns],
        })
        script = load_script(file_path("sig_pqrs/migrations/19.0.2.0.0/end-filters.py"), "end_filters")
        script.migrate(self.env.cr, "19.0.1.4.0")
        self.assertEqual(rows.mapped("active"), [True] * len(kept) + [False] * len(gone))
        self.assertEqual(export.export_fields.mapped("name"), columns[:3])
