"""Days as people list them: "24.12.2026, 31.12.2026" or "2026-12-21 - 2027-01-06"; pure."""

import re
from datetime import date

from rotation.periods.weeks import is_plannable

Days = tuple[date, date]  # the first and the last of them
LONGEST_PERIOD = 366
MOST_PERIODS = 200
_PIECES = re.compile(r"[\n,;]+")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4})")
# What may stand between the two days of a period.
_BETWEEN = re.compile(r"\s*(?:-|–|\u2014|\.\.|bis|to|/)\s*", re.IGNORECASE)


def days_in(text: str) -> list[date]:
    """Return the days of a list, sorted, each once.

    Raises:
        ValueError: with the piece that is no day.
    """
    days = []
    for first, last in periods_in(text):
        if first != last:
            raise ValueError(_written(first, last))
        days.append(first)
    return days


def periods_in(text: str) -> list[Days]:
    """Return the periods of a list, sorted, each once; a single day is a period of one.

    Raises:
        ValueError: with the piece that is none, or is longer than `LONGEST_PERIOD` days.
    """
    pieces = [piece.strip() for piece in _PIECES.split(text)]
    periods = {_period(piece) for piece in pieces if piece}
    if len(periods) > MOST_PERIODS:
        raise ValueError(str(len(periods)))
    return sorted(periods)


def text_of(periods: list[Days]) -> str:
    """Return periods as `periods_in` reads them, one a line."""
    return "\n".join(_written(first, last) for first, last in periods)


def _written(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} - {last}"


def _period(piece: str) -> Days:
    first = _DAY.match(piece)
    if first is None:
        raise ValueError(piece[:60])
    rest = piece[first.end() :]
    between = _BETWEEN.match(rest)
    last = _DAY.fullmatch(rest[between.end() :]) if between else None
    if rest and last is None:
        raise ValueError(piece[:60])
    period = _day(first, piece), _day(last or first, piece)
    if not 0 <= (period[1] - period[0]).days < LONGEST_PERIOD:
        raise ValueError(piece[:60])
    return period


def _day(match: re.Match[str], piece: str) -> date:
    year, month, day = (
        (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    )
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(piece[:60]) from error
    if not is_plannable(found):
        raise ValueError(piece[:60])
    return found
