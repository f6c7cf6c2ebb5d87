"""Every screen: empty ones say what to do, menus have addresses, fields say what they mean."""

from lxml import etree, html

from odoo.addons.sig_pqrs.demo.builder import GROUPS, CaseBuilder
from odoo.addons.sig_pqrs.models.core.base import OURS
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools.mail import _Cleaner

from .browser import DESKTOP, PHONE, open_browser
from .common import SigCommon, real_clock

#: moments of which a list tells the hour
BY_THE_HOUR = {"authority_deadline", "recorded_at"}
#: lists of a form whose rows are written one below the other, at a desk
WRITTEN_AT_A_DESK = {"suggested_answer_ids"}


@tagged("post_install", "-at_install")
class TestScreens(TransactionCase):
    def get_actions(self):
        return self.env["ir.actions.act_window"].search([("id", "in", self.get_ids("ir.actions.act_window"))])

    def get_ids(self, model):
        return self.env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", model)]).mapped("res_id")

    def test_empty_screens_say_what_to_do(self):
        actions = self.get_actions().filtered(
            lambda action: action.target != "new" and not self.env[action.res_model]._transient and action.view_mode != "form"
        )
        self.assertGreater(len(actions), 30)
        for action in actions:
            with self.subTest(action.xml_id):
                self.assertTrue(action.help, "it has no help")
                title, *rest = html.fromstring(f"<div>{action.help}</div>").iter("p")
                self.assertIn("o_view_nocontent_", title.get("class") or "")
                self.assertTrue("".join(part.text_content() for part in rest).strip(), "it says no more than that it is empty")

    def test_screens_of_menus_have_an_address(self):
        """By which they are opened with the menus around them; what depends on the record that one comes from has none."""
        kinds = ("ir.actions.act_window", "ir.actions.client")
        actions = [menu.action for menu in self.env["ir.ui.menu"].browse(self.get_ids("ir.ui.menu")) if menu.action]
        screens = [action for action in actions if action._name in kinds and action.sudo().target != "new"]
        self.assertGreater(len(screens), 30)
        self.assertFalse([action.xml_id for action in screens if not action.path])
        for action in self.get_actions().filtered("path"):
            self.assertNotIn("active_id", f"{action.domain} {action.context}", action.path)

    def test_dates_of_screens_are_numeric(self):
        """Day, month and year: without the option a date of this year shows without its year; seconds in no list."""
        self.assertFalse(sorted(set(self.find_worded_dates())))

    def test_dialogs_say_the_step(self):
        """The button that takes it, also where the question is asked again: none says just that it is confirmed."""
        for view in self.env["ir.ui.view"].browse(self.get_ids("ir.ui.view")):
            for button in etree.fromstring(view.arch).iterfind(".//button"):
                asked = button.get("confirm-label") if button.get("confirm") else button.get("string", "")
                self.assertFalse(asked is None or (asked == "Confirm" and self.env[view.model]._transient), view.xml_id)

    def test_styles_of_mails_are_kept(self):
        """Odoo takes away what it does not know from a message: without its background a button is white on white."""
        templates = self.env["mail.template"].browse(self.get_ids("mail.template"))
        self.assertGreater(len(templates), 10)
        for template in templates:
            styles = html.fromstring(f"<div>{template.body_html}</div>").xpath("//@style")
            names = {part.partition(":")[0].strip() for style in styles for part in style.split(";") if part.strip()}
            self.assertLessEqual(names, set(_Cleaner._style_whitelist), template.name)

    def find_worded_dates(self):
        for view in self.env["ir.ui.view"].browse(self.get_ids("ir.ui.view")):
            if view.model in self.env and view.type in ("list", "kanban", "form"):
                for node, field in self.find_shown(etree.fromstring(view.arch), view.model):
                    options = node.get("options", "")
                    numeric = "numeric" in options or node.get("widget") == "remaining_days"
                    whole = field.type == "date" or view.type == "form" or "show_time" in options or field.name in BY_THE_HOUR
                    if field.type in ("date", "datetime") and not (numeric and whole):
                        yield f"{view.xml_id}: {field.name}"

    def find_shown(self, parent, model, hidden=False):
        for node in parent.iterchildren(etree.Element):
            field = self.env[model]._fields.get(node.get("name")) if node.tag == "field" else None
            if field and (hidden or (node.get("invisible") not in ("1", "True") and node.get("column_invisible") != "True")):
                yield node, field
            yield from self.find_shown(node, field.comodel_name if field and field.relational else model, hidden)

    def test_links_to_what_may_not_be_read_are_left_out(self):
        """Of one, people see a dash; of several, an error in place of the screen."""
        users = CaseBuilder.make_users(self.env, [(f"sees_{role}", role, role) for role in GROUPS])
        self.assertFalse({fault for user in users for fault in self.find_closed_links(user)})

    def find_closed_links(self, user):
        screens = [(action, action.res_model, action.views) for action in self.get_actions().filtered("path")]
        ours = (model for model in self.registry.values() if model._name.startswith(OURS) and model._auto and not model._transient)
        for action, name, views in [*screens, *((None, model._name, [(False, "form")]) for model in ours)]:
            model = self.env[name].with_user(user)
            if not model.has_access("read") or (action and action.group_ids and not action.group_ids & user.all_group_ids):
                continue
            wanted = [view for view in views if view[1] in ("list", "kanban", "form")]
            for view in model.get_views(wanted)["views"].values():
                root = etree.fromstring(view["arch"])
                shown = {field for _node, field in self.find_shown(root, name) if field.type == "many2one"}
                read = {field for _node, field in self.find_shown(root, name, hidden=True) if field.type.endswith("2many")}
                for field in shown | read:
                    if field.comodel_name.startswith(OURS) and not model.env[field.comodel_name].has_access("read"):
                        yield f"{user.login}, {action and action.path}: {field}"

    def test_phones_have_cards(self):
        """A list is too wide for a phone: each screen has cards too, and so has each list inside a form."""
        actions = self.get_actions().filtered(lambda action: action.path and "list" in action.view_mode.split(","))
        self.assertGreater(len(actions), 30)
        self.assertFalse([action.xml_id for action in actions if "kanban" not in action.view_mode.split(",")])
        for view in self.env["ir.ui.view"].browse(self.get_ids("ir.ui.view")):
            if view.type == "form" and not self.env[view.model]._transient:
                lists = etree.fromstring(view.arch).iterfind(".//field[list]")
                without = {node.get("name") for node in lists if node.find("kanban") is None}
                self.assertFalse(without - WRITTEN_AT_A_DESK, view.xml_id)


@real_clock
class TestScreensInTheBrowser(SigCommon, HttpCase):
    def assertNotWider(self, browser):
        self.assertEqual(browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)

    def test_cards_and_forms(self):
        """A phone shows one column at a time, and the first is often empty: there the cards are in none. The subject is read
        whole, while it may still be changed too; processes are chosen by cards.
        """
        subject = "El guarda de la portería norte no dejó entrar a la visita y no llamó a la residente del 502"
        case = self.make_case(subject=subject)
        with open_browser(self, self.director.login) as browser:
            for size, columns in ((DESKTOP, True), (PHONE, False)):
                browser.resize(*size)
                browser.go("/odoo/pqrs?view_type=kanban")
                browser.wait(f"document.querySelector('.o_kanban_renderer').innerText.includes('{case.name}')")
                self.assertEqual(browser.run("!!document.querySelector('.o_kanban_group')"), columns, size)
            browser.go(f"/odoo/pqrs/{case.id}")
            shown = "document.querySelector('div[name=subject] textarea')"
            browser.wait(f"{shown}?.value === {subject!r}")
            browser.wait(f"{shown}.scrollHeight <= {shown}.clientHeight + 1 && {shown}.scrollWidth <= {shown}.clientWidth")
            browser.go("/odoo/pqrs-my-day")
            browser.wait("document.querySelector('.o_sig_tile_method')?.click(), !!document.querySelector('.modal .o_form_view')")
            card = ".modal div[name=line_ids] .o_kanban_record:not(.o_kanban_ghost)"
            chosen = ".modal div[name=process_id] input"
            # A card that is drawn again while it is pressed takes no notice.
            press = f"document.querySelectorAll('.modal').length < 2 && document.querySelector({card!r})?.click()"
            browser.wait(f"{press}, !!document.querySelector({chosen!r})")
            self.assertNotWider(browser)

    def test_workload_and_calendar(self):
        """One press opens what is counted, at a desk and on a phone. Weeks are from Monday, holidays in grey, and one press
        leads to the case.
        """
        case = self.make_assignment().pqrs_id
        total = "document.querySelector('.o_sig_person .o_sig_open button')"
        event = f"[...document.querySelectorAll('.o_event')].find((one) => one.textContent.includes('{case.name}'))"
        with open_browser(self, self.director.login, DESKTOP) as browser:
            browser.go("/odoo/pqrs?view_type=calendar")
            browser.wait("document.querySelectorAll('.fc-col-header-cell').length === 7")
            self.assertIn("fc-day-mon", browser.run("document.querySelector('.fc-col-header-cell').className"))
            self.assertTrue(browser.run("!!document.querySelector('.fc-day-sat.o_calendar_disabled')"))
            for _month in range(3):
                if browser.run(f"!!{event}"):
                    break
                month = browser.run("document.querySelector('.o_calendar_header h5').textContent")
                browser.run("document.querySelector('.o_calendar_button_next').click()")
                browser.wait(f"document.querySelector('.o_calendar_header h5').textContent !== {month!r}")
            browser.wait(f"!!{event}")
            browser.run(f"{event}.click()")
            browser.wait(f"document.querySelector('.o_form_view')?.innerText.includes('{case.name}')")
            for size, row in ((DESKTOP, ".o_data_row"), (PHONE, ".o_kanban_record:not(.o_kanban_ghost)")):
                browser.resize(*size)
                browser.go("/odoo/pqrs-workload")
                browser.wait(f"!!{total}")
                self.assertNotWider(browser)
                browser.run(f"{total}.click()")
                browser.wait(f"document.querySelectorAll({row!r}).length === 1")
                self.assertIn(case.name, browser.run("document.querySelector('.o_content').innerText"))
