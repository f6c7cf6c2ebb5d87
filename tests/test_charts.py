"""Charts: whole, within their frame, without anything fetched, and telling in words what they draw."""

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools import charts
from odoo.addons.sig_pqrs.tools.charts import Words, control, count_decimals, format_number, get_ticks, trend
from odoo.addons.sig_pqrs.tools.control_chart import p_chart, run_chart, xmr
from odoo.tests import BaseCase

SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words(no_data="sin datos", target="Meta", signal="Señal", span="De {first} a {last}")

numbers = st.one_of(st.none(), st.floats(-1e7, 1e7))


class ChartCase(BaseCase):
    def parse(self, drawn):
        root = ElementTree.fromstring(drawn)
        width, height = float(root.get("width")), float(root.get("height"))
        self.assertEqual((root.get("viewBox"), root.get("role")), (f"0 0 {root.get('width')} {root.get('height')}", "img"))
        self.assertTrue(root.get("aria-label"))
        for element in root.iter():
            self.assertFalse({"href", "id", "style", "onload"} & set(element.attrib))
            self.assertIn(element.tag.removeprefix(SVG), ("svg", "title", "desc", "rect", "line", "path", "text", "circle"))
            for name, limit in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height), ("y2", height)):
                if element.get(name) is not None:
                    self.assertTrue(-1 <= float(element.get(name)) <= limit + 1, (element.tag, element.attrib))
        return root

    def get_texts(self, drawn):
        return [element.text for element in self.parse(drawn).iter(f"{SVG}text")]


class TestNumbers(ChartCase):
    def test_format(self):
        for value, digits, expected in (
            (62.744, 1, "62,7"), (62.749, 1, "62,8"), (-12.5, 1, "−12,5"), (-0.04, 1, "0,0"), (100, 0, "100"), (-0.0, 0, "0"),
        ):  # fmt: skip
            with self.subTest(value):
                self.assertEqual(format_number(value, digits), expected)

    @settings(deadline=None)
    @given(st.floats(-1e7, 1e7), st.floats(0, 1e7))
    def test_ticks(self, low, more):
        ticks = get_ticks(low, low + more)
        tolerance = 1e-6 * max(1, abs(low), (ticks[1] - ticks[0]) / 100)
        self.assertLessEqual(ticks[0], low + tolerance)
        self.assertGreaterEqual(ticks[-1], low + more - tolerance)
        self.assertTrue(2 <= len(ticks) <= 12)

    def test_what_is_counted_has_no_fractions(self):
        for low, high, expected in ((0, 1, [0, 1]), (0, 0, [0, 1]), (4, 4, [3, 4, 5]), (0, 11, [0, 5, 10, 15]), (-3, 2, [-3, -2, -1, 0, 1, 2])):
            with self.subTest(low=low, high=high):
                self.assertEqual(get_ticks(low, high, whole=True), expected)
        texts = self.get_texts(trend([0, 0, 1], ["ene", "feb", "mar"], WORDS, "Vencidas", digits=0))
        self.assertEqual([text for text in texts if text[0].isdigit()], ["0", "1"])

    def test_steps_are_told_whole(self):
        """No mark says “2” where it is 2,5."""
        self.assertLessEqual({"2,5", "7,5"}, {*self.get_texts(trend([0, 12], ["ene", "feb"], WORDS, "Días"))})
        self.assertEqual(get_ticks(0, 5), [0, 1, 2, 3, 4, 5])
        for step, digits in ((5, 0), (2.5, 1), (0.25, 2), (0.1, 1), (1e-20, 16)):
            self.assertEqual(count_decimals(step), digits)


class TestSeries(ChartCase):
    months = [f"{month:02}/25" for month in range(1, 13)] + ["01/26"]

    def test_labels_of_spans_do_not_touch(self):
        spans = [f"{month} 26 – {month} 26" for month in ("ene", "mar", "may", "jul", "ago", "nov")]
        drawn = self.parse(trend([7, 8, 5, 8, 7, 9], spans, WORDS, "Recibidas", width=340, height=150))
        end = 0
        for text in (text for text in drawn.iter(f"{SVG}text") if text.text in spans):
            size = charts.measure(text.text)
            start = float(text.get("x")) - size * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
            self.assertGreaterEqual(start, end, text.text)
            end = start + size
        self.assertEqual(text.text, spans[-1])

    def test_signals_are_marked_and_told(self):
        chart = p_chart([18] * 12 + [5], [20] * 13, baseline=12)
        drawn = control(chart, self.months, WORDS, "Indicador", factor=100, unit="\u00a0%", target=95)
        self.assertIn(charts.WARNING, drawn)
        self.assertEqual(len(list(self.parse(drawn).iter(f"{SVG}circle"))), 12)
        for text in ("De 01/25 a 01/26", "Señal: beyond (01/26)", "Meta: 95\u00a0%", "Mean: 90,0\u00a0%"):
            self.assertIn(text, drawn)
        self.assertEqual(self.get_texts(drawn)[-1], "01/26", "the last month always has its label")

    def test_short(self):
        drawn = control(run_chart([0.5, None, 0.7]), self.months[:3], WORDS, "Corta")
        self.assertIn("Median", drawn)
        self.assertNotIn("Limits", drawn)
        self.assertEqual(len(list(self.parse(drawn).iter(f"{SVG}circle"))), 2)

    def test_hostile(self):
        drawn = trend([1, 2], ['<script>alert("x")</script>\x00', "&"], WORDS, "<b>")
        self.assertNotIn("<script", drawn)
        self.assertIn('<script>alert("x")</script>', self.get_texts(drawn))

    @settings(deadline=None)
    @given(st.lists(numbers, max_size=40), st.one_of(st.none(), st.floats(-100, 100)))
    def test_any(self, values, target):
        labels = [f"mes {index}" for index in range(len(values))]
        for drawn in (control(xmr(values), labels, WORDS, "Serie", target=target), trend(values, labels, WORDS, "Serie")):
            self.parse(drawn)
