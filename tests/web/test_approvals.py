"""Requests that wait for a word, deputies, and who was faster."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from rotation.audit.models import Entry
from rotation.booking.models import Booking
from rotation.directory.models import Host, HostDeputy
from rotation.invites.models import Mail
from rotation.workflows import change_booking
from tests.builders import (
    BY_SYSTEM,
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return make_host(department=make_department("Sales"))


@pytest.fixture
def asked() -> Booking:
    """Ask for a seat in a meeting of Sales, and queue its mails."""
    series = make_series(department=make_department("Sales"), needs_approval=True)
    meeting = make_meeting(series=series, starts_at=coming_tuesday(2))
    return change_booking.book(
        staff_id=make_staff("Ada").pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=timezone.now()
    )


def confirm(client: Client, booking: Booking, version: int = 1) -> str:
    address = reverse("visit_confirm", args=[booking.pk])
    return client.post(address, {"version": version}, follow=True).content.decode()


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def name(client: Client, deputy: Host, **days: str) -> str:
    answer = client.post(reverse("deputies"), {"deputy": deputy.pk, **days}, follow=True)
    return answer.content.decode()


def test_a_host_names_a_deputy_who_sees_and_answers_the_requests(
    host: Host, asked: Booking
) -> None:
    deputy = make_host("Dora", department=make_department("Legal"))
    before = signed_in(deputy.user).get(reverse("visit", args=[asked.pk])).status_code

    page = name(signed_in(host.user), deputy)

    assert before == 404
    assert "Dora now gets the requests to you as well" in page
    client = signed_in(deputy.user)
    assert "Ada" in client.get(reverse("requests")).content.decode()
    assert "1 guest of another department waits for your word" in (
        client.get(reverse("overview")).content.decode()
    )
    assert "The guest is approved" in confirm(client, asked)
    asked.refresh_from_db()
    assert asked.state == "confirmed"
    assert Entry.objects.filter(subject="host", action="name_deputy").count() == 1


def test_a_deputy_gets_the_mails_during_the_span_only(host: Host) -> None:
    today = timezone.localdate()
    for person, first, last in [
        ("Now", today, today),
        ("Later", today + timedelta(days=1), None),
        ("Always", None, None),
    ]:
        deputy = make_host(person, department=make_department("Legal"))
        HostDeputy.objects.create(host=host, deputy=deputy, from_on=first, until_on=last)
    series = make_series(department=host.department, needs_approval=True)
    booking = change_booking.book(
        staff_id=make_staff().pk,
        meeting_id=make_meeting(series=series, starts_at=coming_tuesday()).pk,
        by=BY_SYSTEM,
        now=timezone.now(),
    )

    recipients = Mail.objects.filter(booking=booking).values_list("recipient", flat=True)
    readers = Host.objects.filter(user__email__in=recipients)
    assert sorted(each.user.name for each in readers) == ["Always", "Hanna", "Now"]


def test_a_deputy_is_named_once_and_removed(host: Host) -> None:
    deputy, client = make_host("Dora"), signed_in(host.user)
    for _ in range(2):
        name(client, deputy)
    named = HostDeputy.objects.get()

    stranger = signed_in(make_host("Eve").user).post(reverse("deputy_remove", args=[named.pk]))
    page = client.post(reverse("deputy_remove", args=[named.pk]), follow=True).content.decode()

    assert stranger.status_code == 404
    assert "Dora no longer answers for you." in page
    assert HostDeputy.objects.count() == 0


def test_days_that_make_no_sense_are_refused(host: Host) -> None:
    page = name(
        signed_in(host.user), make_host("Dora"), from_on="2031-05-02", until_on="2031-05-01"
    )

    assert "Choose a last day that is not over and not before the first." in page
    assert HostDeputy.objects.count() == 0


def test_only_hosts_name_deputies() -> None:
    admin = signed_in(make_user(roles=(Role.ADMIN,)))

    assert admin.get(reverse("deputies")).status_code == 403


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PLANNER])
def test_where_a_department_has_no_host_planners_and_administrators_are_asked(
    role: str, asked: Booking
) -> None:
    # Nobody was there when the visit was asked for; the next round finds somebody.
    user = make_user(roles=(role,))
    client = signed_in(user)

    assert "Ada" in client.get(reverse("requests")).content.decode()
    assert "The guest is approved" in confirm(client, asked)


def test_without_a_host_the_mail_goes_to_planners_and_administrators() -> None:
    planner = make_user("planner@example.org", roles=(Role.PLANNER,))
    make_user("gone@example.org", roles=(Role.ADMIN,)).__class__.objects.filter(
        email="gone@example.org"
    ).update(is_active=False)
    series = make_series(needs_approval=True)
    booking = change_booking.book(
        staff_id=make_staff().pk,
        meeting_id=make_meeting(series=series, starts_at=coming_tuesday()).pk,
        by=BY_SYSTEM,
        now=timezone.now(),
    )

    told = Mail.objects.filter(booking=booking)
    assert [(mail.purpose, mail.recipient) for mail in told] == [
        ("host_approval_wanted", planner.email)
    ]


def test_a_planner_answers_no_request_that_a_host_can_answer(host: Host, asked: Booking) -> None:
    client = signed_in(make_user(roles=(Role.PLANNER,)))

    assert host.department_id == asked.meeting.series.department_id
    assert "Nobody waits for your word" in client.get(reverse("requests")).content.decode()
    answer = client.post(reverse("visit_confirm", args=[asked.pk]), {"version": 1})
    assert answer.status_code == 403


def test_who_comes_second_is_told_who_was_faster(host: Host, asked: Booking) -> None:
    other = make_host("Other", department=host.department)
    confirm(signed_in(host.user), asked)

    page = confirm(signed_in(other.user), asked)

    assert "Somebody was faster, so nothing was left to do: Hanna approved the guest." in page
    assert Entry.objects.filter(subject="booking", action="confirm").count() == 1


def test_another_decision_than_the_first_one_is_refused_and_names_it(
    host: Host, asked: Booking
) -> None:
    other = make_host("Other", department=host.department)
    confirm(signed_in(host.user), asked)

    address = reverse("visit_decline", args=[asked.pk])
    answer = signed_in(other.user).post(address, {"version": 1})

    assert answer.status_code == 409
    assert "Hanna approved the guest." in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == "confirmed"


@pytest.mark.parametrize(("action", "field"), [("move", "meeting"), ("swap", "staff")])
def test_a_change_to_what_it_is_already_changes_nothing(
    as_manager: Client, action: str, field: str
) -> None:
    booking = make_booking(meeting=make_meeting(starts_at=coming_tuesday()))
    address = reverse(f"visit_{action}", args=[booking.pk])
    same = getattr(booking, f"{field}_id")

    answer = as_manager.post(address, {field: same, "version": 1}, follow=True)

    booking.refresh_from_db()
    assert "nothing was changed and nobody is told" in answer.content.decode()
    assert (booking.version, Mail.objects.count()) == (1, 0)


def test_a_guest_whom_no_mail_reaches_is_named_when_approved(host: Host, asked: Booking) -> None:
    type(asked.staff.user).objects.filter(pk=asked.staff.user_id).update(
        email="rundgang@example.org"
    )

    page = confirm(signed_in(host.user), asked)

    assert "No mail can be written to the guest&#x27;s address" in page
