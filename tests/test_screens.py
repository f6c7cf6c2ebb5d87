"""Every screen: empty ones say what to do, menus have addresses, fields say what they mean."""
from lxml import html

from odoo.tests import HttpCase, TransactionCase, tagged

from .browser import DESKTOP, open_browser
from .common import SigCommon

#: whose label alone does not say what they mean
EXPLAINED = {
    "sig.pqrs": (
        "type_id reason_id client_id partner_id capacity site priority response_medium restricted anonymous identity_reserved "
        "severity involves_staff involves_incident preserve_evidence legal_risk date_deadline date_legal days_used days_left "
        "next_duty next_duty_date resolution outcome delivery_state delivery_medium letter_id response_opening response_closing "
        "act_head authorized_user_ids authority_deadline legal_state"
    ),
    "sig.pqrs.assignment": "instruction date_due response",
    "sig.pqrs.type": (
        "code term_days extension_days requirement_allowed requirement_days completion_months silence legal_basis "
        "allow_anonymous personal_data due_by_authority legal_risk"
    ),
    "sig.pqrs.reason": "code process_id user_id instruction priority legal_risk",
    "sig.process": "code leader_id deputy_ids member_ids internal_days checklist",
    "sig.indicator": "kind qvo_code direction has_target alert_target target_confirmed process_id by_process baseline_from is_main",
    "sig.indicator.measure": "numerator denominator status signal",
    "sig.finding": "kind dismiss_reason",
    "sig.action.plan": "cause_method cause_analysis verification_criterion verification_date effective external_reference",
    "sig.document": "code version usage prepared_by issued",
    "sig.survey.wave": "satisfaction response_rate",
}


@tagged("post_install", "-at_install")
class TestScreens(TransactionCase):
    def get_actions(self):
        return self.env["ir.actions.act_window"].search([("id", "in", self.get_ids("ir.actions.act_window"))])

    def get_ids(self, model):
        return self.env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", model)]).mapped("res_id")

    def test_empty_screens_say_what_to_do(self):
        actions = self.get_actions().filtered(
            lambda action: action.target != "new"
            and not self.env[action.res_model]._transient
            and action.view_mode != "form"
        )
        self.assertGreater(len(actions), 40)
        for action in actions:
            with self.subTest(action.xml_id):
                self.assertTrue(action.help, "it has no help")
                title, *rest = html.fromstring(f"<div>{action.help}</div>").iter("p")
                self.assertIn("o_view_nocontent_", title.get("class") or "")
                self.assertTrue("".join(part.text_content() for part in rest).strip(), "it says no more than that it is empty")

    def test_screens_of_menus_have_an_address(self):
        """By which they are opened with the menus of the application around them."""
        menus = self.env["ir.ui.menu"].browse(self.get_ids("ir.ui.menu"))
        actions = [menu.action for menu in menus if menu.action]
        screens = [
            action for action in actions
            if action._name in ("ir.actions.act_window", "ir.actions.client") and action.sudo().target != "new"
        ]
        self.assertGreater(len(screens), 40)
        self.assertFalse([action.xml_id for action in screens if not action.path])

    def test_fields_are_explained(self):
        for model, names in EXPLAINED.items():
            described = self.env[model].fields_get(names.split(), ["help"])
            for name in names.split():
                with self.subTest(f"{model}.{name}"):
                    self.assertTrue(described[name].get("help"))


@tagged("post_install", "-at_install")
class TestLinks(SigCommon, HttpCase):
    """Who follows a link of a mail has the menus of the application."""

    def test_menus(self):
        case = self.make_case()
        with open_browser(self, self.director.login, DESKTOP) as browser:
            for path in (f"/odoo/sig.pqrs/{case.id}", "/odoo/action-sig_pqrs.action_act_witness", "/odoo/pqrs-my-day"):
                browser.go(path)
                browser.wait("!!document.querySelector('.o_menu_sections button, .o_menu_sections a')")
                self.assertIn("HERA", browser.run("document.querySelector('.o_menu_brand').textContent"), path)
                browser.run("sessionStorage.clear()")
