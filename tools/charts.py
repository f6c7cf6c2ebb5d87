"""Charts of series as SVG, each with a ``describe_…`` that says the same in a sentence, and what all charts share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from .control_chart import ControlChart
from .svg import GRID, INK, LINE_HEIGHT, MUTED, Drawing, measure

WIDTH = 480

ACCENT = "#1f5a8a"
WARNING = "#b02a37"
TARGET = "#7a4b00"


@dataclass(frozen=True)
class Words:
    """Texts in the language of the reader. Templates are for `str.format`."""

    no_data: str = "no data"
    target: str = "Target"
    centre: str = "Mean"
    median: str = "Median"
    limits: str = "Limits"
    signal: str = "Signal"
    interval: str = "{value} ({low} to {high})"  #: a value with its interval
    span: str = "From {first} to {last}"
    latest: str = "latest"
    decimal: str = ","
    rules: dict[str, str] = field(default_factory=dict)  #: `Signal.rule`: what it says


def format_number(value: float, digits: int = 1, decimal: str = ",") -> str:
    """:return: number with a typographic minus, and no sign on zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\u2212").replace(".", decimal)


# -- Series --------------------------------------------------------------------------------------------------------


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
) -> str:
    """Series with centre, limits, target and marked signals.

    :param labels: of the points.
    :param factor: of the values of ``chart``, 100 for shares shown as percentages; ``target`` is given multiplied.
    """
    description = describe_control(chart, labels, words, factor, unit, digits, target)
    drawing = Drawing(width, title, description)
    points = [None if point is None else point * factor for point in chart.points]
    limits = [(low * factor, high * factor) for low, high in chart.limits or ()]
    centre = None if chart.centre is None else chart.centre * factor
    known = [point for point in points if point is not None]
    if not known:
        drawing.height = 2 * LINE_HEIGHT
        drawing.text(0, LINE_HEIGHT, words.no_data, fill=MUTED)
        return drawing.render()
    values = known + [end for pair in limits for end in pair] + ([target] if target is not None else [])
    ticks = get_ticks(min(values), max(values), whole=digits == 0)
    low, high = ticks[0], ticks[-1]
    tick_digits = count_decimals(ticks[1] - ticks[0])
    told = [f"{format_number(tick, tick_digits, words.decimal)}{unit}" for tick in ticks]
    left = max(measure(text) for text in told) + 8
    keys = _get_keys(chart, words, target, unit, digits, factor)
    top = _draw_keys(drawing, keys) + 12
    bottom = top + height
    step = (width - left - 14) / max(1, len(points) - 1) if len(points) > 1 else 0

    def place(index, value):
        x = left + 7 + step * index if len(points) > 1 else (left + width) / 2
        return x, bottom - height * (value - low) / (high - low)

    for tick, text in zip(ticks, told, strict=True):
        y = place(0, tick)[1]
        drawing.line(left, y, width, y, GRID)
        drawing.text(left - 6, y + 4, text, "end", MUTED)
    _draw_labels(drawing, labels, place, bottom, low)
    if limits:
        for end in (0, 1):
            _draw_steps(drawing, [place(index, pair[end]) for index, pair in enumerate(limits)], step, left)
    if centre is not None:
        y = place(0, centre)[1]
        drawing.line(left, y, width, y, MUTED, 1.5)
    if target is not None:
        y = place(0, target)[1]
        drawing.line(left, y, width, y, TARGET, 1.5, stroke_dasharray="2 3")
    _draw_series(drawing, points, place, _get_signalled(chart))
    drawing.height = bottom + LINE_HEIGHT + 12
    return drawing.render()


def trend(values: Sequence[float | None], labels: Sequence[str], words: Words, title: str, **options) -> str:
    """Series without limits or centre. Options are those of `control`."""
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


def count_decimals(step: float) -> int:
    return next((digits for digits in range(16) if abs(round(step, digits) - step) < step * 1e-6), 16)


def _get_signalled(chart):
    return {index for signal in chart.signals for index in range(signal.first, signal.last + 1)}


def _get_keys(chart, words, target, unit, digits, factor):

    def tell(name, value):
        return f"{name} {format_number(value, digits, words.decimal)}{unit}"

    keys = []
    if chart.centre is not None:
        keys.append(("centre", tell(words.median if chart.kind == "run" else words.centre, chart.centre * factor)))
    if chart.limits:
        keys.append(("limits", words.limits))
    if target is not None:
        keys.append(("target", tell(words.target, target)))
    if chart.signals:
        keys.append(("signal", words.signal))
    return keys


def _draw_keys(drawing, keys):
    """:return: y where the legend ends."""
    x, y = 0.0, 10.0
    for kind, text in keys:
        size = measure(text) + 40
        if x and x + size > drawing.width:
            x, y = 0.0, y + LINE_HEIGHT
        if kind == "signal":
            _draw_diamond(drawing, x + 12, y)
        else:
            stroke, dashes = {"centre": (MUTED, None), "limits": (INK, "6 4"), "target": (TARGET, "2 3")}[kind]
            drawing.line(x, y, x + 22, y, stroke, 1.5, stroke_dasharray=dashes)
        drawing.text(x + 28, y + 4, text)
        x += size
    return y + LINE_HEIGHT / 2 if keys else 0.0


def _draw_labels(drawing, labels, place, bottom, low):
    room = max(measure(label) for label in labels) + 10
    step = place(1, low)[0] - place(0, low)[0] if len(labels) > 1 else room
    every = max(1, math.ceil(room / step)) if step else 1
    last = len(labels) - 1
    for index, label in enumerate(labels):
        if (last - index) % every == 0:
            x = place(index, low)[0]
            half = measure(label) / 2
            anchor = "end" if x + half > drawing.width else "start" if x < half else "middle"
            drawing.text(drawing.width if anchor == "end" else x, bottom + LINE_HEIGHT + 4, label, anchor, MUTED)


def _draw_steps(drawing, places, step, left):
    """Draw a limit that may differ from point to point."""
    half = step / 2 or 20
    commands = []
    for x, y in places:
        start, end = f"{max(left, x - half):.1f} {y:.1f}", f"{min(drawing.width, x + half):.1f} {y:.1f}"
        commands.append(f"{'L' if commands else 'M'}{start}L{end}")
    drawing.path("".join(commands), stroke=INK, stroke_width=1.2, stroke_dasharray="6 4", fill="none")


def _draw_series(drawing, points, place, signalled):
    commands, pen = [], "M"
    for index, point in enumerate(points):
        if point is None:
            pen = "M"
            continue
        x, y = place(index, point)
        commands.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    drawing.path("".join(commands), stroke=ACCENT, stroke_width=2, fill="none")
    for index, point in enumerate(points):
        if point is None:
            continue
        x, y = place(index, point)
        if index in signalled:
            _draw_diamond(drawing, x, y)
        else:
            drawing.add("circle", cx=x, cy=y, r=3.5, fill=ACCENT)


def _draw_diamond(drawing, x, y, size=6.5):
    drawing.path(
        f"M{x:.1f} {y - size:.1f}L{x + size:.1f} {y:.1f}L{x:.1f} {y + size:.1f}L{x - size:.1f} {y:.1f}Z",
        fill="#ffffff",
        stroke=WARNING,
        stroke_width=2.5,
    )


def describe_control(
    chart: ControlChart,
    labels: Sequence[str],
    words: Words,
    factor: float = 1,
    unit: str = "",
    digits: int = 1,
    target: float | None = None,
) -> str:

    def tell(value):
        return f"{format_number(value, digits, words.decimal)}{unit}"

    known = [index for index, point in enumerate(chart.points) if point is not None]
    if not known:
        return words.no_data
    last = known[-1]
    told = [
        words.span.format(first=labels[0], last=labels[-1]),
        f"{words.latest}: {tell(chart.points[last] * factor)} ({labels[last]})",
    ]
    if chart.centre is not None:
        told.append(f"{words.median if chart.kind == 'run' else words.centre}: {tell(chart.centre * factor)}")
    if chart.limits:
        told.append(f"{words.limits}: {' – '.join(tell(end * factor) for end in chart.limits[last])}")
    if target is not None:
        told.append(f"{words.target}: {tell(target)}")
    for signal in chart.signals:
        when = labels[signal.last] if signal.first == signal.last else f"{labels[signal.first]} – {labels[signal.last]}"
        told.append(f"{words.signal}: {words.rules.get(signal.rule, signal.rule)} ({when})")
    return "; ".join(told) + "."
