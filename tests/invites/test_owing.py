"""What is owed: every state against everything that may have been told before."""

from itertools import product

import pytest

from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.owing import (
    TO_GUEST,
    History,
    Told,
    owed_to_booker,
    owed_to_guest,
    owed_to_hosts,
    owes_reminder,
)
from tests.builders import NOW

P = Mail.Purpose
SEQUENCE = 1
BOOKINGS = {
    name: Booking(state=state, declined_by=declined_by, sequence=SEQUENCE)
    for name, state, declined_by in [
        ("requested", "requested", ""),
        ("confirmed", "confirmed", ""),
        ("declined by the host", "declined", "host"),
        ("declined by the guest", "declined", "guest"),
        ("cancelled", "cancelled", ""),
        ("attended", "attended", ""),
        ("missed", "missed", ""),
    ]
}
# (booking, last purpose, whether it told of this sequence) -> owed; all else owes nothing
GUEST: dict[tuple[str, str, bool], Mail.Purpose] = {
    ("confirmed", "", False): P.INVITE,
    ("confirmed", P.INVITE, False): P.INVITE_UPDATE,
    ("confirmed", P.INVITE_UPDATE, False): P.INVITE_UPDATE,
    **{
        ("confirmed", off, known): P.INVITE_UPDATE
        for off in (P.INVITE_CANCEL, P.INVITE_WITHDRAWN)
        for known in (True, False)
    },
    **{
        ("requested", invited, known): P.INVITE_WITHDRAWN
        for invited in (P.INVITE, P.INVITE_UPDATE)
        for known in (True, False)
    },
    **{
        (off, hopes, known): P.INVITE_CANCEL
        for off in ("cancelled", "declined by the host")
        for hopes in (P.INVITE, P.INVITE_UPDATE, P.INVITE_WITHDRAWN)
        for known in (True, False)
    },
}
ASKED = (P.HOST_APPROVAL_WANTED, P.HOST_APPROVAL_REMINDER)
EXPECTED = (P.HOST_GUEST_COMING, P.HOST_GUEST_CHANGED)
GONE = (P.HOST_GUEST_CANCELLED, P.GUEST_DECLINED)
HOSTS: dict[tuple[str, str, bool], Mail.Purpose] = {
    ("requested", "", False): P.HOST_APPROVAL_WANTED,
    **{("requested", told, False): P.HOST_APPROVAL_WANTED for told in ASKED},
    **{
        ("requested", told, known): P.HOST_APPROVAL_WANTED
        for told in (*EXPECTED, *GONE)
        for known in (True, False)
    },
    ("confirmed", "", False): P.HOST_GUEST_COMING,
    **{
        ("confirmed", told, known): P.HOST_GUEST_COMING
        for told in (*ASKED, *GONE)
        for known in (True, False)
    },
    **{("confirmed", told, False): P.HOST_GUEST_CHANGED for told in EXPECTED},
    **{
        (off, told, known): owed
        for off, owed in [
            ("cancelled", P.HOST_GUEST_CANCELLED),
            ("declined by the guest", P.GUEST_DECLINED),
        ]
        for told in (*ASKED, *EXPECTED)
        for known in (True, False)
    },
}
TO_HOSTS = [purpose for purpose in P if purpose not in {*TO_GUEST, P.REQUEST_LAPSED}]


def told_of(purpose: str, *, known: bool) -> Told:
    return Told(purpose, SEQUENCE if known else SEQUENCE - 1) if purpose else Told()


@pytest.mark.parametrize(
    ("name", "purpose", "known"),
    [*product(BOOKINGS, sorted(TO_GUEST), (True, False)), *product(BOOKINGS, [""], [False])],
)
def test_a_guest_is_owed(name: str, purpose: str, known: bool) -> None:  # noqa: FBT001
    owed = owed_to_guest(BOOKINGS[name], told_of(purpose, known=known))

    assert owed == GUEST.get((name, purpose, known))


@pytest.mark.parametrize(
    ("name", "purpose", "known"),
    [*product(BOOKINGS, TO_HOSTS, (True, False)), *product(BOOKINGS, [""], [False])],
)
def test_hosts_are_owed(name: str, purpose: str, known: bool) -> None:  # noqa: FBT001
    owed = owed_to_hosts(BOOKINGS[name], told_of(purpose, known=known))

    assert owed == HOSTS.get((name, purpose, known))


def test_a_history_keeps_both_sides_apart_and_the_first_mail_of_each() -> None:
    history = (
        History()
        .after(P.INVITE, 0, "<a@x>", NOW)
        .after(P.HOST_GUEST_COMING, 0, "<b@x>", None)
        .after(P.INVITE_UPDATE, 1, "<c@x>", NOW)
    )

    assert history == History(
        guest=Told(P.INVITE_UPDATE, 1, "<a@x>"),
        hosts=Told(P.HOST_GUEST_COMING, 0, "<b@x>"),
        dtstamp=NOW,
    )


@pytest.mark.parametrize(("name", "purpose", "known"), product(BOOKINGS, TO_HOSTS, (True, False)))
def test_one_reminder_follows_the_request_of_this_sequence(
    name: str,
    purpose: str,
    known: bool,  # noqa: FBT001
) -> None:
    owes = owes_reminder(BOOKINGS[name], told_of(purpose, known=known))

    assert owes is ((name, purpose, known) == ("requested", P.HOST_APPROVAL_WANTED, True))


def test_whoever_booked_is_told_once_that_the_request_lapsed() -> None:
    lapsed = Booking(state="cancelled", sequence=SEQUENCE, lapsed_at=NOW)
    told = History().after(P.REQUEST_LAPSED, SEQUENCE, "<m>", None)

    assert owed_to_booker(lapsed, Told()) == P.REQUEST_LAPSED
    assert owed_to_booker(lapsed, told.booker) is None
    assert owed_to_booker(BOOKINGS["cancelled"], Told()) is None
    assert told.hosts == told.guest == Told()
