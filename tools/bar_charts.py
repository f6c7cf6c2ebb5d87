"""Bars with intervals, and stacked bars: see `charts`."""

from collections.abc import Sequence
from dataclasses import dataclass

from .charts import ACCENT, TARGET, WIDTH, Words, format_number
from .svg import INK, LINE_HEIGHT, MUTED, Drawing, measure, wrap

#: from worst to best: fill, ink, and whether it is hatched (to be told apart in grey)
SCALE = (
    ("#a8441c", "#ffffff", True),
    ("#e0a080", "#212529", True),
    ("#d9dde1", "#212529", False),
    ("#7faed4", "#212529", False),
    ("#1f5a8a", "#ffffff", False),
)

BAR = 18
GAP = 12


@dataclass(frozen=True)
class Bar:
    """Without a value, ``note`` says why; with one, it follows it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def bars(
    rows: Sequence[Bar],
    words: Words,
    title: str,
    scale: tuple[float, float] = (0, 100),
    target: float | None = None,
    unit: str = "\u00a0%",
    digits: int = 1,
    width: float = WIDTH,
) -> str:
    """Horizontal bars, with intervals as whiskers.

    :param scale: both ends of the axis; bars start at zero, or at its low end when that is above.
    """
    drawing = Drawing(width, title, describe_bars(rows, words, target, unit, digits))
    low, high = scale
    right = max([measure(_tell(row, words, unit, digits)) for row in rows], default=0) + 10
    right = min(right, width * 0.45)
    reach = width - right
    start = max(low, min(high, 0))

    def place(value):
        return 4 + (reach - 8) * (min(high, max(low, value)) - low) / (high - low)

    y = 0.0
    if target is not None:
        y += LINE_HEIGHT + 2
    for row in rows:
        for line in wrap(row.label, width - 4):
            y += LINE_HEIGHT
            drawing.text(0, y - 4, line)
        drawing.rect(4, y, reach - 8, BAR, "#f1f3f5")
        if row.value is not None:
            ends = sorted((place(start), place(row.value)))
            drawing.rect(ends[0], y, ends[1] - ends[0], BAR, SCALE[3][0])
            drawing.line(place(row.value), y, place(row.value), y + BAR, ACCENT, 2.5)
            if row.low is not None and row.high > row.low:
                middle = y + BAR / 2
                drawing.line(place(row.low), middle, place(row.high), middle, INK, 1.5)
                for end in (row.low, row.high):
                    drawing.line(place(end), middle - 4, place(end), middle + 4, INK, 1.5)
        if target is not None:
            drawing.line(place(target), y - 2, place(target), y + BAR + 2, TARGET, 2, stroke_dasharray="3 2")
        told = _tell(row, words, unit, digits)
        drawing.text(reach + 4, y + BAR - 5, told, fill=INK if row.value is not None else MUTED)
        y += BAR + GAP
    if target is not None:
        text = f"{words.target} {format_number(target, 0, words.decimal)}{unit}"
        drawing.line(6, LINE_HEIGHT / 2 - 8, 6, LINE_HEIGHT / 2 + 6, TARGET, 2, stroke_dasharray="3 2")
        drawing.text(14, LINE_HEIGHT - 5, text, fill=TARGET)
    drawing.height = max(y - GAP, LINE_HEIGHT) + 3
    return drawing.render()


def _tell(row, words, unit, digits):
    if row.value is None:
        return row.note or words.no_data
    return f"{format_number(row.value, digits, words.decimal)}{unit}" + (f" · {row.note}" if row.note else "")


def describe_bars(
    rows: Sequence[Bar], words: Words, target: float | None = None, unit: str = "\u00a0%", digits: int = 1
) -> str:
    told = []
    for row in rows:
        text = _tell(row, words, unit, digits)
        if row.value is not None and row.low is not None:
            ends = (format_number(end, digits, words.decimal) + unit for end in (row.low, row.high))
            text = words.interval.format(value=text, **dict(zip(("low", "high"), ends, strict=True)))
        told.append(f"{row.label}: {text}")
    if target is not None:
        told.append(f"{words.target}: {format_number(target, 0, words.decimal)}{unit}")
    return "; ".join(told) + "." if told else words.no_data


# -- Distribution --------------------------------------------------------------------------------------------------


def distribution(
    rows: Sequence[tuple[str, Sequence[int] | None, str]],
    categories: Sequence[str],
    words: Words,
    title: str,
    width: float = WIDTH,
) -> str:
    """Bars stacked to 100 %, from worst to best of a scale of two to five.

    :param rows: ``(label, answers of each category or None, note)``.
    """
    drawing = Drawing(width, title, describe_distribution(rows, categories, words))
    colors = _get_colors(len(categories))
    y = _draw_legend(drawing, categories, colors)
    right = min(max([measure(note) for _label, _counts, note in rows], default=0) + 8, width * 0.4)
    reach = width - right
    for label, counts, note in rows:
        for line in wrap(label, width - 4):
            y += LINE_HEIGHT
            drawing.text(0, y - 4, line)
        total = sum(counts or ())
        x = 0.0
        for (fill, ink, hatched), count in zip(colors, counts or (), strict=False):
            if not count:
                continue
            share = count / total
            size = reach * share
            drawing.rect(x, y, size, BAR, fill, stroke="#ffffff", stroke_width=1)
            text = f"{format_number(100 * share, 0, words.decimal)}\u00a0%"
            if hatched:
                drawing.hatch(x, y, size, BAR)
            if size > measure(text) + 6:
                if hatched:
                    drawing.rect(x + (size - measure(text)) / 2 - 3, y + 1, measure(text) + 6, BAR - 2, fill)
                drawing.text(x + size / 2, y + BAR - 5, text, "middle", ink)
            x += size
        if not total:
            drawing.rect(0, y, reach, BAR, "#f1f3f5")
        drawing.text(reach + 6, y + BAR - 5, note or ("" if total else words.no_data), fill=MUTED)
        y += BAR + GAP
    drawing.height = y - GAP + 2 if rows else LINE_HEIGHT
    return drawing.render()


def _get_colors(number):
    if number < 2:
        return SCALE[-number:] if number else ()
    return [SCALE[round(index * (len(SCALE) - 1) / (number - 1))] for index in range(number)]


def _draw_legend(drawing, categories, colors):
    """:return: y where the legend ends."""
    x, y = 0.0, 0.0
    for category, (fill, _ink, hatched) in zip(categories, colors, strict=True):
        size = measure(category) + 30
        if x and x + size > drawing.width:
            x, y = 0.0, y + LINE_HEIGHT + 3
        drawing.rect(x, y + 2, 14, 12, fill)
        if hatched:
            drawing.hatch(x, y + 2, 14, 12, step=5)
        drawing.text(x + 19, y + 13, category)
        x += size
    return y + LINE_HEIGHT + 8


def describe_distribution(
    rows: Sequence[tuple[str, Sequence[int] | None, str]], categories: Sequence[str], words: Words
) -> str:
    told = []
    for label, counts, note in rows:
        total = sum(counts or ())
        if not total:
            told.append(f"{label}: {note or words.no_data}")
            continue
        shares = (
            f"{category} {format_number(100 * count / total, 0, words.decimal)}\u00a0%"
            for category, count in zip(categories, counts, strict=True)
            if count
        )
        told.append(f"{label}: {', '.join(shares)}")
    return "; ".join(told) + "." if told else words.no_data
