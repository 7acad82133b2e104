"""Somebody leaves: visits end, seats are offered, and at last nothing names the person."""

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import ApiToken, Role, User
from rotation.api.models import ApiRequest
from rotation.audit.models import Subject, Via
from rotation.audit.queries import entries_of
from rotation.audit.services import By
from rotation.booking.errors import BookingRefused, Code
from rotation.booking.leavers import seats_freed_by_leavers
from rotation.booking.models import Booking
from rotation.directory.errors import LastAdministrator, StillHere, UnderPseudonym
from rotation.directory.models import StaffMember
from rotation.directory.permissions import actor_of
from rotation.directory.queries import active_staff, working_patterns_of
from rotation.insights.models import Note
from rotation.invites.answer_links import answer_token
from rotation.invites.models import Mail
from rotation.meetings.models import CalendarFeed
from rotation.periods.intervals import Interval
from rotation.periods.working_time import is_working
from rotation.replies.models import GuestAnswer
from rotation.replies.models import Source as DoorOfAnswer
from rotation.replies.services import Envelope, store_demo_mail, store_mail
from rotation.workflows import change_booking
from rotation.workflows.erase import erase
from rotation.workflows.leave import KEPT, close_leavers, come_back, leave
from tests.builders import (
    BY_SYSTEM,
    NOW,
    TUESDAY_10,
    coming_tuesday,
    make_absence,
    make_booking,
    make_contract,
    make_department,
    make_duty,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
TUESDAY = TUESDAY_10.date()
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


def book(staff: StaffMember, **meeting: Any) -> Booking:  # noqa: ANN401 -- as make_meeting
    where = make_meeting(**meeting)
    return change_booking.book(staff_id=staff.pk, meeting_id=where.pk, by=BY_SYSTEM, now=NOW)


def states(*bookings: Booking) -> list[str]:
    return [Booking.objects.get(pk=booking.pk).state for booking in bookings]


def test_visits_after_the_last_day_are_cancelled_and_those_before_stay() -> None:
    staff, series = make_staff(), make_series()
    on_the_day = book(staff, series=series)
    after = book(staff, series=series, starts_at=TUESDAY_10 + WEEK)

    leave(staff.pk, TUESDAY, by=BY_SYSTEM, now=NOW)

    assert states(on_the_day, after) == ["confirmed", "cancelled"]


def test_guest_and_host_are_told_why() -> None:
    host = make_host()
    booking = book(make_staff(), series=make_series(department=host.department))

    leave(booking.staff_id, NOW.date(), by=BY_SYSTEM, now=NOW)

    told = Mail.objects.filter(booking=booking).order_by("pk").values_list("purpose", "recipient")
    assert set(told) >= {
        ("invite_cancel", booking.staff.email),
        ("host_guest_cancelled", host.user.email),
    }
    assert entries_of(Subject.BOOKING, booking.pk)[0].reason == "The guest leaves the house."


def test_until_the_last_day_is_over_the_person_can_be_booked_and_then_no_more() -> None:
    staff, series = make_staff(), make_series()
    leave(staff.pk, TUESDAY, by=BY_SYSTEM, now=NOW)

    booked = book(staff, series=series)
    with pytest.raises(BookingRefused) as refused:
        book(staff, series=series, starts_at=TUESDAY_10 + DAY)

    assert booked.state == Booking.State.CONFIRMED
    assert Code.OUTSIDE_WORKING_HOURS in [reason.code for reason in refused.value.reasons]


def test_the_last_day_ends_by_the_clock_of_the_person() -> None:
    """At 23:30 in UTC it is the next day in Berlin, and still the last one in New York."""
    late = TUESDAY_10.replace(hour=23, minute=30)
    here, there = make_staff("Ada"), make_staff("Bob")
    StaffMember.objects.filter(pk=there.pk).update(time_zone="America/New_York")

    for person in (here, there):
        leave(person.pk, TUESDAY, by=BY_SYSTEM, now=late)

    assert list(active_staff()) == [there]


def test_a_visit_in_the_first_hour_after_the_last_day_is_cancelled_where_clocks_change() -> None:
    sunday = date(2026, 3, 29)
    night = TUESDAY_10.replace(month=3, day=29, hour=22, minute=30)  # half past midnight, Monday
    booking = make_booking(meeting=make_meeting(starts_at=night))

    leave(booking.staff_id, sunday, by=BY_SYSTEM, now=NOW)

    assert states(booking) == ["cancelled"]


def test_who_has_left_is_off_the_lists_and_cannot_sign_in() -> None:
    staff = make_staff()

    leave(staff.pk, NOW.date() - DAY, by=BY_SYSTEM, now=NOW)

    user = User.objects.get(pk=staff.user_id)
    assert (list(active_staff()), user.is_active, actor_of(user).staff_id) == ([], False, None)


def test_the_daily_round_closes_a_last_day_that_is_over_once() -> None:
    staff = make_staff()
    leave(staff.pk, NOW.date(), by=BY_SYSTEM, now=NOW)

    counts = [close_leavers(NOW), close_leavers(NOW + DAY), close_leavers(NOW + DAY)]

    assert (counts, list(active_staff())) == ([0, 1, 0], [])


def test_a_visit_that_moved_beyond_the_last_day_ends_with_it() -> None:
    staff = make_staff()
    leave(staff.pk, NOW.date(), by=BY_SYSTEM, now=NOW)
    moved = make_booking(staff=staff)

    close_leavers(NOW + DAY)

    assert states(moved) == ["cancelled"]


def test_who_comes_back_is_as_before_but_for_the_visits() -> None:
    booking = book(make_staff())
    leave(booking.staff_id, NOW.date() - DAY, by=BY_SYSTEM, now=NOW)

    staff = come_back(booking.staff_id, by=BY_SYSTEM, now=NOW)

    assert (staff.left_on, staff.has_left, staff.user.is_active) == (None, False, True)
    assert states(booking) == ["cancelled"]


def test_freed_seats_are_offered_until_somebody_takes_them() -> None:
    manager = make_user(roles=(Role.MANAGER,))
    other_manager = make_user(roles=(Role.MANAGER,))
    team = make_team(managers=(manager,))
    make_team("Networks", managers=(other_manager,))
    booking, other = book(make_staff(team=team)), make_staff("Bob", team=team)
    given_up = book(booking.staff, series=make_series(title="Other"), starts_at=TUESDAY_10 + DAY)
    change_booking.cancel(given_up.pk, by=BY_SYSTEM, now=NOW)
    leave(booking.staff_id, NOW.date(), by=BY_SYSTEM, now=NOW + timedelta(hours=1))
    who, stranger = actor_of(manager), actor_of(other_manager)

    offered = [list(seats_freed_by_leavers(actor, NOW)) for actor in (who, stranger)]
    now = NOW + timedelta(hours=2)
    change_booking.book(staff_id=other.pk, meeting_id=booking.meeting_id, by=BY_SYSTEM, now=now)

    assert offered == [[booking], []]
    assert list(seats_freed_by_leavers(who, NOW)) == []


def test_the_offer_of_freed_seats_is_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    staff = make_staff()
    for week in range(3):
        book(staff, series=make_series(title=f"{week}"), starts_at=TUESDAY_10 + week * WEEK)
    leave(staff.pk, NOW.date(), by=BY_SYSTEM, now=NOW)
    admin = actor_of(make_user(roles=(Role.ADMIN,)))

    with django_assert_num_queries(1):
        found = [visit.staff.name for visit in seats_freed_by_leavers(admin, NOW)]

    assert found == ["Ada"] * 3


def test_the_last_administrator_cannot_leave() -> None:
    staff = make_staff()
    User.objects.filter(pk=staff.user_id).update(roles=[Role.ADMIN, Role.STAFF])

    with pytest.raises(LastAdministrator):
        leave(staff.pk, TUESDAY, by=BY_SYSTEM, now=NOW)

    staff.refresh_from_db()
    assert staff.left_on is None


def test_the_pseudonym_comes_two_weeks_after_the_last_day() -> None:
    staff = make_staff("Ada Lovelace")
    leave(staff.pk, NOW.date(), by=BY_SYSTEM, now=NOW)
    close_leavers(NOW + DAY)

    close_leavers(NOW + KEPT)
    before = User.objects.get(pk=staff.user_id)
    close_leavers(NOW + KEPT + DAY)
    after = User.objects.get(pk=staff.user_id)

    assert (before.name, before.erased_at) == ("Ada Lovelace", None)
    assert after.name.startswith("Pseudonym ")
    assert after.erased_at == NOW + KEPT + DAY
    assert close_leavers(NOW + KEPT + 2 * DAY) == 0


def test_nobody_comes_back_from_a_pseudonym() -> None:
    staff = gone()

    with pytest.raises(UnderPseudonym):
        come_back(staff.pk, by=BY_SYSTEM, now=NOW)


def test_who_is_still_here_is_not_forgotten() -> None:
    with pytest.raises(StillHere):
        erase(make_staff().user_id, by=BY_SYSTEM, now=NOW)


def gone(name: str = "Ada") -> StaffMember:
    staff = make_staff(name)
    leave(staff.pk, NOW.date() - DAY, by=BY_SYSTEM, now=NOW)
    erase(staff.user_id, by=BY_SYSTEM, now=NOW)
    return staff


def test_pseudonyms_are_random_and_their_addresses_take_no_mail() -> None:
    users = [User.objects.get(pk=gone(f"P{number}").user_id) for number in range(20)]

    assert len({user.name for user in users}) == 20
    assert all(user.email.endswith("@pseudonym.invalid") for user in users)
    assert not any(user.has_usable_password() or user.is_active or user.roles for user in users)


NAME, ADDRESS = "Ottilie Zwetschgenbaum", "ottilie.z@example.net"


def everything() -> str:
    """Return all rows of all tables as text, bytes and mails made readable."""
    return "\n".join(
        f"{model._meta.label} {_readable(value)}"
        for model in apps.get_models(include_auto_created=True)
        for row in model._default_manager.values()
        for value in row.values()
    ).casefold()


def _readable(value: object) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    message = message_from_bytes(bytes(value), policy=policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    bodies = [part.get_payload(decode=True) for part in parts]
    texts = [body.decode(errors="replace") for body in bodies if isinstance(body, bytes)]
    headers = [str(header) for part in message.walk() for header in part.values()]
    return "\n".join([*headers, *texts]).replace("\r\n ", "").replace("\n ", "")


def leave_traces(user: User, booking: Booking, other: User) -> None:
    """Let the name and the address get wherever they get in a year."""
    raw = f"From: {NAME} <{ADDRESS}>\r\nSubject: Re\r\n\r\nBest, {NAME}\r\n".encode()
    stored, _ = store_mail(raw, source=DoorOfAnswer.SMTP, envelope=Envelope(ADDRESS), now=NOW)
    store_demo_mail(raw, recipient="host@example.org", sender=ADDRESS, now=NOW)
    GuestAnswer.objects.create(
        booking=booking, mail=stored, source=DoorOfAnswer.SMTP, address=ADDRESS, sequence=0,
        dtstamp=NOW, effective_at=NOW, partstat="ACCEPTED", comment=f"Yes! {NAME}",
        received_at=NOW,
    )  # fmt: skip
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True)
    ApiToken.issue(user, now=NOW, expires_at=NOW + KEPT, name="mine")
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.create()
    body = f'{{"name": "{NAME}"}}'
    ApiRequest.objects.create(
        user=other, key="k", fingerprint="f", status=201, body=body, created_at=NOW
    )
    LogEntry.objects.create(
        user=other, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=NAME, action_flag=CHANGE, change_message="",
    )  # fmt: skip


def test_nothing_of_name_and_address_of_a_guest_stays_anywhere(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"
    host, other = make_host(), make_user(roles=(Role.ADMIN,))
    staff = make_staff(NAME, email=ADDRESS)
    make_absence(staff, NOW)
    make_duty(staff, NOW)
    booking = book(staff, series=make_series(department=host.department))
    change_booking.cancel(booking.pk, by=By(staff.user_id, Via.PAGE), now=NOW)
    Note.objects.create(booking=booking, text="They sort by hand.", written_at=NOW)
    leave_traces(staff.user, booking, other)
    assert NAME.casefold() in everything()
    assert ADDRESS in everything()

    leave(staff.pk, NOW.date() - DAY, by=BY_SYSTEM, now=NOW)
    erase(staff.user_id, by=BY_SYSTEM, now=NOW)

    words = [word for word in ("ottilie", "zwetschgenbaum", ADDRESS) if word in everything()]
    assert words == []
    assert Note.objects.get().text == "They sort by hand."
    assert not staff.contracts.exists()
    assert [line.action for line in entries_of(Subject.BOOKING, booking.pk)] == ["cancel", "book"]
    assert not Mail.objects.filter(state=Mail.State.QUEUED).exists()


def test_nothing_of_name_and_address_of_a_host_and_manager_stays_anywhere() -> None:
    department = make_department()
    host = make_host(NAME, department=department)
    User.objects.filter(pk=host.user_id).update(email=ADDRESS, roles=[Role.HOST, Role.MANAGER])
    user, other = User.objects.get(pk=host.user_id), make_user(roles=(Role.ADMIN,))
    team = make_team(managers=(user,))
    series = make_series(department=department, host=host, needs_approval=True)
    booking = book(make_staff(team=team), series=series)
    Mail.objects.update(state=Mail.State.SENT, sent_at=NOW)
    leave_traces(user, booking, other)
    feed = "https://mail.example.net/ottilie.z%40example.net/calendar.ics"
    CalendarFeed.objects.create(department=department, name="Calendar", address=feed)
    assert NAME.casefold() in everything()

    erase(user.pk, by=BY_SYSTEM, now=NOW)

    words = [word for word in ("ottilie", "zwetschgenbaum", ADDRESS) if word in everything()]
    assert words == []
    assert (list(team.managers.all()), states(booking)) == ([], ["requested"])
    series.refresh_from_db()
    assert series.host is None


def test_forgetting_twice_changes_nothing() -> None:
    staff = gone()
    before = User.objects.get(pk=staff.user_id).name

    erase(staff.user_id, by=BY_SYSTEM, now=NOW)

    assert User.objects.get(pk=staff.user_id).name == before
    assert entries_of(Subject.USER, staff.user_id).filter(action="erase").count() == 1


def test_others_keep_their_mails() -> None:
    other = book(make_staff("Bob"), series=make_series(department=make_department("HR", "HR")))
    staff = make_staff("Ada")
    book(staff)

    leave(staff.pk, NOW.date() - DAY, by=BY_SYSTEM, now=NOW)
    erase(staff.user_id, by=BY_SYSTEM, now=NOW)

    kept = Mail.objects.filter(booking=other)
    assert all(mail.raw and mail.state == Mail.State.QUEUED for mail in kept)


def test_a_leaver_answers_by_no_link_any_more(client: Client) -> None:
    booking = make_booking(meeting=make_meeting(starts_at=coming_tuesday()))
    address = f"/r/{answer_token(booking)}/"
    assert client.get(address).status_code == 200

    leave(booking.staff_id, NOW.date(), by=BY_SYSTEM, now=NOW + DAY)

    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


def test_working_time_ends_with_the_last_day() -> None:
    staff = make_staff(works=False)
    make_contract(staff, ends_on=TUESDAY + WEEK)
    StaffMember.objects.filter(pk=staff.pk).update(left_on=TUESDAY)

    booking_day, next_day = TUESDAY_10, TUESDAY_10 + DAY

    assert works_at(staff, booking_day) is True
    assert works_at(staff, next_day) is False


def works_at(staff: StaffMember, at: datetime) -> bool:
    pattern = working_patterns_of([staff.pk])[staff.pk]
    return is_working(pattern, Interval(at, at + timedelta(hours=1)), ZoneInfo(staff.time_zone))
