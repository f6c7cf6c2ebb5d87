"""No English on any screen: what each role is given in es_CO, crawled from its menus, and all that is stored."""
import re
from collections import defaultdict

from lxml import etree, html

from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from .common import SigCommon
from .english import find_english

#: attributes of views that are read
TEXTS = ("string", "help", "placeholder", "title", "confirm", "confirm-title", "confirm-label", "sum", "avg", "aria-label", "alt")
#: names and quotations, not prose
ALLOWED = {"Message-Id", "Net Promoter Score"}
#: Python expressions
EXPRESSIONS = {"print_report_name"}
#: models whose records are no text for people
TECHNICAL = (
    "ir.asset", "ir.config_parameter", "ir.model", "ir.model.access", "ir.model.constraint", "ir.model.fields",
    "ir.model.fields.selection", "ir.rule", "ir.ui.view",
)


def read_arch(arch):
    root = etree.fromstring(arch) if isinstance(arch, str) else arch
    for node in root.iter():
        if not isinstance(node.tag, str) or node.tag in ("script", "style"):
            continue
        if node.tag == "attribute" and node.get("name") not in TEXTS:
            continue
        yield from (node.get(name) for name in TEXTS if node.get(name))
        if not node.get("t-out") and not node.get("t-esc"):
            yield from filter(None, (node.text, *(child.tail for child in node)))


def read_html(text):
    return html.fromstring(f"<div>{text}</div>").text_content() if text else ""


class EnglishCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "es_CO" not in dict(cls.env["res.lang"].get_installed()):
            language = cls.env["res.lang"]._activate_lang("es_CO")
            cls.env["base.language.install"].create({"lang_ids": [(6, 0, language.ids)]}).lang_install()

    def setUp(self):
        super().setUp()
        self.found = defaultdict(set)
        self.read = 0

    def look(self, text, place):
        self.read += 1
        for allowed in ALLOWED:
            text = (text or "").replace(allowed, "")
        if words := find_english(text):
            self.found[" ".join(text.split())[:200]].add(f"{place}: {', '.join(words)}")

    def look_at_view(self, model, arch, place):
        for text in read_arch(arch):
            if text != model._description:  # views that core makes up are named so, and the name does not show
                self.look(text, place)

    def look_at_fields(self, model, names, place):
        for name, field in model.fields_get(names, ["string", "help", "selection"]).items():
            self.look(field["string"], f"{place}.{name}")
            self.look(field.get("help"), f"{place}.{name}")
            for value, label in field.get("selection") or ():
                self.look(label, f"{place}.{name}={value}")

    def assertNoEnglish(self, least):
        self.assertGreater(self.read, least)
        lines = (f"{text!r}\n      {' | '.join(sorted(places)[:3])}" for text, places in sorted(self.found.items()))
        self.assertFalse(self.found, f"{len(self.found)} texts\n" + "\n".join(lines))


class TestEnglish(EnglishCommon, TransactionCase):
    @mute_logger("odoo.models")
    def test_screens_of_each_role(self):
        users = (self.administrator, self.director, self.leader, self.collaborator, self.management, self.interviewer)
        seen = set()
        for user in users:
            env = self.env(user=user, context={"lang": "es_CO", "tz": "America/Bogota"})
            ours = self.env.ref("sig_pqrs.menu_root")
            menus = env["ir.ui.menu"].browse(env["ir.ui.menu"]._visible_menu_ids()).filtered(
                lambda menu, ours=ours: menu.parent_path.startswith(ours.parent_path)
            )
            self.assertTrue(menus, user.login)
            for menu in menus:
                self.look(menu.name, f"menu {menu.name}")
                action = menu.action and menu.action.sudo()
                if action and (action, user.all_group_ids) not in seen:
                    seen.add((action, user.all_group_ids))
                    self.look_at_action(env, action.with_env(env(su=True)))
        self.assertNoEnglish(5000)

    def look_at_action(self, env, action):
        self.look(action.name, action.xml_id)
        self.look(read_html(action.help), action.xml_id)
        if action._name != "ir.actions.act_window":
            return
        views = [(view_id, kind) for view_id, kind in action.views]
        model = env[action.res_model]
        got = model.get_views([*views, (action.search_view_id.id, "search")])
        for kind, view in got["views"].items():
            self.look_at_view(model, view["arch"], f"{action.xml_id} {kind}")
        for name, described in got["models"].items():
            if name.startswith("sig."):
                self.look_at_fields(env[name], list(described["fields"]), name)
            else:
                # of a model of core, what our views show
                shown = self.get_shown(got["views"]) & set(described["fields"])
                self.look_at_fields(env[name], sorted(shown), name)

    def get_shown(self, views):
        return {
            node.get("name")
            for view in views.values()
            for node in etree.fromstring(view["arch"]).iter("field")
            if node.get("invisible") not in ("1", "True") and node.get("column_invisible") not in ("1", "True")
        }

    def test_wizards(self):
        env = self.env(user=self.administrator, context={"lang": "es_CO"})
        for name in (name for name in env if name.startswith("sig.") and env[name]._transient):
            self.look_at_fields(env[name], None, name)
            if self.env["ir.ui.view"].search_count([("model", "=", name)], limit=1):
                self.look_at_view(env[name], env[name].get_view(view_type="form")["arch"], name)
        self.assertNoEnglish(500)

    def test_pages_mails_and_reports(self):
        views = self.env["ir.ui.view"].with_context(lang="es_CO", active_test=False).search(
            [("model_data_id.module", "=", "sig_pqrs")]
        )
        self.assertGreater(len(views), 100)
        for view in views:
            for text in read_arch(view.arch_db):
                self.look(text, view.xml_id)
        self.assertNoEnglish(2000)

    def test_records(self):
        env = self.env(context={"lang": "es_CO", "active_test": False})
        data = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "not in", TECHNICAL)])
        for name, group in data.grouped("model").items():
            model = env[name]
            texts = [
                field for field in model._fields.values()
                if field.type in ("char", "text", "html") and field.store and (field.translate or field.name == "name")
                and field.name not in EXPRESSIONS
            ]
            for record in model.browse(group.mapped("res_id")).exists():
                for field in texts:
                    text = record[field.name] or ""
                    if field.type == "html":
                        text = re.sub(r"<style.*?</style>", "", str(text), flags=re.S)
                        for part in read_arch(html.fromstring(f"<div>{text}</div>")):
                            self.look(part, f"{name} {record.id} {field.name}")
                    else:
                        self.look(text, f"{name} {record.id} {field.name}")
        self.assertNoEnglish(500)

    def test_every_model_and_its_fields(self):
        env = self.env(context={"lang": "es_CO"})
        for name in (name for name in env if name.startswith("sig.")):
            self.look(env["ir.model"]._get(name).name, name)
            own = [
                field.name for field in env[name]._fields.values()
                if field._module == "sig_pqrs" or getattr(field, "related", None)
            ]
            self.look_at_fields(env[name], own, name)
        self.assertNoEnglish(1500)
