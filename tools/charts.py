"""Charts as SVG, each described by a sentence that says the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .control_chart import ControlChart
from .svg import GRID, INK, LINE_HEIGHT, MUTED, Drawing, measure, place_legend

WIDTH = 480

ACCENT = "#1f5a8a"
WARNING = "#b02a37"
TARGET = "#7a4b00"
BREAK = "#6c757d"

#: after a number: its space breaks no line
PERCENT = "\u00a0%"


@dataclass(frozen=True)
class Words:
    """Texts in the language of the reader. Templates are for `str.format`."""

    no_data: str = "no data"
    target: str = "Target"
    centre: str = "Mean"
    median: str = "Median"
    limits: str = "Limits"
    signal: str = "Signal"
    span: str = "From {first} to {last}"
    latest: str = "latest"
    broken: str = "The axis does not begin at zero"
    decimal: str = ","
    rules: dict[str, str] = field(default_factory=dict)  #: `Signal.rule`: what it says


def round_shown(value: float, digits: int = 2) -> float:
    """What is rounded are two decimals, which are stored; halves up: 37.15, which no float is, is 37.2."""
    return float(f"{round(value * (1 + 1e-12), max(digits, 2)) * (1 + 1e-12):.{digits}f}") or 0.0  # not -0.0


def format_number(value: float, digits: int = 1, decimal: str = ",") -> str:
    return f"{round_shown(value, digits):.{digits}f}".replace("-", "\u2212").replace(".", decimal)


def choose_digits(value: float, digits: int, target: float | None) -> int:
    """Two where a value would read like the goal that it misses: a light is of the figure that is read."""
    return 2 if round_shown(value, digits) == target != round_shown(value) else digits


def control(
    chart: ControlChart,
    labels: Sequence[str],
    words: Words,
    title: str,
    factor: float = 1,
    unit: str = "",
    digits: int = 1,
    target: float | None = None,
    width: float = WIDTH,
    height: float = 220,
    from_zero: bool = False,
) -> str:
    """Series with centre, limits, target and marked signals.

    :param factor: of the values of ``chart``, 100 for shares shown as percentages; ``target`` is given multiplied.
    """

    def tell(value, digits=digits):
        return f"{format_number(value, choose_digits(value, digits, target), words.decimal)}{unit}"

    points = [None if point is None else point * factor for point in chart.points]
    limits = [(low * factor, high * factor) for low, high in chart.limits or ()]
    known = [point for point in points if point is not None]
    if not known:
        drawing = Drawing(width, title, words.no_data)
        drawing.height = 2 * LINE_HEIGHT
        drawing.text(0, LINE_HEIGHT, words.no_data, fill=MUTED)
        return drawing.render()
    levels = []  # horizontal lines: value, stroke, dashes
    keys, told = [], []  # of the legend and of the description
    exact = max(digits, 1)  # of what is calculated of the values: a mean of numbers is none
    if chart.centre is not None:
        levels.append((chart.centre * factor, MUTED, None))
        name, value = words.median if chart.kind == "run" else words.centre, tell(chart.centre * factor, exact)
        keys.append((MUTED, None, f"{name} {value}"))
        told.append(f"{name}: {value}")
    if limits:
        last = max(index for index, point in enumerate(points) if point is not None)
        keys.append((INK, "6 4", words.limits))
        told.append(f"{words.limits}: {' – '.join(tell(limit, exact) for limit in limits[last])}")
    if target is not None:
        levels.append((target, TARGET, "2 3"))
        goal = tell(target, count_decimals(target))
        keys.append((TARGET, "2 3", f"{words.target} {goal}"))
        told.append(f"{words.target}: {goal}")
    if chart.signals:
        keys.append((WARNING, None, words.signal))
    values = [*known, *(end for pair in limits for end in pair), *(level[0] for level in levels)]
    start = min(values) if min(values) > max(values) / 2 and not from_zero else min(0, *values)
    ticks = get_ticks(start, max(values), whole=digits == 0)
    low, high = ticks[0], ticks[-1]
    if low > 0:
        keys.append((BREAK, None, words.broken))
        told.append(words.broken)
    drawing = Drawing(width, title, _describe_series(chart, points, labels, words, told, tell))
    marks = [tell(tick, count_decimals(ticks[1] - ticks[0])) for tick in ticks]
    left = max(map(measure, marks)) + 8
    bottom = _draw_keys(drawing, keys) + 12 + height
    step = (width - left - 7 - max(7, measure(labels[-1]) / 2)) / (len(points) - 1) if len(points) > 1 else 0

    def place(index, value):
        x = left + 7 + step * index if step else (left + width) / 2
        return x, bottom - height * (value - low) / (high - low)

    for tick, text in zip(ticks, marks, strict=True):
        y = place(0, tick)[1]
        drawing.line(left, y, width, y, GRID)
        drawing.text(left - 6, y + 4, text, "end", MUTED)
    if low > 0:
        _draw_break(drawing, left, bottom, width)
    _draw_labels(drawing, labels, place, bottom, low)
    for end in (0, 1) if limits else ():
        _draw_steps(drawing, [place(index, pair[end]) for index, pair in enumerate(limits)], step, left)
    for value, stroke, dashes in levels:
        y = place(0, value)[1]
        drawing.line(left, y, width, y, stroke, 1.5, stroke_dasharray=dashes)
    _draw_series(drawing, points, place, chart.signals)
    drawing.height = bottom + LINE_HEIGHT + 12
    return drawing.render()


def trend(values: Sequence[float | None], labels: Sequence[str], words: Words, title: str, **options) -> str:
    """A line without limits; ``options`` are those of `control`."""
    return control(ControlChart("trend", tuple(values), None, None, (), 0), labels, words, title, **options)


def get_ticks(low: float, high: float, number: int = 5, whole: bool = False) -> list[float]:
    """:return: about ``number`` round numbers around both ends; integers if ``whole``."""
    if high - low < 1e-9:
        margin = 1 if whole or abs(high) > 1 else 0.1
        low, high = max(low - margin, 0) if whole and low >= 0 else low - margin, high + margin
    raw = (high - low) / number
    if whole:
        raw = max(raw, 1)
    unit = 10.0 ** math.floor(math.log10(raw))
    factors = (1, 2, 5, 10) if whole and unit == 1 else (1, 2, 2.5, 5, 10)
    step = next(unit * factor for factor in factors if unit * factor >= raw * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def count_decimals(value: float) -> int:
    return next((digits for digits in range(16) if abs(round(value, digits) - value) <= abs(value) * 1e-6), 16)


def _describe_series(chart, points, labels, words, levels, tell):
    last = max(index for index, point in enumerate(points) if point is not None)
    span = words.span.format(first=labels[0], last=labels[-1])
    told = [span, f"{words.latest}: {tell(points[last])} ({labels[last]})", *levels]
    for signal in chart.signals:
        when = " – ".join(dict.fromkeys((labels[signal.first], labels[signal.last])))
        told.append(f"{words.signal}: {words.rules.get(signal.rule, signal.rule)} ({when})")
    return f"{'; '.join(told)}."


def _draw_keys(drawing, keys):
    places, end = place_legend([text for _stroke, _dashes, text in keys], 40, drawing.width)
    for (stroke, dashes, text), (x, top) in zip(keys, places, strict=True):
        if stroke == WARNING:
            _draw_diamond(drawing, x + 12, top + 10)
        elif stroke == BREAK:
            _draw_break(drawing, x, top + 10, x + 22)
        else:
            drawing.line(x, top + 10, x + 22, top + 10, stroke, 1.5, stroke_dasharray=dashes)
        drawing.text(x + 28, top + 14, text)
    return end


def _draw_labels(drawing, labels, place, bottom, low):
    room = max(map(measure, labels)) + 10
    every = max(1, math.ceil(room / (place(1, low)[0] - place(0, low)[0]))) if len(labels) > 1 else 1
    shown, free = [], drawing.width
    for index in range(len(labels) - 1, -1, -every):
        x, half = place(index, low)[0], measure(labels[index]) / 2
        anchor = "end" if x + half > drawing.width else "start" if x < half else "middle"
        x = drawing.width if anchor == "end" else x
        right = x + {"end": 0, "middle": half, "start": 2 * half}[anchor]
        if right <= free:
            shown.append((x, labels[index], anchor))
            free = right - 2 * half - 5
    for x, label, anchor in reversed(shown):
        drawing.text(x, bottom + LINE_HEIGHT + 4, label, anchor, MUTED)


def _draw_steps(drawing, places, step, left):
    half = step / 2 or 20
    commands = []
    for x, y in places:
        start, end = f"{max(left, x - half):.1f} {y:.1f}", f"{min(drawing.width, x + half):.1f} {y:.1f}"
        commands.append(f"{'L' if commands else 'M'}{start}L{end}")
    drawing.path("".join(commands), stroke=INK, stroke_width=1.2, stroke_dasharray="6 4", fill="none")


def _draw_series(drawing, points, place, signals):
    signalled = {index for signal in signals for index in range(signal.first, signal.last + 1)}
    places = [None if point is None else place(index, point) for index, point in enumerate(points)]
    commands = [
        f"{'M' if before is None else 'L'}{here[0]:.1f} {here[1]:.1f}"
        for before, here in pairwise([None, *places])
        if here
    ]
    drawing.path("".join(commands), stroke=ACCENT, stroke_width=2, fill="none")
    for index, (x, y) in ((index, here) for index, here in enumerate(places) if here):
        if index in signalled:
            _draw_diamond(drawing, x, y)
        else:
            drawing.add("circle", cx=x, cy=y, r=3.5, fill=ACCENT)


def _draw_break(drawing, x, y, end):
    """An axis that does not begin at zero is torn."""
    steps = range(round((end - x) / 4) + 1)
    points = "L".join(f"{x + 4 * step:.1f} {y + (2.5 if step % 2 else -2.5):.1f}" for step in steps)
    drawing.path(f"M{points}", stroke=BREAK, stroke_width=1, fill="none")


def _draw_diamond(drawing, x, y, size=6.5):
    corners = f"M{x:.1f} {y - size:.1f}L{x + size:.1f} {y:.1f}L{x:.1f} {y + size:.1f}L{x - size:.1f} {y:.1f}Z"
    drawing.path(corners, fill="#ffffff", stroke=WARNING, stroke_width=2.5)
