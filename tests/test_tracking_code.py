import re
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools import clean_text, tracking_code
from odoo.tests import BaseCase, TransactionCase, tagged

keys = st.text(min_size=1, max_size=80)
revisions = st.integers(0, 10**6)


class TestCode(BaseCase):
    @given(keys, st.uuids(), revisions)
    def test_shape(self, key, uuid, revision):
        """It is read as people type it."""
        code = tracking_code.derive(key, str(uuid), revision)
        self.assertRegex(code, r"\A([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\Z")
        typed = code.lower().replace("0", "o").replace("1", "l")
        for text in (code, code.replace("-", ""), code.replace("-", " "), f"  {typed}\n"):
            self.assertTrue(tracking_code.matches(key, str(uuid), revision, text), text)

    @given(keys, st.uuids(), revisions, st.integers(0, 15), st.sampled_from(tracking_code.ALPHABET))
    def test_every_character_counts(self, key, uuid, revision, place, character):
        code = tracking_code.normalize(tracking_code.derive(key, str(uuid), revision))
        other = code[:place] + character + code[place + 1 :]
        self.assertEqual(tracking_code.matches(key, str(uuid), revision, other), other == code)

    @given(st.text(max_size=200))
    def test_anything_typed_is_refused_quietly(self, text):
        self.assertFalse(tracking_code.matches("k", str(uuid4()), 0, text))

    def test_key_case_and_revision_make_it(self):
        uuid = str(uuid4())
        codes = {
            tracking_code.derive(key, of, revision) for key in ("a", "b") for of in (uuid, str(uuid4())) for revision in (0, 1)
        }
        self.assertEqual(len(codes), 8)

    def test_known_code(self):
        """Codes on paper open their cases for years: how they are derived never changes."""
        self.assertEqual(tracking_code.derive("clave", "6f1d8f0e-0000-4000-8000-000000000001", 3), "NJTS-67AM-SQA5-QG2D")


class TestCleanText(BaseCase):
    @given(st.text(max_size=300))
    def test_nothing_unseen_stays(self, text):
        for cleaned in (clean_text.line(text), clean_text.paragraphs(text)):
            self.assertFalse(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", cleaned))
            self.assertEqual(cleaned, cleaned.strip())
            cleaned.encode()
        line, paragraphs = clean_text.line(text), clean_text.paragraphs(text)
        self.assertNotIn("\n", line)
        self.assertNotIn("\n\n\n", paragraphs)
        self.assertEqual((clean_text.line(line), clean_text.paragraphs(paragraphs)), (line, paragraphs), "cleaned twice")

    def test_what_people_write_stays(self):
        text = "Señores:\n\n¿Qué pasó con mi queja? 👩‍👧 {{7*7}} <b>hola</b> 50 % \"comillas\""
        self.assertEqual((clean_text.paragraphs(text), clean_text.line("  Puesto\t 2\r\nnorte ")), (text, "Puesto 2 norte"))

    def test_quote_of_a_reply(self):
        for quote in (
            "El mar, 24 nov 2026 a las 10:00, Seguridad <pqrs@x.co>\nescribió:\n> Recibimos su solicitud\n> Radicado 1",
            "On Tue, Nov 24, 2026 at 10:00 AM Security wrote:\n\n> We received it",
            "-----Mensaje original-----\nDe: Seguridad",
            "De: Seguridad <pqrs@x.co>\nEnviado: martes, 24 de noviembre de 2026 10:00\nRecibimos su solicitud",
            "> Recibimos su solicitud\n\n> Radicado 1",
        ):
            self.assertEqual(clean_text.split_quote(f"Gracias.\n\n{quote}"), ("Gracias.", quote))
            self.assertEqual(clean_text.split_quote(quote), (quote, ""), "all that it says")
        for text in ("", "El guarda escribió: no voy", "Dijo:\n> nada\ny se fue", "De: la portería\nhasta el sótano"):
            self.assertEqual(clean_text.split_quote(text), (text, ""))

    @given(st.text(max_size=30), st.text(alphabet=" .,-_/'\u00a0\t", max_size=10))
    def test_document_key(self, text, noise):
        key = clean_text.document_key(text)
        self.assertEqual(clean_text.document_key(key), key)
        self.assertTrue(not key or (key.isalnum() and any(map(str.isdigit, key))), "“N/A” is nobody's")
        for typed in (noise + text + noise, text.replace(" ", noise)):
            self.assertEqual(clean_text.document_key(typed), key)


@tagged("post_install", "-at_install")
class TestKey(TransactionCase):
    def test_made_once(self):
        get = self.env["sig.tracking"]._get_key
        key = get()
        self.assertGreaterEqual(len(key), 64)
        self.env["sig.tracking"]._make_key()
        self.assertEqual(get(), key)

    def test_never_made_anew_silently(self):
        self.env["ir.config_parameter"].search([("key", "=", "sig_pqrs.tracking_key")]).unlink()
        with self.assertRaises(KeyError):
            self.env["sig.tracking"]._get_key()
