import io
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from odoo.tests import BaseCase, tagged

from ..tools import photo

GPS = "Bogotá 4.6 N 74.1 W"


def take_photo(kind, orientation=6):
    """A photo that says who took it, with what and how it is turned."""
    if kind == "WEBP":  # not every Pillow writes it
        return take_webp()
    picture = Image.effect_noise((24, 16), 80).convert("RGB")
    exif = Image.Exif()
    exif.update({0x0112: orientation, 0x010E: GPS, 0x0110: "Celular de Ana", 0x013B: "Ana Ruiz"})
    stream = io.BytesIO()
    picture.save(stream, kind, exif=exif, xmp=b"<x:xmpmeta>Ana Ruiz</x:xmpmeta>")
    return stream.getvalue()


def take_webp():
    """The parts of a WebP, as its container orders them; the picture is a pixel without loss."""
    header = bytes([0x08 | 0x04, 0, 0, 0]) + bytes(6)
    pixel = bytes.fromhex("2f00000000071011fd0f444400")
    chunks = ((b"VP8X", header), (b"VP8L", pixel), (b"EXIF", b"II*\x00Ana Ruiz"), (b"XMP ", b"<x>Ana Ruiz</x>"))
    body = b"".join(name + struct.pack("<L", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def look(content):
    """Its pixels; of a WebP, the part that holds them."""
    if content.startswith(b"RIFF"):
        start = content.index(b"VP8L")
        return content[start : start + 8 + 13]
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()


@tagged("post_install", "-at_install")
class TestPhoto(BaseCase):
    """What goes beside the picture goes, and the picture stays."""

    def test_nothing_of_who_took_it(self):
        for kind in ("JPEG", "PNG", "WEBP"):
            with self.subTest(kind=kind):
                content = take_photo(kind)
                self.assertIn(b"Ana Ruiz", content)
                clean = photo.without_metadata(content)
                self.assertNotIn(b"Ana", clean)
                self.assertEqual(look(clean), look(content))
                self.assertEqual(photo.without_metadata(clean), clean)
        webp = photo.without_metadata(take_webp())
        self.assertEqual(struct.unpack_from("<L", webp, 4), (len(webp) - 8,))
        self.assertEqual(webp[20] & (0x08 | 0x04), 0, "it no longer says that it has them")

    def test_it_stays_upright(self):
        for orientation in range(1, 9):
            clean = photo.without_metadata(take_photo("JPEG", orientation))
            with Image.open(io.BytesIO(clean)) as picture:
                self.assertEqual(picture.getexif().get(0x0112, 1), orientation)
                self.assertLessEqual(len(picture.getexif()), 1)

    def test_text_of_programs(self):
        stream = io.BytesIO()
        Image.new("RGB", (4, 4)).save(stream, "JPEG", comment=b"Ana Ruiz")
        self.assertNotIn(b"Ana", photo.without_metadata(stream.getvalue()))
        trailing = take_photo("PNG") + b"Ana Ruiz"
        self.assertNotIn(b"Ana", photo.without_metadata(trailing))

    def test_padding_between_its_parts(self):
        """Cameras may put any number of FF before a part of a JPEG."""
        content = take_photo("JPEG")
        position, padded = 2, [content[:2]]
        while content[position + 1] != 0xDA:
            [length] = struct.unpack_from(">H", content, position + 2)
            padded += [b"\xff\xff\xff", content[position : position + 2 + length]]
            position += 2 + length
        clean = photo.without_metadata(b"".join([*padded, b"\xff", content[position:]]))
        self.assertNotIn(b"Ana", clean)
        self.assertEqual(look(clean), look(content))
        with Image.open(io.BytesIO(clean)) as picture:
            self.assertEqual(picture.getexif().get(0x0112), 6)

    def test_what_is_no_photo_stays(self):
        for content in (b"", b"%PDF-1.4 Ana", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"\x89PNG\r\n\x1a\nabc", b"RIFF"):
            self.assertEqual(photo.without_metadata(content), content)

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(("JPEG", "PNG", "WEBP")), st.integers(0, 400), st.binary(max_size=40))
    def test_broken_photos_break_nothing(self, kind, cut, tail):
        content = take_photo(kind)
        broken = content[: min(cut, len(content))] + tail
        self.assertIsInstance(photo.without_metadata(broken), bytes)
