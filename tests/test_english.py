"""No English in what is shown, mailed or printed in es_CO; `dev/crawl` reads the screens of each role."""
import re

import polib
from lxml import html

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged

from .english import find_english

#: attributes of views that are read
TEXTS = ("string", "help", "placeholder", "title", "confirm", "confirm-title", "confirm-label", "sum", "avg", "aria-label", "alt")
#: names and quotations, not prose
ALLOWED = re.compile("Authentication-Results|Message-Id|Net Promoter Score")
#: a Python expression
EXPRESSION = "model:ir.actions.report,print_report_name:"
#: models whose records are no text for people
TECHNICAL = (
    "ir.asset", "ir.config_parameter", "ir.model", "ir.model.access", "ir.model.constraint", "ir.model.fields",
    "ir.model.fields.selection", "ir.rule", "ir.ui.view",
)


def find(text):
    """The English words in what is read of a text, which may be HTML."""
    words = []
    for node in html.fromstring(f"<div>{text}</div>").iter():
        for part in (*map(node.get, TEXTS), node.tag != "style" and node.text, node.tail):
            words += find_english(ALLOWED.sub("", part or ""))
    return words


@tagged("post_install", "-at_install")
class TestEnglish(TransactionCase):
    def test_translations(self):
        """That there is one of each term, `test_i18n` proves."""
        entries = polib.pofile(f"{get_module_path('sig_pqrs')}/i18n/es.po")
        found = {entry.msgstr: find(entry.msgstr) for entry in entries if not entry.occurrences[0][0].startswith(EXPRESSION)}
        self.assertGreater(len(found), 2000)
        self.assertFalse({text: words for text, words in found.items() if words})

    def test_names_that_are_not_translated(self):
        data = self.env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "not in", TECHNICAL)])
        for model, records in data.grouped("model").items():
            field = self.env[model]._fields.get("name")
            if field and field.store and field.type == "char" and not field.translate:
                for record in self.env[model].browse(records.mapped("res_id")).exists():
                    self.assertFalse(find(record.name or ""), f"{model}: {record.name}")
