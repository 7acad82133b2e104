"""VTIMEZONE against zoneinfo: the same offsets, for every zone of the tz database."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from rotation.calendars.timezones import vtimezone, zone_names

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2030, 1, 1, tzinfo=UTC)
IN_2027 = datetime(2027, 1, 1, tzinfo=UTC)

# Changes that fall on another day than the rule's own (24:00, 22:00 the day before).
NEVER_EXPRESSIBLE = {
    "Africa/Cairo", "America/Godthab", "America/Nuuk", "America/Santiago", "America/Scoresbysund",
    "Asia/Gaza", "Asia/Hebron", "Asia/Jerusalem", "Asia/Tel_Aviv", "Chile/Continental", "Egypt",
    "Israel",
}  # fmt: skip
UTC_NAMES = {"Etc/UCT", "Etc/UTC", "Etc/Universal", "Etc/Zulu", "UCT", "UTC", "Universal", "Zulu"}
# Countries that leave their old rules during 2026 or early 2027.
CHANGING = {
    "Africa/Casablanca", "Africa/El_Aaiun", "America/Edmonton", "America/Havana", "America/Inuvik",
    "America/Rainy_River", "America/Vancouver", "America/Winnipeg", "America/Yellowknife",
    "Canada/Central", "Canada/Mountain", "Canada/Pacific", "Cuba",
}  # fmt: skip


def text_of(key: str, since: datetime = START) -> str:
    component = vtimezone(key, since=since)
    assert component is not None
    return str(component.to_ical(), "utf-8")


def peer_zone(key: str, since: datetime) -> tzinfo:
    """Return the zone as another implementation reads our component."""
    calendar = f"BEGIN:VCALENDAR\n{text_of(key, since)}END:VCALENDAR\n".replace("\r\n", "\n")
    zone = tzical(io.StringIO(calendar)).get(key)
    assert zone is not None
    return zone


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield every instant from START to END at which the offset changes, to the second."""
    for days in range((END - START).days):
        low, high = START + timedelta(days=days), START + timedelta(days=days + 1)
        if offset(low, zone) == offset(high, zone):
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (
                (low, middle) if offset(low, zone) != offset(middle, zone) else (middle, high)
            )
        yield high


def offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def instants(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the middle of every month, and moments close to each change of the offset."""
    yield from (START + timedelta(days=30 * month + 14) for month in range(48))
    for change in changes(zone):
        for step in (timedelta(seconds=1), timedelta(hours=3), timedelta(hours=30)):
            yield change - step
            yield change + step
        yield change


def is_unambiguous(wall: datetime, zone: ZoneInfo) -> bool:
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first == second


def mismatches(key: str, since: datetime) -> list[str]:
    zone, peer = ZoneInfo(key), peer_zone(key, since)
    walls = (at.astimezone(zone).replace(tzinfo=None) for at in instants(zone) if at >= since)
    return [
        f"{key} {wall}"
        for wall in walls
        if is_unambiguous(wall, zone)
        and wall.replace(tzinfo=peer).utcoffset() != wall.replace(tzinfo=zone).utcoffset()
    ]


def test_the_zones_that_have_to_be_written_in_utc_are_known_by_name() -> None:
    without = {key for key in zone_names() if vtimezone(key, since=START) is None}

    assert without == NEVER_EXPRESSIBLE | UTC_NAMES | CHANGING


def test_every_other_zone_agrees_with_zoneinfo_from_2026_to_2029() -> None:
    expressible = sorted(zone_names() - NEVER_EXPRESSIBLE - UTC_NAMES - CHANGING)

    assert len(expressible) == 565
    assert [wrong for key in expressible for wrong in mismatches(key, START)] == []


def test_a_zone_that_changes_its_rules_is_written_once_the_new_ones_hold() -> None:
    since = datetime(2027, 4, 1, tzinfo=UTC)

    assert [wrong for key in sorted(CHANGING) for wrong in mismatches(key, since)] == []


@pytest.mark.parametrize(
    ("key", "changes_in_summer"),
    [
        ("Europe/Berlin", 8),
        ("America/New_York", 8),
        ("Australia/Sydney", 8),
        ("Australia/Lord_Howe", 8),
        ("Asia/Kolkata", 0),
    ],
)
def test_named_zones_agree_at_each_of_their_changes(key: str, changes_in_summer: int) -> None:
    assert len(list(changes(ZoneInfo(key)))) == changes_in_summer
    assert mismatches(key, START) == []


def test_berlin_is_two_yearly_rules() -> None:
    assert text_of("Europe/Berlin").split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_a_zone_without_summer_time_is_one_fixed_offset() -> None:
    assert text_of("Asia/Kolkata").split("\r\n")[2:-2] == [
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZNAME:IST",
        "TZOFFSETFROM:+0530",
        "TZOFFSETTO:+0530",
        "END:STANDARD",
    ]


def test_summer_is_the_half_that_is_further_ahead_even_where_the_database_says_otherwise() -> None:
    daylight = text_of("Europe/Dublin").partition("BEGIN:DAYLIGHT")[2].partition("END:")[0]

    assert "TZNAME:IST" in daylight
    assert "TZOFFSETTO:+0100" in daylight


def test_morocco_is_written_in_utc_until_its_last_listed_change() -> None:
    last_change = datetime(2026, 9, 20, 1, tzinfo=UTC)

    assert vtimezone("Africa/Casablanca", since=last_change - timedelta(seconds=1)) is None
    assert "TZOFFSETTO:+0000" in text_of("Africa/Casablanca", last_change)


@pytest.mark.parametrize("key", ["", "Customized Time Zone", "../../etc/passwd", "europe/berlin"])
def test_an_unknown_name_has_no_component(key: str) -> None:
    assert vtimezone(key, since=IN_2027) is None
