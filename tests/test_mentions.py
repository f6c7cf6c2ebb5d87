from odoo.addons.sig_pqrs.tools.mentions import Mentions
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestMentions(BaseCase):
    """Whether a text names somebody."""

    def test_person(self):
        names = Mentions(["Anastasia Peña Gil", "pena@example.com"], ["310 555 0199", "52.999.888", "12"], person=True)
        for text in (
            "La señora Anastasia Peña Gil llamó", "ANASTASIA PENA GIL", "la señora Peña", "vino Anastasia.",
            "escriba a pena@example.com, por favor", "cel. 3105550199", "C. C. 52999888", "CC 52 999 888",
            "anastasia  peña\ngil",
        ):
            self.assertTrue(names.found_in(text), text)
        for text in ("", None, "El guarda Gil", "El empeñado", "12 turnos", "Llamar al 310 555 0100"):
            self.assertFalse(names.found_in(text), text)
        self.assertTrue(names.found_in("Asunto", "De: Peña"))

    def test_company(self):
        names = Mentions(["Conjunto El Roble"], [], person=False)
        self.assertTrue(names.found_in("El conjunto el roble se queja"))
        self.assertFalse(names.found_in("Otro conjunto"))

    def test_nobody(self):
        self.assertFalse(Mentions(["", None], [None, ""], person=True).found_in("Cualquier texto 1234567"))
