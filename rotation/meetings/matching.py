"""Which day of a changed rule takes the place of which day of the old one; pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from rotation.periods.weeks import monday_of

Key = Callable[[date], date]
# The same day first; then, in their order, the days of one ISO week; then those of one month.
CLOSER_FIRST: tuple[Key, ...] = (
    lambda day: day,
    monday_of,
    lambda day: day.replace(day=1),
)


def matched_days(old: Iterable[date], new: Iterable[date]) -> dict[date, date]:
    """Return for each day of `old` the one of `new` that takes its place, where there is one.

    Days of `old` without one vanish; days of `new` that nothing leads to are new. A single
    meeting may go to any other day.
    """
    old, new = sorted(old), sorted(new)
    if len(old) == len(new) == 1:
        return {old[0]: new[0]}
    pairs: dict[date, date] = {}
    for key in CLOSER_FIRST:
        taken = set(pairs.values())
        left = _grouped((day for day in old if day not in pairs), key)
        free = _grouped((day for day in new if day not in taken), key)
        for group, days in left.items():
            pairs.update(zip(days, free.get(group, ()), strict=False))
    return pairs


def _grouped(days: Iterable[date], key: Key) -> Mapping[date, list[date]]:
    groups: dict[date, list[date]] = defaultdict(list)
    for day in sorted(days):
        groups[key(day)].append(day)
    return groups
