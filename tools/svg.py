"""Drawings in SVG that are legible on a phone, on paper and in grey, and that say in words what they show.

Nothing is fetched, nothing runs, and nothing has an identifier: a drawing goes into a page or a printed format as it
is, any number of times.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

FONT_SIZE = 13
LINE_HEIGHT = 17
#: width of a usual character in font sizes
CHARACTER = 0.54

INK = "#212529"
MUTED = "#5c636a"
GRID = "#dee2e6"

# what XML cannot hold
UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Drawing:
    """A drawing of a fixed width that grows downwards.

    :param width: in its own units, which are pixels where it is not scaled.
    :param title: what it is; ``description``: what it shows, for who does not see it.
    """

    def __init__(self, width: float, title: str, description: str):
        self.width = width
        self.height = 0.0
        self.root = ElementTree.Element(
            "svg",
            {"xmlns": "http://www.w3.org/2000/svg", "class": "o_sig_chart", "role": "img", "font-size": str(FONT_SIZE)},
        )
        self.root.set("aria-label", _clean(f"{title}. {description}" if description else title))
        ElementTree.SubElement(self.root, "title").text = _clean(title)
        ElementTree.SubElement(self.root, "desc").text = _clean(description)

    def add(self, tag: str, **attributes):
        """An element; underscores of the names of its attributes are hyphens, numbers have two decimals at most."""
        return ElementTree.SubElement(
            self.root,
            tag,
            {
                name.strip("_").replace("_", "-"): format_length(value) if isinstance(value, int | float) else value
                for name, value in attributes.items()
                if value is not None
            },
        )

    def line(self, x1, y1, x2, y2, stroke=INK, width=1.0, **attributes):
        return self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **attributes)

    def path(self, commands: str, **attributes):
        return self.add("path", d=commands, **attributes)

    def text(self, x, y, text, anchor="start", fill=INK, **attributes):
        element = self.add("text", x=x, y=y, text_anchor=anchor, fill=fill, **attributes)
        element.text = _clean(text)
        return element

    def render(self) -> str:
        width, height = format_length(self.width), format_length(self.height)
        self.root.set("width", width)
        self.root.set("height", height)
        self.root.set("viewBox", f"0 0 {width} {height}")
        return ElementTree.tostring(self.root, encoding="unicode")


def _clean(text):
    return UNPRINTABLE.sub("", str(text))


def format_length(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def measure(text: str) -> float:
    return len(text) * FONT_SIZE * CHARACTER


def place_legend(texts: Sequence[str], room: float, width: float) -> tuple[list[tuple[float, float]], float]:
    """:return: x and y of the marks before some texts, which take ``room``, in lines that fit; y where they end."""
    places, x, y = [], 0.0, 0.0
    for text in texts:
        size = measure(text) + room
        if x and x + size > width:
            x, y = 0.0, y + LINE_HEIGHT + 3
        places.append((x, y))
        x += size
    return places, y + LINE_HEIGHT if places else 0.0
