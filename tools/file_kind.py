"""What a file is, by its name and its first bytes. Nothing is opened, unpacked or run."""

import re
from typing import NamedTuple

#: extension: MIME type, and the container that its first bytes must show
_EXTENSIONS = {
    "pdf": ("application/pdf", "pdf"),
    "jpg": ("image/jpeg", "jpeg"),
    "jpeg": ("image/jpeg", "jpeg"),
    "jfif": ("image/jpeg", "jpeg"),
    "png": ("image/png", "png"),
    "gif": ("image/gif", "gif"),
    "bmp": ("image/bmp", "bmp"),
    "webp": ("image/webp", "webp"),
    "tif": ("image/tiff", "tiff"),
    "tiff": ("image/tiff", "tiff"),
    "heic": ("image/heic", "iso"),
    "heif": ("image/heif", "iso"),
    "mp4": ("video/mp4", "iso"),
    "mov": ("video/quicktime", "iso"),
    "3gp": ("video/3gpp", "iso"),
    "m4a": ("audio/mp4", "iso"),
    "webm": ("video/webm", "matroska"),
    "mkv": ("video/x-matroska", "matroska"),
    "avi": ("video/x-msvideo", "avi"),
    "mp3": ("audio/mpeg", "mp3"),
    "aac": ("audio/aac", "mp3"),
    "wav": ("audio/wav", "wav"),
    "ogg": ("audio/ogg", "ogg"),
    "opus": ("audio/ogg", "ogg"),
    "amr": ("audio/amr", "amr"),
    "doc": ("application/msword", "ole"),
    "xls": ("application/vnd.ms-excel", "ole"),
    "ppt": ("application/vnd.ms-powerpoint", "ole"),
    "msg": ("application/vnd.ms-outlook", "ole"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "zip"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip"),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "zip"),
    "odt": ("application/vnd.oasis.opendocument.text", "zip"),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", "zip"),
    "odp": ("application/vnd.oasis.opendocument.presentation", "zip"),
    "zip": ("application/zip", "zip"),
    "rar": ("application/vnd.rar", "rar"),
    "7z": ("application/x-7z-compressed", "7z"),
    "rtf": ("application/rtf", "rtf"),
    "txt": ("text/plain", "text"),
    "csv": ("text/csv", "text"),
    "eml": ("message/rfc822", "text"),
}
#: what a file without an extension is called, as some phones send them
_NAMELESS = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "gif": "gif", "webp": "webp"}

_SIGNATURES = {
    "pdf": re.compile(rb"[\s\S]{0,1000}%PDF-"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "gif": re.compile(rb"GIF8[79]a"),
    "bmp": re.compile(rb"BM"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "wav": re.compile(rb"RIFF....WAVE", re.DOTALL),
    "avi": re.compile(rb"RIFF....AVI ", re.DOTALL),
    "tiff": re.compile(rb"II\*\x00|MM\x00\*"),
    "iso": re.compile(rb"....(ftyp|moov|mdat|wide|free|skip)", re.DOTALL),
    "matroska": re.compile(rb"\x1a\x45\xdf\xa3"),
    "mp3": re.compile(rb"ID3|\xff[\xe0-\xff]"),
    "ogg": re.compile(rb"OggS"),
    "amr": re.compile(rb"#!AMR"),
    "ole": re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"),
    "rar": re.compile(rb"Rar!\x1a\x07"),
    "7z": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "rtf": re.compile(rb"\{\\rtf"),
}
_PROGRAM = re.compile(rb"MZ|\x7fELF|#!(?!AMR)|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe")
#: a page that a browser would run: HTML, SVG and other XML, whatever its encoding
_MARKUP = re.compile(rb"[\s\x00]*<[\x00]?[!?a-z]", re.IGNORECASE)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MARKUP_EXTENSIONS = frozenset({"htm", "html", "xhtml", "svg", "svgz", "xml", "mht", "mhtml"})
_SAMPLE = 4096


class FileKind(NamedTuple):
    """``problem`` is empty, or ``empty refused markup disguised``; only without one do ``name`` and type hold."""

    name: str
    mimetype: str = ""
    problem: str = ""


def extensions() -> tuple[str, ...]:
    """Extensions that are accepted, with their point."""
    return tuple(f".{extension}" for extension in _EXTENSIONS)


def inspect(name: str, content: bytes) -> FileKind:
    """What a file is, as far as its beginning tells.

    :param name: a clean name, in one line.
    """
    sample = content[:_SAMPLE]
    if not sample:
        return FileKind(name, problem="empty")
    stem, point, extension = name.rpartition(".")
    extension = extension.lower() if point and stem else ""
    if extension in _MARKUP_EXTENSIONS or _is_markup(sample):
        return FileKind(name, problem="markup")
    if not extension:
        found = next((kind for kind in _NAMELESS if _SIGNATURES[kind].match(sample)), None)
        if not found:
            return FileKind(name, problem="refused")
        extension = _NAMELESS[found]
        name = f"{name}.{extension}"
    if extension not in _EXTENSIONS:
        return FileKind(name, problem="refused")
    mimetype, container = _EXTENSIONS[extension]
    matches = _is_text(sample) if container == "text" else _SIGNATURES[container].match(sample)
    if not matches:
        return FileKind(name, problem="disguised")
    return FileKind(name, mimetype)


def _is_markup(sample):
    for mark in _MARKS:
        sample = sample.removeprefix(mark)
    return bool(_MARKUP.match(sample))


def _is_text(sample):
    return not _PROGRAM.match(sample) and (
        b"\x00" not in sample or sample.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16, with its mark
    )
