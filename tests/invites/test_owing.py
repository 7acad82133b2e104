"""What is owed: every state against everything that may have been told before."""

from itertools import product

import pytest

from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.owing import TO_GUEST, History, Told, owed_to_guest, owed_to_hosts
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
    **{("confirmed", P.INVITE_CANCEL, known): P.INVITE_UPDATE for known in (True, False)},
    **{
        (off, invited, known): P.INVITE_CANCEL
        for off in ("cancelled", "declined by the host")
        for invited in (P.INVITE, P.INVITE_UPDATE)
        for known in (True, False)
    },
}
EXPECTED = (P.HOST_GUEST_COMING, P.HOST_GUEST_CHANGED)
GONE = (P.HOST_GUEST_CANCELLED, P.GUEST_DECLINED)
HOSTS: dict[tuple[str, str, bool], Mail.Purpose] = {
    ("requested", "", False): P.HOST_APPROVAL_WANTED,
    ("requested", P.HOST_APPROVAL_WANTED, False): P.HOST_APPROVAL_WANTED,
    **{
        ("requested", told, known): P.HOST_APPROVAL_WANTED
        for told in (*EXPECTED, *GONE)
        for known in (True, False)
    },
    ("confirmed", "", False): P.HOST_GUEST_COMING,
    **{
        ("confirmed", told, known): P.HOST_GUEST_COMING
        for told in (P.HOST_APPROVAL_WANTED, *GONE)
        for known in (True, False)
    },
    **{("confirmed", told, False): P.HOST_GUEST_CHANGED for told in EXPECTED},
    **{
        (off, told, known): owed
        for off, owed in [
            ("cancelled", P.HOST_GUEST_CANCELLED),
            ("declined by the guest", P.GUEST_DECLINED),
        ]
        for told in (P.HOST_APPROVAL_WANTED, *EXPECTED)
        for known in (True, False)
    },
}
TO_HOSTS = [purpose for purpose in P if purpose not in TO_GUEST]


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
