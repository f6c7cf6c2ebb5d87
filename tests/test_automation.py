from odoo.tests import tagged

from .common import SigCommon


@tagged("post_install", "-at_install")
class TestAutomation(SigCommon):
    """Rules of the company on cases: looked up once, and in force at once."""

    def make_rule(self):
        model = self.env["ir.model"]._get("sig.pqrs")
        rule = self.env["base.automation"].create({
            "name": "Sitio", "model_id": model.id, "trigger": "on_create_or_write", "filter_domain": "[('site', '=', False)]",
        })
        self.env["ir.actions.server"].create({
            "name": "Sitio", "model_id": model.id, "state": "code", "code": "records.write({'site': 'Portería'})",
            "usage": "base_automation", "base_automation_id": rule.id,
        })
        self.addCleanup(rule.unlink)  # the registry is not rolled back
        return rule

    def test_a_new_rule_and_an_archived_one(self):
        self.assertFalse(self.make_case().site)
        rule = self.make_rule()
        self.assertEqual(self.make_case().site, "Portería")
        rule.active = False
        self.assertFalse(self.make_case().site)
        rule.active = True
        self.assertEqual(self.make_case().site, "Portería")

    def test_rules_are_looked_up_once(self):
        Automation, Case = self.env["base.automation"], self.env["sig.pqrs"]
        Automation._get_actions(Case, ["on_create_or_write"])
        with self.assertQueryCount(0):
            rules = Automation._get_actions(Case, ["on_create_or_write"])
        self.assertEqual(rules.ids, [self.env.ref("sig_pqrs.automation_overdue").id])
        self.assertEqual(rules.env.context["__action_done"], {})
        self.assertFalse(Automation._get_actions(self.env["res.partner"], ["on_create_or_write"]))
