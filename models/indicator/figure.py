from typing import Any, NamedTuple


class Figure(NamedTuple):
    """What one measure found.

    :param numerator: what counts; of a count, the figure itself.
    :param denominator: of how many; 0 is “no data”, None is a count, which needs none.
    :param record_ids: ids of the records behind the figure.
    :param hit_ids: those of them that count in the numerator of a share.
    :param detail: JSON-able rows behind the figure that the measure keeps with it.
    """

    numerator: float = 0
    denominator: float | None = 0
    record_ids: tuple[int, ...] | list[int] = ()
    hit_ids: tuple[int, ...] | list[int] = ()
    detail: dict[str, Any] | None = None

    def has_data(self):
        return self.denominator is None or self.denominator > 0

    def get_value(self, unit):
        """The value in its unit: ``percent`` and ``points`` of a hundred, ``days`` a mean, ``count`` as it is."""
        if self.denominator is None:
            return float(self.numerator)
        if not self.denominator:
            return 0.0
        return self.numerator / self.denominator * (100 if unit in ("percent", "points") else 1)
