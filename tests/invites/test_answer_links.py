"""Links that only we can make."""

import pytest
from pytest_django import Settings

from rotation.booking.models import Booking
from rotation.invites.answer_links import AnswerLink, answer_token, answer_url, read_answer_token
from rotation.invites.errors import AnswerLinkBroken

BOOKING = Booking(pk=7, staff_id=3, sequence=2)


def test_a_link_names_booking_guest_and_version() -> None:
    assert read_answer_token(answer_token(BOOKING)) == AnswerLink(7, 3, 2)


def test_a_link_lies_below_the_public_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://rundgang.example.org"

    assert answer_url(BOOKING) == f"https://rundgang.example.org/r/{answer_token(BOOKING)}/"


def test_the_link_of_another_version_is_another() -> None:
    assert answer_token(Booking(pk=7, staff_id=3, sequence=3)) != answer_token(BOOKING)


def test_a_link_signed_with_another_key_is_broken(settings: Settings) -> None:
    token = answer_token(BOOKING)
    settings.SECRET_KEY = "another key"

    with pytest.raises(AnswerLinkBroken):
        read_answer_token(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ":",
        "x",
        "\x00",
        "ü",
        answer_token(BOOKING)[:-1],
        answer_token(BOOKING) + "A",
        answer_token(BOOKING).replace("W", "V", 1),
    ],
)
def test_a_changed_link_is_broken(token: str) -> None:
    with pytest.raises(AnswerLinkBroken):
        read_answer_token(token)
