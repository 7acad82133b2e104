"""Bookings by the API: book, change, refuse, and say why."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from rotation.audit.models import Entry
from rotation.booking.models import Booking
from tests.api.callers import Organisation, caller, make_organisation, workday
from tests.builders import (
    make_absence,
    make_booking,
    make_department,
    make_duty,
    make_host,
    make_meeting,
    make_series,
    make_staff,
)

pytestmark = pytest.mark.django_db
URL = "/api/v1/bookings/"
FIELDS = {
    "id", "staff", "meeting", "department", "state", "declined_by", "partstat", "uid", "sequence",
    "cost_minutes", "source", "pinned", "version", "starts_at", "ends_at",
}  # fmt: skip


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def manager(house: Organisation) -> APIClient:
    return caller(house.manager)


def booked(house: Organisation, **fields: object) -> Booking:
    return make_booking(staff=house.person, meeting=house.meeting, **fields)  # type: ignore[arg-type]


def test_a_manager_books_a_visit(house: Organisation, manager: APIClient) -> None:
    answer = manager.post(URL, house.body)
    assert answer.status_code == 201
    assert set(answer.json()) == FIELDS
    booking = Booking.objects.get()
    assert answer.json() == {
        "id": booking.pk,
        "staff": house.person.pk,
        "meeting": house.meeting.pk,
        "department": house.department.pk,
        "state": "confirmed",
        "declined_by": "",
        "partstat": "NEEDS-ACTION",
        "uid": booking.uid,
        "sequence": 0,
        "cost_minutes": 90,
        "source": "manual",
        "pinned": False,
        "version": 1,
        "starts_at": answer.json()["starts_at"],
        "ends_at": answer.json()["ends_at"],
    }
    assert answer.json()["starts_at"].endswith("Z")
    assert answer["ETag"] == '"1"'
    change = Entry.objects.get()
    assert (change.actor_id, change.via) == (house.manager.pk, "api")


def test_a_request_waits_where_the_host_approves() -> None:
    house = make_organisation(needs_approval=True)
    assert caller(house.manager).post(URL, house.body).json()["state"] == "requested"


def test_a_taken_seat_is_a_conflict_without_alternatives(
    house: Organisation, manager: APIClient
) -> None:
    booked(house)
    make_meeting(series=house.meeting.series, starts_at=workday(days=21))
    other = make_staff("Bo", team=house.team)
    answer = manager.post(URL, {"staff": other.pk, "meeting": house.meeting.pk})
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    message = "Every guest seat of this meeting is taken; choose another meeting."
    assert answer.json() == {
        "type": "urn:rundgang:problem:no_seat",
        "title": "Conflict",
        "status": 409,
        "detail": message,
        "code": "no_seat",
        "reasons": [{"code": "no_seat", "message": message}],
        "alternatives": [],
    }


def test_a_broken_rule_names_all_reasons_and_other_meetings(
    house: Organisation, manager: APIClient
) -> None:
    make_absence(house.person, workday())
    make_duty(house.person, workday())
    later = make_meeting(series=house.meeting.series, starts_at=workday(days=21))
    answer = manager.post(URL, house.body)
    assert answer.status_code == 422
    problem = answer.json()
    assert [reason["code"] for reason in problem["reasons"]] == ["absent", "on_duty"]
    assert problem["code"] == "absent"
    assert [other["meeting"] for other in problem["alternatives"]] == [later.pk]
    assert not Booking.objects.exists()


def test_a_conflict_beside_a_broken_rule_is_a_conflict(
    house: Organisation, manager: APIClient
) -> None:
    booked(house)
    other = make_staff("Bo", team=house.team)
    make_absence(other, workday())
    answer = manager.post(URL, {"staff": other.pk, "meeting": house.meeting.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_seat")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["no_seat", "absent"]


@pytest.mark.parametrize("action", ["confirm", "decline"])
def test_a_host_answers_a_request(house: Organisation, action: str) -> None:
    booking = booked(house, state="requested")
    answer = caller(house.host.user).post(f"{URL}{booking.pk}/{action}/", {"reason": "Fine"})
    assert answer.status_code == 200
    assert answer.json()["state"] == {"confirm": "confirmed", "decline": "declined"}[action]
    assert answer.json()["declined_by"] == {"confirm": "", "decline": "host"}[action]
    assert Entry.objects.get().reason == "Fine"


def test_a_cancelled_visit_cannot_be_confirmed(house: Organisation) -> None:
    booking = booked(house, state="cancelled")
    answer = caller(house.host.user).post(f"{URL}{booking.pk}/confirm/")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert "cancelled" in answer.json()["detail"]
    assert answer.json()["state"] == "cancelled"


def test_a_visit_moves_inside_its_series(house: Organisation, manager: APIClient) -> None:
    booking = booked(house)
    later = make_meeting(series=house.meeting.series, starts_at=workday(days=21))
    answer = manager.post(f"{URL}{booking.pk}/move/", {"meeting": later.pk})
    assert answer.status_code == 200
    assert answer.json()["id"] == booking.pk
    assert (answer.json()["sequence"], answer.json()["meeting"]) == (1, later.pk)


def test_a_visit_moves_to_another_series_as_a_new_booking(
    house: Organisation, manager: APIClient
) -> None:
    booking = booked(house)
    other = make_meeting(
        series=make_series(department=make_department("Legal", "LE")), starts_at=workday(14)
    )
    answer = manager.post(f"{URL}{booking.pk}/move/", {"meeting": other.pk})
    assert answer.status_code == 200
    assert answer.json()["id"] != booking.pk
    assert answer.json()["uid"] != booking.uid
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_a_swap_answers_with_the_new_booking(house: Organisation, manager: APIClient) -> None:
    booking = booked(house)
    other = make_staff("Bo", team=house.team)
    answer = manager.post(f"{URL}{booking.pk}/swap/", {"staff": other.pk, "reason": "Ill"})
    assert answer.status_code == 200
    assert (answer.json()["staff"], answer.json()["source"]) == (other.pk, "swap")
    assert answer.json()["id"] != booking.pk


def test_a_refused_swap_changes_nothing(house: Organisation, manager: APIClient) -> None:
    booking = booked(house)
    other = make_staff("Bo", team=house.team)
    make_absence(other, workday())
    answer = manager.post(f"{URL}{booking.pk}/swap/", {"staff": other.pk})
    assert (answer.status_code, answer.json()["code"]) == (422, "absent")
    booking.refresh_from_db()
    assert (booking.state, booking.version) == ("confirmed", 1)


@pytest.mark.parametrize("action", ["attended", "missed"])
def test_who_was_there_is_noted_afterwards(
    house: Organisation, manager: APIClient, action: str
) -> None:
    held = make_meeting(series=house.meeting.series, starts_at=workday(days=-14))
    booking = make_booking(staff=house.person, meeting=held)
    answer = manager.post(f"{URL}{booking.pk}/{action}/")
    assert (answer.status_code, answer.json()["state"]) == (200, action)


def test_nobody_has_attended_what_has_not_begun(house: Organisation, manager: APIClient) -> None:
    booking = booked(house)
    answer = manager.post(f"{URL}{booking.pk}/attended/")
    assert (answer.status_code, answer.json()["code"]) == (422, "meeting_not_begun")


def test_an_outdated_version_is_a_conflict(house: Organisation, manager: APIClient) -> None:
    booking = booked(house, version=3)
    url = f"{URL}{booking.pk}/cancel/"
    stale = manager.post(url, headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    seen = manager.post(url, headers={"If-Match": manager.get(f"{URL}{booking.pk}/")["ETag"]})
    assert (seen.status_code, seen["ETag"]) == (200, '"4"')


@pytest.mark.parametrize("action", ["move", "swap"])
def test_to_where_it_is_a_visit_that_stands_goes_and_one_given_up_does_not(
    house: Organisation, manager: APIClient, action: str
) -> None:
    booking = booked(house)
    body = {"move": {"meeting": booking.meeting_id}, "swap": {"staff": booking.staff_id}}[action]
    url = f"/api/v1/bookings/{booking.pk}/{action}/"
    same = manager.post(url, body)
    assert (same.status_code, same.json()["id"], same.json()["version"]) == (200, booking.pk, 1)
    stale = manager.post(url, body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    Booking.objects.update(state="cancelled")
    given_up = manager.post(url, body)
    assert (given_up.status_code, given_up.json()["code"]) == (409, "changed_meanwhile")


@pytest.mark.parametrize("version", ["2", '"2", "3"', '"x"', '"99999999999999999999"', ""])
def test_an_unreadable_version_is_malformed(
    house: Organisation, manager: APIClient, version: str
) -> None:
    booking = booked(house)
    answer = manager.post(f"{URL}{booking.pk}/cancel/", headers={"If-Match": version})
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_malformed")


def test_a_meeting_ahead_that_is_no_longer_seen_is_told(
    house: Organisation, manager: APIClient
) -> None:
    house.meeting.cancelled_at = timezone.now()
    house.meeting.save()
    answer = manager.post(URL, house.body)
    assert (answer.status_code, answer.json()["code"]) == (422, "meeting_cancelled")


def test_a_strangers_booking_is_not_found(house: Organisation, manager: APIClient) -> None:
    booking = make_booking(staff=house.stranger, meeting=house.meeting)
    assert manager.get(f"{URL}{booking.pk}/").status_code == 404
    assert manager.post(f"{URL}{booking.pk}/cancel/").status_code == 404
    assert manager.get(URL).json()["results"] == []


def test_a_stranger_cannot_be_booked(house: Organisation, manager: APIClient) -> None:
    body = {"staff": house.stranger.pk, "meeting": house.meeting.pk}
    assert manager.post(URL, body).status_code == 404
    assert not Booking.objects.exists()


def test_a_host_sees_a_guest_and_may_not_move_the_visit(house: Organisation) -> None:
    booking = booked(house)
    host = caller(house.host.user)
    assert host.get(f"{URL}{booking.pk}/").status_code == 200
    assert host.post(f"{URL}{booking.pk}/move/", {"meeting": "x"}).status_code == 403


def test_a_host_of_another_department_may_not_confirm(house: Organisation) -> None:
    booking = booked(house, state="requested")
    other = make_host("Olaf", department=make_department("Legal", "LE"))
    assert caller(other.user).post(f"{URL}{booking.pk}/confirm/").status_code == 404


def test_rights_come_before_the_body_is_read(house: Organisation) -> None:
    guest = caller(house.person.user)
    answer = guest.post(URL, "{", content_type="application/json")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2]),
        ("staff={staff}", [0, 1]),
        ("meeting={meeting}", [0]),
        ("department={department}", [0, 2]),
        ("state=cancelled", [2]),
        ("from={day}&to={day_after}", [0, 2]),
        ("staff=&state=", [0, 1, 2]),
    ],
)
def test_the_list_is_narrowed(house: Organisation, query: str, found: list[int]) -> None:
    legal = make_series(department=make_department("Legal", "LE"))
    same_day = make_meeting(series=house.meeting.series, starts_at=workday(15))
    bookings = [
        booked(house),
        make_booking(
            staff=house.person, meeting=make_meeting(series=legal, starts_at=workday(days=21))
        ),
        make_booking(staff=make_staff("Bo", team=house.team), meeting=same_day, state="cancelled"),
    ]
    facts = {
        "staff": house.person.pk,
        "meeting": house.meeting.pk,
        "department": house.department.pk,
        "day": workday().date(),
        "day_after": workday().date() + timedelta(days=1),
    }
    answer = caller(house.manager).get(f"{URL}?{query.format(**facts)}").json()
    assert {row["id"] for row in answer["results"]} == {bookings[number].pk for number in found}
    assert answer["count"] == len(found)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_five_queries(
    house: Organisation,
    manager: APIClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for hour in range(rows):
        meeting = make_meeting(series=house.meeting.series, starts_at=workday(12 + 2 * hour))
        make_booking(staff=house.person, meeting=meeting)
    with django_assert_num_queries(5):  # token, managed teams, count, rows, look
        answer = manager.get(URL)
    assert answer.json()["count"] == rows
    assert set(answer.json()["results"][0]) == FIELDS


def test_a_page_holds_up_to_500_rows(house: Organisation, manager: APIClient) -> None:
    booked(house)
    answer = manager.get(f"{URL}?page_size=1").json()
    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)
    assert manager.get(f"{URL}?page=2").status_code == 404
