"""What a file is, by its name and its first bytes. Nothing is opened, unpacked or run."""

import re
from typing import NamedTuple

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

#: containers: their first bytes, and the MIME types of the extensions that they hold
_CONTAINERS = {
    "pdf": (rb"[\s\S]{0,1000}%PDF-", {"pdf": "application/pdf"}),
    "jpeg": (rb"\xff\xd8\xff", dict.fromkeys(("jpg", "jpeg", "jfif"), "image/jpeg")),
    "png": (rb"\x89PNG\r\n\x1a\n", {"png": "image/png"}),
    "gif": (rb"GIF8[79]a", {"gif": "image/gif"}),
    "bmp": (rb"BM.{4}\x00{4}", {"bmp": "image/bmp"}),
    "webp": (rb"RIFF....WEBP", {"webp": "image/webp"}),
    "tiff": (rb"II\*\x00|MM\x00\*", dict.fromkeys(("tif", "tiff"), "image/tiff")),
    "heic": (rb"....ftyphe[iv][cmsx]", {"heic": "image/heic"}),
    "heif": (rb"....ftypm[is]f1", {"heif": "image/heif"}),
    "iso": (
        rb"....(ftyp|moov|mdat|wide|free|skip)",
        {"mp4": "video/mp4", "mov": "video/quicktime", "3gp": "video/3gpp", "m4a": "audio/mp4"},
    ),
    "matroska": (rb"\x1a\x45\xdf\xa3", {"webm": "video/webm", "mkv": "video/x-matroska"}),
    "avi": (rb"RIFF....AVI ", {"avi": "video/x-msvideo"}),
    "mp3": (rb"ID3|\xff[\xe0-\xff]", {"mp3": "audio/mpeg", "aac": "audio/aac"}),
    "wav": (rb"RIFF....WAVE", {"wav": "audio/wav"}),
    "ogg": (rb"OggS", dict.fromkeys(("ogg", "opus"), "audio/ogg")),
    "amr": (rb"#!AMR", {"amr": "audio/amr"}),
    "ole": (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
        | {"msg": "application/vnd.ms-outlook"},
    ),
    "zip": (
        rb"PK(\x03\x04|\x05\x06|\x07\x08)",
        {"docx": f"{_OFFICE}.wordprocessingml.document", "xlsx": f"{_OFFICE}.spreadsheetml.sheet"}
        | {"pptx": f"{_OFFICE}.presentationml.presentation", "odt": f"{_OPEN}.text", "ods": f"{_OPEN}.spreadsheet"}
        | {"odp": f"{_OPEN}.presentation", "zip": "application/zip"},
    ),
    "rar": (rb"Rar!\x1a\x07", {"rar": "application/vnd.rar"}),
    "7z": (rb"7z\xbc\xaf\x27\x1c", {"7z": "application/x-7z-compressed"}),
    "rtf": (rb"\{\\rtf", {"rtf": "application/rtf"}),
    "text": (rb"", {"txt": "text/plain", "csv": "text/csv", "eml": "message/rfc822"}),
}
_SIGNATURES = {container: re.compile(start, re.DOTALL) for container, (start, _types) in _CONTAINERS.items()}
#: extension: MIME type and container
_EXTENSIONS = {
    extension: (mimetype, container)
    for container, (_start, types) in _CONTAINERS.items()
    for extension, mimetype in types.items()
}
#: containers of pictures: phones and browsers save any of them under the extension of another
_PICTURES = {container: mimetype for mimetype, container in _EXTENSIONS.values() if mimetype.startswith("image/")}
#: what a file without an extension is called, as some phones send them
_NAMELESS = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "gif": "gif", "webp": "webp"}
_PROGRAM = re.compile(rb"MZ|\x7fELF|#!(?!AMR)|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe")
#: a page that a browser would run: HTML, SVG and other XML, whatever its encoding, marked or not
_MARKUP = re.compile(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)*[\s\x00]*<[\x00]?[!?a-z]", re.IGNORECASE)
_MARKUP_EXTENSIONS = frozenset({"htm", "html", "xhtml", "svg", "svgz", "xml", "mht", "mhtml"})
_SAMPLE = 4096


class FileKind(NamedTuple):
    """``problem`` is empty, or ``empty refused markup disguised``; only without one do ``name`` and type hold."""

    name: str
    mimetype: str = ""
    problem: str = ""


def extensions() -> tuple[str, ...]:
    return tuple(f".{extension}" for extension in _EXTENSIONS)


def inspect(name: str, content: bytes) -> FileKind:
    """What a file with a clean name is, as far as its beginning tells."""
    sample = content[:_SAMPLE]
    if not sample:
        return FileKind(name, problem="empty")
    stem, point, extension = name.rpartition(".")
    extension = extension.lower() if point and stem else ""
    if extension in _MARKUP_EXTENSIONS or _MARKUP.match(sample):
        return FileKind(name, problem="markup")
    if not extension:
        extension = next((known for kind, known in _NAMELESS.items() if _SIGNATURES[kind].match(sample)), "")
        name = f"{name}.{extension}" if extension else name
    if extension not in _EXTENSIONS:
        return FileKind(name, problem="refused")
    mimetype, container = _EXTENSIONS[extension]
    if container in _PICTURES:
        container = next((kind for kind in _PICTURES if _SIGNATURES[kind].match(sample)), container)
        mimetype = _PICTURES[container]
    matches = _is_text(sample) if container == "text" else _SIGNATURES[container].match(sample)
    return FileKind(name, mimetype) if matches else FileKind(name, problem="disguised")


def _is_text(sample):
    return not _PROGRAM.match(sample) and (
        b"\x00" not in sample or sample.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16, with its mark
    )
