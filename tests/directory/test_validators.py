import pytest
from django.core.exceptions import ValidationError

from accounts.fields import sort_key
from rotation.directory.validators import (
    validate_country,
    validate_one_line,
    validate_plain_text,
    validate_region,
    validate_time_zone,
)


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\x1b[0m", "\ud800", "a\u202eb"])
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        validate_plain_text(text)


@pytest.mark.parametrize("text", ["Müller & Söhne <b>", "عربى", "👩🏽‍💻 café", "two\nlines"])
def test_markup_and_every_script_are_taken(text: str) -> None:
    validate_plain_text(text)


def test_a_line_break_is_refused_where_one_line_is_meant() -> None:
    with pytest.raises(ValidationError):
        validate_one_line("Subject\r\nBcc: everybody@example.org")


@pytest.mark.parametrize("zone", ["", "Berlin", "Europe/Berlin\x00", "../etc/passwd"])
def test_a_zone_outside_the_database_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError):
        validate_time_zone(zone)


def test_names_sort_without_accents_and_case() -> None:
    names = ["Zoe", "Österreich", "Olga", "strauß", "Strasse", "Ähre"]

    assert sorted(names, key=sort_key) == ["Ähre", "Olga", "Österreich", "Strasse", "strauß", "Zoe"]


@pytest.mark.parametrize(("country", "region"), [("DE", "BY"), ("AT", "9"), ("CH", ""), ("", "")])
def test_a_region_of_the_country_is_accepted(country: str, region: str) -> None:
    validate_region(country, region)


@pytest.mark.parametrize(("country", "region"), [("DE", "9"), ("AT", "BY"), ("", "BY"), ("X", "Y")])
def test_a_region_of_another_country_is_refused(country: str, region: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_region(country, region)

    assert list(refused.value.message_dict) == ["subdivision"]


@pytest.mark.parametrize("country", ["XX", "de", "DEU", "D\x00"])
def test_what_is_no_country_is_refused(country: str) -> None:
    with pytest.raises(ValidationError):
        validate_country(country)
