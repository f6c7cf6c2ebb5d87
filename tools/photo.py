"""Photos without what a camera or a program wrote beside the picture: where, when, with what device and by whom.

The picture itself is copied byte by byte, never decoded. JPEG, PNG and WebP are known; anything else stays as it is.
"""

import struct
from contextlib import suppress

from PIL import Image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: chunks that are text, moments or Exif
_PNG_TOLD = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_TOLD = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04  # of the header VP8X: there is Exif, there is XMP

_JPEG_START = b"\xff\xd8"
_JPEG_SCAN = 0xDA
_JPEG_END = b"\xff\xd9"  # within a scan, no byte of the picture is read so
#: JFIF, colour profile and Adobe's colour transform: without them the picture looks different
_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})
_JPEG_COMMENT = 0xFE
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112


def without_metadata(content: bytes) -> bytes:
    """The same picture, as upright as it was. What cannot be read as a photo comes back as it is."""
    with suppress(struct.error, IndexError):  # it ends in the middle
        if content.startswith(_JPEG_START):
            return _strip_jpeg(content)
        if content.startswith(_PNG_SIGNATURE):
            return _strip_png(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _strip_webp(content)
    return content


def _strip_jpeg(content):
    kept, exif, position = [_JPEG_START], b"", len(_JPEG_START)
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _JPEG_SCAN:
            break
        [length] = struct.unpack_from(">H", content, position + 2)
        segment = content[position : position + 2 + length]
        if marker == 0xE1 and segment.startswith(_EXIF, 4):
            exif = exif or segment[4:]
        if not (0xE0 <= marker <= 0xEF or marker == _JPEG_COMMENT) or marker in _JPEG_KEPT:
            kept.append(segment)
        position += 2 + length
    if (orientation := _read_orientation(exif)) > 1:
        kept.insert(1, _make_orientation(orientation))
    picture, end, _behind = content[position:].partition(_JPEG_END)  # phones write a film, or more pictures, behind
    return b"".join([*kept, picture, end])


def _read_orientation(exif):
    """How a photo is to be turned, 1 to 8; 1 when its Exif does not say, or cannot be read."""
    with suppress(Exception):  # a forged file makes the parser raise anything
        found = Image.Exif()
        found.load(exif)  # one segment, of 64 kB at most
        value = found.get(_ORIENTATION)
        return value if value in range(1, 9) else 1
    return 1


def _make_orientation(orientation):
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    body = exif.tobytes()
    return struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body


def _strip_png(content):
    kept, position = [_PNG_SIGNATURE], len(_PNG_SIGNATURE)
    while position < len(content):
        length, kind = struct.unpack_from(">L4s", content, position)
        end = position + 12 + length
        if kind not in _PNG_TOLD:
            kept.append(content[position:end])
        position = end
        if kind == b"IEND":
            break  # what follows is no part of the picture
    return b"".join(kept)


def _strip_webp(content):
    kept, position = [], 12
    while position < len(content):
        kind, length = struct.unpack_from("<4sL", content, position)
        chunk = content[position : position + 8 + length + length % 2]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:]
        if kind not in _WEBP_TOLD:
            kept.append(chunk)
        position += 8 + length + length % 2
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body
