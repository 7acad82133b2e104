"""How large a demo is."""

from dataclasses import dataclass

from rotation.workflows.demo.house import PLACES

HISTORY_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Size:
    """A demo has the four teams, ten people each on average, at each of its `places`."""

    departments: int
    places: tuple[str, ...]


SIZES = {
    "S": Size(12, PLACES[:1]),
    "M": Size(50, PLACES[:5]),
    "L": Size(120, (*PLACES, "Ulm", "Kiel", "Mainz")[:13]),
}
