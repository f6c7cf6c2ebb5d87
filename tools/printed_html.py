"""What a printed page may load: nothing outside of this software, and nothing with the rights of who prints it."""

import re
from urllib.parse import unquote, urlsplit

from lxml import html

#: attributes whose address is loaded, by tag; of any tag with None
LOADED = {
    None: ("src", "srcset", "background", "poster", "data", "dynsrc", "lowsrc", "{http://www.w3.org/1999/xlink}href"),
    **dict.fromkeys(("link", "base", "image", "use", "feimage"), ("href", "xlink:href")),
}
#: what loads pages inside of pages
FRAMES = ("iframe", "frame", "frameset", "object", "embed", "applet", "portal")

#: our own resources, which are the same for everybody; an image of the database is opened by its own token
_PUBLIC = re.compile(r"/(web/(assets|static|binary/company_logo)|logo|report/barcode|\w+/static)(/|$|\.|\?)")
_TOKEN = re.compile(r"(^|&)access_token=[\w-]+(&|$)")
_IMAGE = re.compile(r"data:(image|font)/[\w.+-]+[;,]", re.IGNORECASE)

_CALL = re.compile(r"(url\(|image-set\(|@import)\s*(['\"]?)([^)'\";]*)\2\)?", re.IGNORECASE)
_BLANKS = re.compile(r"[\x00-\x20]+")


def is_inside(address):
    """Whether an address in HTML may be loaded to print it."""
    address = _BLANKS.sub("", address or "")
    if not address or address.startswith("#") or _IMAGE.match(address):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    path = unquote(unquote(parts.path))
    if (
        parts.scheme
        or parts.netloc
        or not path.startswith("/")
        or path.startswith("//")
        or {"\\", ".."} & {*path, *path.split("/")}
    ):
        return False
    return bool(_PUBLIC.match(path) or (path.startswith("/web/image/") and _TOKEN.search(parts.query)))


def _clean_style(style):
    """A style without what it would load from outside; one that hides its words in escapes or comments says nothing."""
    if "\\" in style or "/*" in style:
        return ""
    return _CALL.sub(lambda call: call.group(0) if is_inside(call.group(3)) else "none", style)


def keep_inside(content):
    """HTML of which nothing is loaded from outside when it is printed or opened.

    :param bytes content: a whole page, UTF-8.
    :return: the same bytes, when there was nothing to take out.
    """
    root = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8"))
    changed = False
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.tag.lower() in FRAMES or (
            element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh"
        ):
            element.drop_tree()
            changed = True
            continue
        for name in (*LOADED[None], *LOADED.get(element.tag.lower(), ())):
            value = element.get(name)
            if value is not None and not all(map(is_inside, _split(name, value))):
                del element.attrib[name]
                changed = True
        style = element.get("style")
        if style and (cleaned := _clean_style(style)) != style:
            element.set("style", cleaned)
            changed = True
    return html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>") if changed else content


def _split(name, value):
    """The addresses of an attribute; those of a ``srcset`` are several."""
    if name != "srcset":
        return [value]
    return [part.split()[0] for part in value.split(",") if part.strip()]
