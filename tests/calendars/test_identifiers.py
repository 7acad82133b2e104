"""UID, DTSTAMP, Message-ID and bounce address: unique, ordered, ours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from rotation.calendars import identifiers

NOW = datetime(2026, 11, 24, 9, 0, 0, 700_000, tzinfo=UTC)
TOKEN = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _organizer(settings: Settings) -> None:
    settings.MAIL_FROM = "Rundgang <rundgang@Example.org>"


def test_a_uid_is_128_random_bits_at_the_organizers_domain() -> None:
    uids = {identifiers.new_uid() for _ in range(1000)}

    assert len(uids) == 1000
    assert {(len(uid.partition("@")[0]), uid.partition("@")[2]) for uid in uids} == {
        (32, "example.org")
    }


def test_the_first_dtstamp_is_now_in_whole_seconds() -> None:
    assert identifiers.next_dtstamp(NOW, None) == NOW.replace(microsecond=0)


@given(st.integers(-100_000, 100_000))
def test_every_dtstamp_is_later_than_the_one_before(seconds: int) -> None:
    last = identifiers.next_dtstamp(NOW + timedelta(seconds=seconds), None)

    assert identifiers.next_dtstamp(NOW, last) > last


def test_sequence_rises_by_one() -> None:
    assert identifiers.next_sequence(0) == 1


def test_message_id_and_bounce_address_carry_the_same_token() -> None:
    assert identifiers.message_id(TOKEN) == f"<{TOKEN}@example.org>"
    assert identifiers.bounce_address(TOKEN) == f"bounce+{TOKEN}@example.org"


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (f"bounce+{TOKEN}@example.org", TOKEN),
        (f" BOUNCE+{TOKEN.upper()}@EXAMPLE.ORG ", TOKEN),
        (f"bounce+{TOKEN}@other.example", None),
        ("bounce+short@example.org", None),
        ("rundgang@example.org", None),
        ("", None),
    ],
)
def test_only_our_own_bounce_addresses_name_a_mail(address: str, token: str | None) -> None:
    assert identifiers.token_of_bounce(address) == token


def test_a_domain_with_umlauts_is_written_in_ascii(settings: Settings) -> None:
    settings.MAIL_FROM = "post@bücher.example"

    assert identifiers.organizer_domain() == "xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["", "rundgang", "<>"])
def test_an_address_without_a_domain_is_refused(address: str, settings: Settings) -> None:
    settings.MAIL_FROM = address

    with pytest.raises(ValueError, match="no mail address"):
        identifiers.organizer_domain()
