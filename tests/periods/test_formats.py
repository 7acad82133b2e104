from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.periods import formats

BERLIN, LONDON, AUCKLAND = (
    ZoneInfo(key) for key in ("Europe/Berlin", "Europe/London", "Pacific/Auckland")
)
TUESDAY = date(2027, 1, 19)
AT_TEN = datetime(2027, 1, 19, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LANGUAGES = st.sampled_from(["de", "en"])


def plain(text: str) -> str:
    """Show the non-breaking spaces as spaces."""
    return text.replace(formats.NBSP, " ")


@pytest.mark.parametrize(
    ("language", "written"), [("de", "Di, 19.01.2027"), ("en", "Tue 19 Jan 2027")]
)
def test_a_day_is_written_out(language: str, written: str) -> None:
    assert formats.day_text(TUESDAY, language) == written


@pytest.mark.parametrize(("language", "written"), [("de", "Di, 19.01."), ("en", "Tue 19 Jan")])
def test_a_day_may_go_without_its_year(language: str, written: str) -> None:
    assert formats.day_text(TUESDAY, language, year=False) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("de", "Di, 19.01.2027, 10:00 Uhr"), ("en", "Tue 19 Jan 2027, 10:00")],
)
def test_a_moment_is_written_in_the_zone(language: str, written: str) -> None:
    assert plain(formats.moment_text(AT_TEN, language, BERLIN)) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("de", "Di, 19.01.2027, 10:00–11:00 Uhr"), ("en", "Tue 19 Jan 2027, 10:00–11:00")],
)
def test_a_span_names_its_day_once(language: str, written: str) -> None:
    assert plain(formats.span_text(AT_TEN, AT_TEN + HOUR, language, BERLIN)) == written


def test_a_span_over_midnight_names_both_days() -> None:
    text = formats.span_text(AT_TEN, AT_TEN + timedelta(days=1), "en", BERLIN)
    assert text == "Tue 19 Jan 2027, 10:00 – Wed 20 Jan 2027, 10:00"


@pytest.mark.parametrize(
    ("days", "written"), [(1, "Di, 19.01.2027"), (7, "Di, 19.01.2027 – Mo, 25.01.2027")]
)
def test_whole_days_are_written_without_clocks(days: int, written: str) -> None:
    starts_at = AT_TEN.astimezone(BERLIN).replace(hour=0)
    assert formats.span_text(starts_at, starts_at + timedelta(days=days), "de", BERLIN) == written


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "01:30"),  # clocks go forward at 01:00 UTC
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "03:00"),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "02:30"),  # and back at 01:00 UTC
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "02:30"),
        (datetime(2027, 10, 31, 2, 0, tzinfo=UTC), "03:00"),
    ],
)
def test_the_clock_follows_the_change_to_and_from_summer_time(at: datetime, clock: str) -> None:
    assert formats.clock_text(at, "en", BERLIN) == clock


def for_viewer(at: datetime, language: str, viewer_zone: ZoneInfo) -> str:
    return plain(
        formats.span_for_viewer(at, at + HOUR, language, zone=BERLIN, viewer_zone=viewer_zone)
    )


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "Di, 19.01.2027, 10:00–11:00 Uhr (Berlin) · 09:00–10:00 Uhr bei Ihnen"),
        ("en", "Tue 19 Jan 2027, 10:00–11:00 (Berlin) · 09:00–10:00 for you"),
    ],
)
def test_another_clock_is_shown_beside(language: str, written: str) -> None:
    assert for_viewer(AT_TEN, language, LONDON) == written


def test_another_day_is_shown_with_its_date() -> None:
    assert for_viewer(AT_TEN + 4 * HOUR, "en", AUCKLAND) == (
        "Tue 19 Jan 2027, 14:00–15:00 (Berlin) · Wed 20 Jan 2027, 02:00–03:00 for you"
    )


def test_the_same_clock_in_another_zone_is_not_repeated() -> None:
    assert for_viewer(AT_TEN, "en", ZoneInfo("Europe/Paris")) == "Tue 19 Jan 2027, 10:00–11:00"


def test_zones_that_change_clocks_on_other_days_differ_only_in_between() -> None:
    new_york = ZoneInfo("America/New_York")
    before, between = (datetime(2027, 3, day, 14, tzinfo=UTC) for day in (12, 15))
    shown = [for_viewer(at, "en", new_york).split(" · ")[1] for at in (before, between)]
    assert shown == ["09:00–10:00 for you", "10:00–11:00 for you"]


@pytest.mark.parametrize(
    ("zone", "place"),
    [("America/New_York", "New York"), ("UTC", "UTC"), ("America/Argentina/Salta", "Salta")],
)
def test_a_zone_is_named_by_its_city(zone: str, place: str) -> None:
    assert formats.place_name(ZoneInfo(zone)) == place


@pytest.mark.parametrize(
    ("day", "language", "year", "written"),
    [
        (TUESDAY, "de", False, "KW 3"),
        (TUESDAY, "en", False, "W3"),
        (TUESDAY, "de", True, "KW 3/2027"),
        (date(2027, 1, 3), "de", True, "KW 53/2026"),
        (date(2027, 1, 3), "en", True, "W53 2026"),
    ],
)
def test_a_week_is_the_iso_week(day: date, language: str, year: bool, written: str) -> None:  # noqa: FBT001
    assert plain(formats.week_text(day, language, year=year)) == written


@pytest.mark.parametrize(
    ("value", "places", "german", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (2.5, 0, "3", "3"),
        (0.125, 2, "0,13", "0.13"),
        (-0.04, 1, "0,0", "0.0"),
        (-3.44, 1, "−3,4", "−3.4"),
        (Decimal("0.05"), 1, "0,1", "0.1"),
        (1e-9, 2, "0,00", "0.00"),
    ],
)
def test_a_number_is_grouped_and_rounded_half_up(
    value: formats.Number, places: int, german: str, english: str
) -> None:
    written = [formats.number_text(value, lang, places=places) for lang in ("de", "en")]
    assert written == [german, english]


def test_a_signed_number_shows_its_plus_but_nothing_has_none() -> None:
    assert [formats.number_text(n, "en", signed=True) for n in (2, 0, -2)] == ["+2", "0", "−2"]


def test_hours_come_from_lengths_of_time_and_from_numbers() -> None:
    written = [plain(formats.hours_text(h, "de")) for h in (timedelta(minutes=204), 3.4)]
    assert written == ["3,4 h", "3,4 h"]


@pytest.mark.parametrize(("language", "written"), [("de", "18,4 %"), ("en", "18.4%")])
def test_a_share_is_written_in_per_cent(language: str, written: str) -> None:
    assert plain(formats.percent_text(0.184, language, places=1)) == written


@pytest.mark.parametrize(
    ("minutes", "written"), [(0, "0 min"), (45, "45 min"), (90, "1 h 30 min"), (120, "2 h")]
)
def test_a_duration_leaves_out_what_is_nothing(minutes: int, written: str) -> None:
    assert plain(formats.duration_text(timedelta(minutes=minutes))) == written


@pytest.mark.parametrize(
    ("days", "german", "english"),
    [
        (0, "heute", "today"),
        (-1, "gestern", "yesterday"),
        (1, "morgen", "tomorrow"),
        (-2, "vor 2 Tagen", "2 days ago"),
        (-13, "vor 13 Tagen", "13 days ago"),
        (-14, "vor 2 Wochen", "2 weeks ago"),
        (-80, "vor 11 Wochen", "11 weeks ago"),
        (3, "in 3 Tagen", "in 3 days"),
        (-200, "vor 6 Monaten", "6 months ago"),
        (-800, "vor 2 Jahren", "2 years ago"),
    ],
)
def test_the_age_of_a_day_is_in_the_unit_people_use(days: int, german: str, english: str) -> None:
    day = TUESDAY + timedelta(days=days)
    written = [plain(formats.age_text(day, AT_TEN, language)) for language in ("de", "en")]
    assert written == [german, english]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3600, "1 hour ago"),
        (-7200, "in 2 hours"),
        (39_600, "yesterday"),  # 23:00
        (90_000, "yesterday"),
        (-50_400, "tomorrow"),  # 00:00
        (-165_600, "in 2 days"),  # Thursday 08:00, less than 48 hours off
        (-2_592_000, "in 4 weeks"),
    ],
)
def test_the_age_of_an_instant_is_by_the_clock_today_and_else_by_the_calendar(
    seconds: int, written: str
) -> None:
    now = AT_TEN.astimezone(BERLIN)
    assert plain(formats.age_text(now - timedelta(seconds=seconds), now, "en")) == written


def test_a_few_hours_across_midnight_are_hours() -> None:
    evening = AT_TEN.astimezone(BERLIN).replace(hour=22)
    assert plain(formats.age_text(evening + 3 * HOUR, evening, "de")) == "in 3 Stunden"


@given(st.floats(-1e12, 1e12), st.integers(0, 3), LANGUAGES)
def test_a_written_number_reads_back_to_its_rounded_self(
    value: float, places: int, language: str
) -> None:
    how = formats.style(language)
    written = formats.number_text(value, language, places=places)
    read = written.replace(how.group_mark, "").replace(how.decimal_mark, ".")
    distance = abs(Decimal(read.replace(formats.MINUS, "-")) - Decimal(str(value)))
    assert distance <= Decimal("0.5").scaleb(-places)


@given(st.dates(), st.datetimes(timezones=st.just(UTC)), LANGUAGES)
def test_every_age_has_words(then: date, now: datetime, language: str) -> None:
    assert formats.age_text(then, now, language)
