"""An answer to one person as the beginning of another: nothing of the first is left in it, and marks say what was there."""
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..models.answer.response_template import get_blanks
from ..tools import starting_point
from ..tools.starting_point import mark_other

LABELS = {kind: kind for kind in ("name", "contact", "address", "date", "amount", "number")}
#: words of an answer that tell of nobody
WORDS = st.sampled_from(("le", "informamos", "que", "el", "servicio", "fue", "revisado", "y", "se", "tomaron", "las", "medidas", "del", "caso"))
NAMES = st.text("bcdfgáéñ", min_size=4, max_size=9).map(str.capitalize)
SECRETS = st.one_of(
    st.integers(10, 10**11).map(str), st.dates().map(lambda day: day.strftime("%d/%m/%Y")), st.dates().map(str),
    st.integers(1, 10**9).map(lambda value: f"$ {value:,}".replace(",", ".")), st.emails(), NAMES.map(lambda name: f"señora {name}"),
    st.integers(1, 99999).map(lambda value: f"PQRS-2026-{value:05}"), st.integers(1, 99).map(lambda value: f"Calle {value} # {value}-{value}"),
)


def mark(text, names=(), places=(), keep=()):
    return mark_other(text, LABELS, names, places, keep)


class TestStartingPoint(BaseCase):
    def test_what_is_marked(self):
        """Also each word of who asked and their company, however it is written; not a word that is one as well."""
        ruiz = ("Ana María Ruiz Peña", "Conjunto El Roble"), ("Torre Azul, portería",)
        torre = ("Ana María Ruiz de la Torre", "Conjunto El Roble"), ("Portería Azul",)
        for people, text, expected in (
            (ruiz, "Señora Ana Ruiz: cordial saludo", "«[…: name]»: cordial saludo"),
            (ruiz, "ANA MARIA RUIZ PEÑA pidió", "«[…: name]» pidió"),
            (ruiz, "en el conjunto el roble y en Roble", "en el «[…: name]» y en «[…: name]»"),
            (ruiz, "el guarda Pedro Gómez de la torre azul, porteria", "el «[…: name]» de la «[…: name]»"),
            (ruiz, "habló con Luis Alberto de la Hoz ayer", "habló con «[…: name]» ayer"),
            (ruiz, "a ana.ruiz@example.com o https://example.com/x?a=1", "a «[…: contact]» o «[…: contact]»"),
            (ruiz, "al 300 111 22 33, al +57 (601) 555-0000", "al «[…: number]», al «[…: number]»"),
            (ruiz, "el 12 de marzo de 2026, el 12/03/2026 y el 2026-03-12", "el «[…: date]», el «[…: date]» y el «[…: date]»"),
            (ruiz, "el doce (12) de marzo del año", "el «[…: date]» del año"),
            (ruiz, "pagó $ 1.200.000 o 300.000 pesos", "pagó «[…: amount]» o «[…: amount]»"),
            (ruiz, "un millón doscientos mil pesos", "«[…: amount]»"),
            (ruiz, "su petición PQRS-2026-00042 con C.C. 52.123.456", "su petición «[…: number]» con C.C. «[…: number]»"),
            (ruiz, "en quince (15) días", "en «[…: number]» días"),
            (ruiz, "vive en la Carrera 7 No. 12-34 apto 301", "vive en la «[…: address]»"),
            (torre, "a ana, a maría y a RUIZ, del roble", "a «[…: name]», a «[…: name]» y a «[…: name]», del «[…: name]»"),
            (torre, "Torre preguntó por la torre del conjunto", "«[…: name]» preguntó por la torre del conjunto"),
            (torre, "en Azul, la portería de vidrio azul", "en «[…: name]», la portería de vidrio azul"),
            (torre, "de las personas y los bananas", "de las personas y los bananas"),
        ):
            self.assertEqual(mark(text, *people), expected)

    def test_what_stays(self):
        for text in (
            "Según la Ley 1755 de 2015 y los artículos 14, 22 y 23 del Decreto 1377 del 27 de junio de 2013, le respondemos.",
            "Puede acudir a la Superintendencia de Vigilancia y Seguridad Privada o a la Defensoría del Pueblo.",
            "Revisamos los hechos y tomamos las medidas del caso. Le ofrecemos disculpas.",
            "Escriba a «[nombre de quien responde]».", "",
        ):
            self.assertEqual(mark(text, ["Ana Ruiz"]), text)
        own = "Seguridad Andina Ltda. atiende en servicioalcliente@example.com y en el 601 555 0000"
        self.assertEqual(mark(own, ["Ana Ruiz"], [], ["Seguridad Andina Ltda.", "servicioalcliente@example.com", "601 555 0000"]), own)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.one_of(WORDS, SECRETS), max_size=30), st.lists(NAMES, min_size=1, max_size=3))
    def test_nothing_is_left(self, parts, name):
        """Whatever is written around it: no digit, no address, no part of the name; what is marked stays as it is."""
        text = " ".join([*parts, " ".join(name), *parts, name[-1]])
        marked = mark(text, [" ".join(name)])
        self.assertNotRegex(marked, r"\d|@")
        for part in name:
            self.assertNotRegex(marked, rf"(?i)\b{part}\b")
        self.assertTrue(get_blanks(marked))
        self.assertEqual(mark(marked, [" ".join(name)]), marked)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(WORDS, max_size=40).map(" ".join))
    def test_other_words_stay(self, text):
        self.assertEqual(mark(text, ["Ana Ruiz"]), text)

    @settings(max_examples=40, deadline=None)
    @given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
    def test_any_text(self, text, names):
        has_law = any(word in text.lower() for word in ("ley", "art", "decreto", "iso", "ntc", "numeral", "par"))
        self.assertNotRegex(mark(text, names), "(?a:\\d)" if not get_blanks(text) and not has_law else "^\0$")

    def test_lines(self):
        html = '<p>Se&ntilde;ora A<b>n</b>a<br/>Ruiz:</p><ul><li>Uno</li><li>Dos <img alt="Ana" src="data:x"/></li></ul><div title="Ana Ruiz">Fin</div>'
        self.assertEqual(starting_point.split_lines(html), ["Señora Ana", "Ruiz:", "Uno", "Dos", "Fin"])
        self.assertEqual(starting_point.split_lines(""), [])
