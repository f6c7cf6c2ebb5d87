"""Photos without what a camera or a program wrote beside the picture: where, when, with what device and by whom.

The picture itself is copied byte by byte, never decoded. JPEG, PNG and WebP are known; anything else stays as it is.
"""

import struct

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: chunks that are text, moments or Exif
_PNG_TOLD = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_TOLD = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04  # of the header VP8X: there is Exif, there is XMP

_JPEG_START = b"\xff\xd8"
_JPEG_SCAN = 0xDA
#: JFIF, colour profile and Adobe's colour transform: without them the picture looks different
_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})
_JPEG_COMMENT = 0xFE
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112


def without_metadata(content: bytes) -> bytes:
    """The same picture, as upright as it was. What cannot be read as a photo comes back as it is."""
    try:
        if content.startswith(_JPEG_START):
            return _strip_jpeg(content)
        if content.startswith(_PNG_SIGNATURE):
            return _strip_png(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _strip_webp(content)
    except (struct.error, IndexError):  # it ends in the middle
        return content
    return content


def _strip_jpeg(content):
    kept, orientation, position = [_JPEG_START], 0, len(_JPEG_START)
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _JPEG_SCAN:
            break
        [length] = struct.unpack_from(">H", content, position + 2)
        segment = content[position : position + 2 + length]
        if marker == 0xE1 and segment[4:10] == _EXIF:
            orientation = orientation or _read_orientation(segment[10:])
        if not (0xE0 <= marker <= 0xEF or marker == _JPEG_COMMENT) or marker in _JPEG_KEPT:
            kept.append(segment)
        position += 2 + length
    if orientation > 1:
        kept.insert(1, _make_orientation(orientation))
    return b"".join([*kept, content[position:]])


def _read_orientation(tiff):
    """How a photo is to be turned, 1 to 8; 0 when its Exif does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if not order:
        return 0
    try:
        [start] = struct.unpack_from(f"{order}L", tiff, 4)
        [count] = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(count):
            tag, kind, _values, value = struct.unpack_from(f"{order}HHLH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION and kind == 3:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _make_orientation(orientation):
    directory = struct.pack(">HHHLHHL", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = _EXIF + b"MM\x00*" + struct.pack(">L", 8) + directory
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
