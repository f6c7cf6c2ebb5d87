"""No English in what is shown, mailed or printed in es_CO; `dev/crawl` reads the screens of each role."""
import re
from collections import defaultdict

from lxml import etree, html

from odoo.tests import TransactionCase, tagged

from .english import find_english

#: attributes of views that are read
TEXTS = ("string", "help", "placeholder", "title", "confirm", "confirm-title", "confirm-label", "sum", "avg", "aria-label", "alt")
#: names and quotations, not prose
ALLOWED = {"Authentication-Results", "Message-Id", "Net Promoter Score"}
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


@tagged("post_install", "-at_install")
class TestEnglish(TransactionCase):
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
