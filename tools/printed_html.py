"""Keeps printed pages from loading anything from outside, or with the rights of who prints them."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import html

#: attributes with addresses that are loaded, by tag; None for all tags
LOADED = {
    None: ("src", "srcset", "background", "poster", "data", "dynsrc", "lowsrc", "{http://www.w3.org/1999/xlink}href"),
    **dict.fromkeys(("link", "base", "image", "use", "feimage"), ("href", "xlink:href")),
}
FRAMES = ("iframe", "frame", "frameset", "object", "embed", "applet", "portal")

#: resources that are the same for everybody; pictures of the database need their token
_PUBLIC = re.compile(r"/(web/(assets|static|binary/company_logo)|logo|report/barcode|\w+/static)(/|$|\.|\?)")
_PICTURE = re.compile(r"/web/image/(\d{1,18})(-[\w-]*)?(/\d+x\d+)?(/[^/]*)?")
#: the file of a record, by a link
_FILE = re.compile(r"(\w+:)?(//[^/]*)?/+web/(content|image)\b", re.IGNORECASE)
#: parameters of the address of a picture; others could make it show something else
_PARAMETERS = frozenset({"access_token", "unique"})
_IMAGE = re.compile(r"data:(image|font)/[\w.+-]+[;,]", re.IGNORECASE)

_CALL = re.compile(r"(url\(|image-set\(|@import)\s*(['\"]?)([^)'\";]*)\2\)?", re.IGNORECASE)
_BLANKS = re.compile(r"[\x00-\x20]+")


def is_inside(address):
    address = _BLANKS.sub("", address or "")
    if not address or address.startswith("#") or _IMAGE.match(address):
        return True
    path, _query = _get_path(address)
    _id, token = find_picture(address)
    return bool(token or _PUBLIC.match(path))


def _get_path(address):
    """Path and query of an address of this server; empty of others."""
    try:
        parts = urlsplit(_BLANKS.sub("", address))
    except ValueError:
        return "", ""
    path = unquote(unquote(parts.path))
    if (
        parts.scheme
        or parts.netloc
        or not path.startswith("/")
        or path.startswith("//")
        or {"\\", ".."} & {*path, *path.split("/")}
    ):
        return "", ""
    return path, parts.query


def find_picture(address):
    """``(id, token)`` of the picture of an address of this server; the token may be empty. Of others, zero and none."""
    path, query = _get_path(address)
    found = _PICTURE.fullmatch(path)
    parameters = parse_qs(query, keep_blank_values=True)
    if not found or not parameters.keys() <= _PARAMETERS or any(len(values) > 1 for values in parameters.values()):
        return 0, ""
    token = parameters.get("access_token", [""])[0]
    return int(found.group(1)), token if re.fullmatch(r"[\w-]+", token) else ""


def _shows_picture(address):
    return f"{_get_path(address)[0]}/".startswith("/web/image/")


def _clean_style(style):
    """A style that loads nothing from outside; empty when it has escapes or comments, which hide addresses."""
    if "\\" in style or "/*" in style:
        return ""
    return _CALL.sub(lambda call: call.group(0) if is_inside(call.group(3)) else "none", style)


def replace_pictures(text, replace):
    """Replace addresses of pictures of this server in HTML by those of a function; none removes one."""
    root = html.fragment_fromstring(text, create_parent="div")
    changed = False
    for element, name, addresses in _iter_loaded(root):
        value = new_value = element.get(name)
        for address in filter(_shows_picture, addresses):
            new = replace(address)
            new_value = new_value.replace(address, new) if new else ""
        if new_value != value:
            element.set(name, new_value)
            changed = True
    if not changed:
        return text
    return html.tostring(root, encoding="unicode")[len("<div>") : -len("</div>")]


def get_pictures(text):
    root = html.fragment_fromstring(text, create_parent="div")
    return [
        address for _element, _name, addresses in _iter_loaded(root) for address in filter(_shows_picture, addresses)
    ]


def find_foreign(text):
    """Addresses in a fragment of HTML whose content may change: pictures of other servers, links to files."""
    root = html.fragment_fromstring(text, create_parent="div")
    shown = [address for _element, _name, addresses in _iter_loaded(root) for address in addresses]
    linked = [element.get("href") for element in root.iter("a") if element.get("href")]
    return [address for address in shown if not is_inside(address)] + [
        address for address in linked if _FILE.match(unquote(unquote(_BLANKS.sub("", address))))
    ]


def _iter_loaded(root):
    """Yield ``(element, attribute, addresses)`` of what HTML loads, styles included."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        for name in (*LOADED[None], *LOADED.get(element.tag.lower(), ())):
            if (value := element.get(name)) is not None:
                sources = [part.split()[0] for part in value.split(",") if part.strip()]
                yield element, name, sources if name == "srcset" else [value]
        if style := element.get("style"):
            yield element, "style", [call.group(3) for call in _CALL.finditer(style)]


def keep_inside(content):
    """Remove what a whole page (UTF-8) would load from outside."""
    root = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8"))
    changed = False
    for element in list(root.iter()):
        if isinstance(element.tag, str) and (
            element.tag.lower() in FRAMES
            or (element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh")
        ):
            element.drop_tree()
            changed = True
    for element, name, addresses in _iter_loaded(root):
        if name == "style":
            style = element.get(name)
            if (cleaned := _clean_style(style)) != style:
                element.set(name, cleaned)
                changed = True
        elif not all(map(is_inside, addresses)):
            del element.attrib[name]
            changed = True
    return html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>") if changed else content
