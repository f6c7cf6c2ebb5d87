import inspect
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = "odoo.addons.sig_pqrs."
ARCHITECTURE = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"


@tagged("post_install", "-at_install")
class TestOverrides(TransactionCase):
    """Core may rename its private methods: what extends one that is gone would do nothing, without a word."""

    def get_extensions(self):
        """``{(class of ours, private method that it extends): whether it is one of core}``."""
        found = {}
        for model in self.registry.values():
            classes = [cls for cls in model.__mro__ if not cls.__module__.startswith("odoo.orm.registry")]
            for position, cls in enumerate(classes):
                if not cls.__module__.startswith(ADDON):
                    continue
                for name, value in vars(cls).items():
                    function = inspect.unwrap(getattr(value, "__func__", value))
                    if (cls, name) in found or not re.match(r"_[a-z]", name) or not inspect.isfunction(function):
                        continue
                    if re.search(rf"\bsuper\(.*\)\s*\.{name}\b", inspect.getsource(function)):
                        extended = [other for other in classes[position + 1 :] if name in vars(other)]
                        self.assertTrue(extended, f"{cls.__module__}.{cls.__name__}.{name} extends nothing")
                        found[cls, name] = any(not other.__module__.startswith(ADDON) for other in extended)
        return found

    def test_each_extends_something_and_is_explained(self):
        text = ARCHITECTURE.read_text()
        found = self.get_extensions()
        self.assertTrue(found)
        for (cls, name), of_core in found.items():
            with self.subTest(f"{cls.__module__}.{cls.__name__}.{name}"):
                self.assertTrue(not of_core or f"`{name}`" in text, "docs/architecture.md says why")

    def test_threads_of_ours_are_guarded(self):
        for model in self.registry.values():
            if model._name.startswith("sig.") and issubclass(model, self.registry["mail.thread"]):
                self.assertTrue(issubclass(model, self.registry["sig.thread.mixin"]), model._name)

    def test_columns_in_tables_of_core_are_explained(self):
        text = ARCHITECTURE.read_text()
        ours = [
            (model._name, name) for model in self.registry.values() if model._original_module != "sig_pqrs" and not model._abstract
            for name, field in model._fields.items()
            if field.store and not model._transient and set(field._modules) == {"sig_pqrs"}
        ]
        self.assertIn(("res.company", "sig_tz"), ours)
        missing = [(model, name) for model, name in ours if f"`{name}`" not in text]
        self.assertFalse(missing, "docs/architecture.md says why")
