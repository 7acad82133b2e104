"""The trail's pages, and that no page shows a person without a look being stored."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from rotation.audit.models import Entry, Look, Subject, Via
from rotation.audit.services import BY_RUNDGANG, By, record, record_look
from rotation.booking.models import Booking
from rotation.invites.services import queue_invites
from rotation.web.urls import urlpatterns
from tests.builders import (
    coming_tuesday,
    make_booking,
    make_host,
    make_meeting,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db

GUEST = "Zebulon Quill"
NOW = timezone.now()


def sign_in(client: Client, *roles: str) -> User:
    user = make_user(roles=roles, name="Carla Council")
    client.force_login(user)
    return user


# --- every look is stored ---


@pytest.fixture
def visit() -> Booking:
    staff = make_staff(GUEST)
    booking = make_booking(staff=staff, meeting=make_meeting(starts_at=coming_tuesday()))
    queue_invites([booking], timezone.now())
    past = make_meeting(series=booking.meeting.series, starts_at=NOW - timedelta(days=20))
    make_booking(staff=staff, meeting=past, state=Booking.State.ATTENDED)
    record(BY_RUNDGANG, NOW, about=(Subject.STAFF, staff.pk), action="change")
    return booking


@pytest.fixture(params=["manager", "host", "admin", "planner", "executive", "council"])
def viewer(request: pytest.FixtureRequest, client: Client, visit: Booking) -> Client:
    role: str = request.param
    user = make_user(roles=(role,))
    if role == Role.MANAGER:
        make_team(managers=(user,))
    if role == Role.HOST:
        user = make_host(department=visit.meeting.series.department).user
    client.force_login(user)
    return client


def address_of(pattern: URLPattern, around: Booking) -> str | None:
    """Return the pattern's address for the records around one visit; None for what is no page."""
    known: Mapping[str, int] = {
        "booking_id": around.pk,
        "meeting_id": around.meeting_id,
        "series_id": around.meeting.series_id,
        "department_id": around.meeting.series.department_id,
        "team_id": around.staff.team_id,
        "staff_id": around.staff_id,
        "user_id": around.staff.user_id,
    }
    wanted = list(pattern.pattern.converters)
    if not pattern.name or not set(wanted) <= known.keys():
        return None
    return reverse(pattern.name, args=[known[name] for name in wanted])


def pages_in(patterns: Sequence[object]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from pages_in(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield each


def test_no_page_shows_a_person_without_a_look(viewer: Client, visit: Booking) -> None:
    unseen = set()
    for pattern in pages_in(urlpatterns):
        if (address := address_of(pattern, visit)) is None:
            continue
        answer = viewer.get(address)
        if answer.status_code == 200 and not answer.streaming and GUEST in answer.text:
            looks = Look.objects.filter(staff_ids__contains=[visit.staff_id], page=pattern.name)
            unseen |= set() if looks.exists() else {pattern.name}

    assert unseen == set()


def test_a_look_at_oneself_is_none(client: Client, visit: Booking) -> None:
    client.force_login(visit.staff.user)

    assert GUEST in client.get(reverse("visit", args=[visit.pk])).text
    assert not Look.objects.exists()


# --- the trail ---


def test_the_trail_tells_a_change_in_a_sentence_with_before_and_after(client: Client) -> None:
    sign_in(client, Role.COUNCIL)
    team = make_team("Netze")
    by = By(make_user(name="Mara Manager").pk, Via.API, reason="Asked by the team", token="nightly")
    record(
        by, NOW, about=(Subject.TEAM, team.pk), action="change",
        old={"buffer": timedelta(minutes=15)}, new={"buffer": timedelta(minutes=30)},
    )  # fmt: skip

    page = client.get(reverse("audit")).text

    for part in (
        "Mara Manager changed: team “Netze”.", "Pause after a visit: 15\xa0min → 30\xa0min",
        "Asked by the team", "nightly",
    ):  # fmt: skip
        assert part in page


def test_the_trail_is_narrowed_by_record_way_person_and_day(client: Client) -> None:
    sign_in(client, Role.ADMIN)
    mara = make_user(name="Mara")
    old = NOW - timedelta(days=3)
    record(By(mara.pk, Via.PAGE), old, about=(Subject.TEAM, 1), action="add")
    record(BY_RUNDGANG, NOW, about=(Subject.SITE, 2), action="add")

    def shown(query: str) -> list[int]:
        lines = client.get(f"{reverse('audit')}?{query}").context["lines"]
        return [line.entry.subject_id for line in lines]

    day = timezone.localtime(old).date()
    assert shown("") == [2, 1]
    assert shown("subject=team") == shown("via=page") == shown("who=mar") == [1]
    assert shown(f"last={day}") == [1]
    assert shown(f"first={day + timedelta(days=1)}") == [2]
    assert shown("first=nonsense&subject=nonsense") == [2, 1]
    assert "No change matches" in client.get(f"{reverse('audit')}?subject=webhook").text


def test_an_empty_trail_says_so(client: Client) -> None:
    sign_in(client, Role.ADMIN)

    assert "Nothing has been changed yet" in client.get(reverse("audit")).text
    assert "Nobody has looked yet" in client.get(reverse("audit_looks")).text


@pytest.mark.parametrize("name", ["audit", "audit_looks"])
@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.HOST, Role.EXECUTIVE])
def test_the_trail_is_for_administrators_and_the_council(
    client: Client, name: str, role: Role
) -> None:
    sign_in(client, role)

    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_the_trail_do_not_grow(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = sign_in(client, Role.COUNCIL)
    for week in range(count):
        visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday(week + 1)))
        record(
            By(user.pk, Via.PAGE), NOW, about=(Subject.BOOKING, visit.pk), action="book",
            new={"state": "confirmed", "staff": visit.staff_id, "meeting": visit.meeting_id},
        )  # fmt: skip

    with django_assert_num_queries(9):
        client.get(reverse("audit"))


def test_the_council_sees_who_looked_and_at_how_many(client: Client) -> None:
    sign_in(client, Role.COUNCIL)
    record_look(make_user(name="Lou").pk, Via.PAGE, "team", staff_ids=[4, 5, 6], now=NOW)

    [line] = client.get(reverse("audit_looks")).context["lines"]

    assert (str(line.look.actor), line.place) == ("Lou", "Team: who is available when")
    assert len(line.look.staff_ids) == 3


# --- my data ---


def test_a_person_sees_what_is_stored_and_who_looked(client: Client) -> None:
    ada, lou = make_staff("Ada"), make_user(name="Lou Looker")
    make_booking(staff=ada)
    record_look(lou.pk, Via.API, "api-booking", staff_ids=[ada.pk, 77], now=NOW)
    record_look(lou.pk, Via.PAGE, "team", staff_ids=[77], now=NOW)
    client.force_login(ada.user)

    answer = client.get(reverse("my_data"))

    assert [(str(line.look.actor), line.place) for line in answer.context["lines"]] == [
        ("Lou Looker", "Visits, by the API")
    ]
    counts = {str(kind.name): kind.count for kind in answer.context["kinds"]}
    assert counts["Visits"] == counts["Looks at your data by others"] == 1
    assert 'href="/my/data/"' in client.get(reverse("overview")).text


def test_who_is_no_it_person_has_no_such_page(client: Client) -> None:
    sign_in(client, Role.ADMIN)

    assert client.get(reverse("my_data")).status_code == 403
    assert 'href="/my/data/"' not in client.get(reverse("overview")).text


def test_the_trail_is_not_changed_by_reading_it(client: Client) -> None:
    sign_in(client, Role.ADMIN)
    client.get(reverse("audit"))

    assert not Entry.objects.exists()


@pytest.mark.parametrize(("role", "links"), [(Role.ADMIN, True), (Role.COUNCIL, False)])
def test_a_visit_is_linked_for_who_may_open_it(client: Client, role: Role, *, links: bool) -> None:
    sign_in(client, role)
    visit = make_booking()
    record(BY_RUNDGANG, NOW, about=(Subject.BOOKING, visit.pk), action="cancel", new={})
    address = reverse("visit", args=[visit.pk])

    assert (f'href="{address}"' in client.get(reverse("audit")).text) is links
    assert (client.get(address).status_code == 200) is links
