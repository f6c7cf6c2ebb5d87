"""The text of exported chats, as telephones write it and as a forger might."""

import io
import zipfile
from datetime import date, datetime, timedelta
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools import whatsapp_chat
from odoo.addons.sig_pqrs.tools.whatsapp_chat import ChatError, Export
from odoo.tests import BaseCase

NARROW, LRM = "\u202f", "\u200e"

ANDROID = f"""24/11/26, 3:04{NARROW}p.\u00a0m. - Los mensajes y las llamadas están cifrados de extremo a extremo. Toca para obtener más información.
24/11/26, 3:04{NARROW}p.\u00a0m. - Ana Ruiz: Buenas tardes
la portería no abre: mire

gracias
24/11/26, 3:05{NARROW}p.\u00a0m. - Seguridad: {LRM}IMG-20261124-WA0001.jpg (archivo adjunto)
Así quedó
24/11/26, 12:06{NARROW}a.\u00a0m. - Ana Ruiz: <Multimedia omitido>
24/11/26, 12:07{NARROW}p.\u00a0m. - Ana Ruiz: ok
"""
IOS = f"""\ufeff[11/24/26, 3:04:05{NARROW}PM] Ana Ruiz: {LRM}Messages and calls are end-to-end encrypted.
[11/24/26, 3:04:09{NARROW}PM] ~{NARROW}Ana Ruiz: Good afternoon
{LRM}[11/24/26, 3:05:00{NARROW}PM] Security: {LRM}<attached: 00000012-PHOTO-2026-11-24.jpg>
{LRM}[11/24/26, 3:06:09{NARROW}PM] Ana Ruiz: {LRM}image omitted
{LRM}[11/24/26, 3:06:19{NARROW}PM] Ana Ruiz: minuta.pdf • {LRM}2 pages {LRM}document omitted
"""

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cs")), min_size=1, max_size=30)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map("\n".join).filter(
    lambda text: not whatsapp_chat._HEADER.search(text) and not whatsapp_chat._ATTACHED.search(text)
)
STYLES = {
    "android 12": ("{day}/{month}/{year:02}, {half_hour}:{minute:02}\u202f{half}.\u00a0m. - ", "dmy"),
    "android 24": ("{day}/{month}/20{year:02}, {hour:02}:{minute:02} - ", "dmy"),
    "android us": ("{month}/{day}/{year:02}, {half_hour}:{minute:02}\u202f{half}m - ", "mdy"),
    "ios 12": ("\u200e[{day:02}/{month:02}/{year:02}, {half_hour}:{minute:02}:07\u202f{half}. m.] ", "dmy"),
    "ios us": ("[{month}/{day}/{year:02}, {half_hour}:{minute:02}:59 {half}M] ", "mdy"),
    "iso": ("[20{year:02}-{month:02}-{day:02}, {hour:02}:{minute:02}:59] ", "ymd"),
}


def make_zip(files, **options):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def write_header(style, moment):
    half_hour, half = (moment.hour + 11) % 12 + 1, "p" if moment.hour > 11 else "a"
    parts = {"day": moment.day, "month": moment.month, "year": moment.year - 2000, "hour": moment.hour}
    return STYLES[style][0].format(**parts, minute=moment.minute, half_hour=half_hour, half=half)


class TestWhatsAppChat(BaseCase):
    def parse(self, text, latest=None):
        return [tuple(message[1:]) for message in whatsapp_chat.parse(text.encode(), latest)]

    def test_android_in_spanish_and_ios_in_english(self):
        self.assertEqual(self.parse(ANDROID), [
            (datetime(2026, 11, 24, 15, 4), "Ana Ruiz", "Buenas tardes\nla portería no abre: mire\n\ngracias", (), False),
            (datetime(2026, 11, 24, 15, 5), "Seguridad", "Así quedó", ("IMG-20261124-WA0001.jpg",), False),
            (datetime(2026, 11, 24, 0, 6), "Ana Ruiz", "", (), True),
            (datetime(2026, 11, 24, 12, 7), "Ana Ruiz", "ok", (), False),
        ])  # fmt: skip
        self.assertEqual(self.parse(IOS), [
            (datetime(2026, 11, 24, 15, 4), "Ana Ruiz", "Good afternoon", (), False),
            (datetime(2026, 11, 24, 15, 5), "Security", "", ("00000012-PHOTO-2026-11-24.jpg",), False),
            (datetime(2026, 11, 24, 15, 6), "Ana Ruiz", "", (), True),
            (datetime(2026, 11, 24, 15, 6), "Ana Ruiz", "minuta.pdf • 2 pages", (), True),
        ])  # fmt: skip

    def test_order_of_day_and_month(self):
        for lines, latest, expected in (
            ("5/12/26, 10:00 - A: x", None, date(2026, 12, 5)),
            ("5/12/26, 10:00 - A: x", date(2026, 11, 29), date(2026, 5, 12)),
            ("5/12/26, 10:00 - A: x\n5/13/26, 10:00 - A: y", None, date(2026, 5, 12)),
            ("5/12/26, 10:00 - A: x\n13/12/26, 10:00 - A: y", None, date(2026, 12, 5)),
            ("5/12/26, 10:00 - A: x\n6/1/26, 10:00 - A: y", None, date(2026, 5, 12)),
        ):
            self.assertEqual(self.parse(lines, latest)[0][0].date(), expected, lines)

    def test_more_than_is_exported_at_once(self):
        with patch.object(whatsapp_chat, "MAX_MESSAGES", 3):
            self.assertEqual(len(self.parse("5/12/26, 10:00 - A: x\n" * 3)), 3)
            with self.assertRaises(ChatError) as refused:
                self.parse("5/12/26, 10:00 - A: x\n" * 4)
        self.assertEqual(refused.exception.args[0], "too_long")

    @settings(max_examples=80, deadline=None)
    @given(
        st.sampled_from(sorted(STYLES)),
        st.lists(st.tuples(st.integers(0, 60 * 24 * 40), st.sampled_from(["Ana Ruiz", "+57 300 1112233"]), TEXTS), min_size=1, max_size=8),
    )  # fmt: skip
    def test_what_was_written_is_read(self, style, said):
        """Each message with its moment, author and lines, however the telephone writes dates."""
        start = datetime(2026, 2, 13, 10, 0)  # a day that is no month
        said = [(0, "Ana Ruiz", "Hola"), *said]
        moments = [start + timedelta(minutes=sum(gap for gap, _author, _text in said[: place + 1])) for place in range(len(said))]
        chat = "".join(
            f"{write_header(style, moment)}{author}: {text}\n" for moment, (_gap, author, text) in zip(moments, said, strict=True)
        )
        found = self.parse(chat)
        self.assertEqual([row[:2] for row in found], [(moment, author) for moment, (_gap, author, _text) in zip(moments, said, strict=True)])
        for row, (_gap, _author, text) in zip(found, said, strict=True):
            self.assertEqual(row[2], whatsapp_chat.clean_text.paragraphs(text))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(TEXTS, min_size=1, max_size=8), st.integers(0, 8))
    def test_a_chat_that_grew(self, texts, known):
        """Its first messages are identified as before, equal ones too; the rest are others."""
        lines = [f"24/11/26, 10:00 - Ana: {text}" for text in texts]

        def identify(lines):
            messages = whatsapp_chat.parse("\n".join(lines).encode())
            return [digest for parts in whatsapp_chat.identify(messages, {}) for digest in parts]

        whole = identify(lines)
        self.assertEqual(len(whole), len(set(whole)))
        if before := lines[:known]:
            self.assertEqual(identify(before), whole[: len(identify(before))])

    @settings(max_examples=150, deadline=None)
    @given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda rest: b"PK\x03\x04" + rest)))
    def test_anything_else_is_refused(self, content):
        try:
            whatsapp_chat.parse(Export("x", content).text)
        except ChatError as error:
            self.assertIn(error.args[0], ("unreadable", "not_a_chat"))

    def test_a_zip_with_its_files(self):
        export = Export("WhatsApp Chat - Ana Ruiz.zip", make_zip({"a/foto.jpg": b"x" * 100, "_chat.txt": IOS}))
        self.assertEqual((export.name, export.text), ("WhatsApp Chat - Ana Ruiz.txt", IOS.encode()))
        self.assertEqual((export.extract("foto.jpg", 10), export.extract("otra.jpg", 10)), (b"", b""))

    def test_zips_that_are_no_chat(self):
        packed = bytearray(make_zip({"_chat.txt": IOS}))
        packed[45] ^= 0xFF
        for content, code in (
            (make_zip({"foto.jpg": b"x"}), "not_a_chat"),
            (bytes(packed), "unreadable"),
            (make_zip({"_chat.txt": b"\n" * (whatsapp_chat.MAX_TEXT + 1)}), "too_large"),
            (b"x" * (whatsapp_chat.MAX_BYTES + 1), "too_large"),
        ):
            with self.assertRaises(ChatError) as caught:
                Export("x.zip", content)
            self.assertEqual(caught.exception.args[0], code)

    def test_the_part_that_is_kept(self):
        [first, second, *_others] = whatsapp_chat.parse(ANDROID.encode())
        self.assertEqual(whatsapp_chat.cut(ANDROID.encode(), first.line).decode(), ANDROID.split("\n", 1)[1])
        self.assertTrue(whatsapp_chat.cut(ANDROID.encode(), second.line).decode().startswith("24/11/26, 3:05"))
