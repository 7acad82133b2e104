"""People: the list, a person's page, and everything that changes a person."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from rotation.audit.models import Entry, Look
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.invites.models import Mail
from tests.builders import (
    coming_tuesday,
    make_absence,
    make_booking,
    make_department,
    make_meeting,
    make_series,
    make_site,
    make_staff,
    make_team,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user("root@example.org", name="Root", roles=(Role.ADMIN,)))
    return client


def listed(client: Client, **query: str | int) -> list[str]:
    return [row.person.name for row in client.get(reverse("people"), query).context["rows"]]


def show(client: Client, person: StaffMember) -> "Answer":
    return client.get(reverse("person", args=[person.pk]))


def text_of(client: Client, person: StaffMember) -> str:
    return show(client, person).content.decode()


def test_people_are_listed_by_name_with_the_hours_of_their_contract(as_admin: Client) -> None:
    make_staff("Öz"), make_staff("Ada", works=False), make_staff("Zoe")

    rows = as_admin.get(reverse("people")).context["rows"]

    assert [(row.person.name, row.minutes) for row in rows] == [
        ("Ada", 0), ("Öz", 45 * 60), ("Zoe", 45 * 60),
    ]  # fmt: skip


def test_the_list_is_filtered(as_admin: Client) -> None:
    other, gone, going = make_team("Network"), make_staff("Cem"), make_staff("Dan")
    make_staff("Ada"), make_staff("Ben", team=other)
    day = timezone.localdate()
    StaffMember.objects.filter(pk=gone.pk).update(left_on=day, has_left=True)
    StaffMember.objects.filter(pk=going.pk).update(left_on=day)

    assert listed(as_admin) == ["Ada", "Ben", "Dan"]
    assert listed(as_admin, q="ad") == ["Ada"]
    assert listed(as_admin, team=other.pk) == ["Ben"]
    assert listed(as_admin, state="leaving") == ["Dan"]
    assert listed(as_admin, state="left") == ["Cem"]
    assert listed(as_admin, team="x", state="nonsense", q="\x00") == ["Ada", "Ben", "Dan"]


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three(as_admin: Client) -> None:
    make_staff("Ada")
    with CaptureQueriesContext(connection) as one:
        listed(as_admin)
    make_staff("Ben"), make_staff("Cem")
    with CaptureQueriesContext(connection) as three:
        listed(as_admin)
    assert (len(three), len(three) < 15) == (len(one), True)


def test_an_empty_house_says_what_comes_next(as_admin: Client) -> None:
    page = as_admin.get(reverse("people")).content.decode()
    assert ("Nobody is here yet" in page, reverse("people_import") in page) == (True, True)
    make_staff("Ada")
    assert (
        "Nobody fits this filter" in as_admin.get(reverse("people"), {"q": "zzz"}).content.decode()
    )


def test_a_manager_sees_the_own_teams_and_adds_nobody(as_manager: Client) -> None:
    make_staff("Ada")
    ben = make_staff("Ben", team=make_team("Network"))

    page = as_manager.get(reverse("people")).content.decode()

    assert listed(as_manager) == ["Ada"]
    assert (reverse("person_new") in page, reverse("teams") in page) == (False, False)
    assert show(as_manager, ben).status_code == 404
    assert as_manager.get(reverse("person_new")).status_code == 403


def test_a_manager_keeps_times_and_not_who_somebody_is(as_manager: Client) -> None:
    ada = make_staff("Ada")
    page = text_of(as_manager, ada)

    kept = [reverse(name, args=[ada.pk]) in page for name in KEEPING]
    assert (kept, reverse("person_edit", args=[ada.pk]) in page) == ([True] * 3, False)
    assert as_manager.get(reverse("person_edit", args=[ada.pk])).status_code == 403
    assert as_manager.get(reverse("person_leave", args=[ada.pk])).status_code == 403


KEEPING = ("absence_new", "duty_new", "contract_new")


def test_staff_see_the_own_page_and_enter_absences_only(client: Client) -> None:
    ada, ben = make_staff("Ada"), make_staff("Ben")
    client.force_login(ada.user)

    page = client.get(reverse("person_me")).content.decode()

    assert [reverse(name, args=[ada.pk]) in page for name in KEEPING] == [True, False, False]
    assert client.get(reverse("duty_new", args=[ada.pk])).status_code == 403
    assert show(client, ben).status_code == 404
    assert client.get(reverse("people")).status_code == 403
    assert not Look.objects.exists()


def test_who_is_no_it_person_has_no_own_page(as_manager: Client) -> None:
    assert as_manager.get(reverse("person_me")).status_code == 404


def test_a_look_at_a_person_is_stored(as_manager: Client) -> None:
    ada = make_staff("Ada")
    show(as_manager, ada)
    assert [(look.page, look.staff_ids) for look in Look.objects.all()] == [("person", [ada.pk])]


def new_person(**changes: object) -> dict[str, object]:
    values = {"name": "Ada Kern", "email": "ada@example.org", "time_zone": "Europe/Berlin"}
    return {**values, "team": make_team().pk, **changes}


def test_a_person_is_added_and_asked_for_hours_next(as_admin: Client) -> None:
    site = make_site("Wien")
    answer = as_admin.post(reverse("person_new"), new_person(site=site.pk))

    ada = StaffMember.objects.get()
    assert answer["Location"] == reverse("contract_new", args=[ada.pk])
    assert (ada.name, ada.email, ada.site, ada.user.roles) == (
        "Ada Kern", "ada@example.org", site, ["staff"],
    )  # fmt: skip


def test_a_second_press_adds_nobody_twice(as_admin: Client) -> None:
    values = new_person()
    answers = [as_admin.post(reverse("person_new"), values) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert StaffMember.objects.count() == 1


def test_an_address_that_another_person_has_is_told_at_the_field(as_admin: Client) -> None:
    as_admin.post(reverse("person_new"), new_person())
    answer = as_admin.post(reverse("person_new"), new_person(name="Another"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["email"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "Ada\nKern"), ("email", "none"), ("team", "0"),
        ("time_zone", "Mars/Olympus"), ("site", "99"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(as_admin: Client, field: str, value: str) -> None:
    answer = as_admin.post(reverse("person_new"), new_person(**{field: value}))
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert not StaffMember.objects.exists()


def test_a_new_person_gets_a_mail_to_sign_in(as_admin: Client, mailoutbox: list[object]) -> None:
    as_admin.post(reverse("person_new"), new_person(sends_mail="on"))
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]  # type: ignore[attr-defined]


def edited(person: StaffMember, **changes: object) -> dict[str, object]:
    values = {"name": person.name, "email": person.email, "team": person.team_id}
    more = {"time_zone": person.time_zone, "version": person.version}
    return {**values, **more, **changes}


def test_a_person_is_changed_and_a_second_press_is_harmless(as_admin: Client) -> None:
    ada = make_staff("Ada")
    address, values = reverse("person_edit", args=[ada.pk]), edited(ada, name="Ada Kern")

    answers = [as_admin.post(address, values) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("person", args=[ada.pk])] * 2
    assert StaffMember.objects.get().name == "Ada Kern"


def test_a_stale_form_is_told_keeps_what_was_typed_and_counts_when_sent_again(
    as_admin: Client,
) -> None:
    ada = make_staff("Ada")
    StaffMember.objects.update(version=7)
    address = reverse("person_edit", args=[ada.pk])

    answer = as_admin.post(address, edited(ada, name="Ada Kern"))

    form = answer.context["form"]
    assert (answer.status_code, form["name"].value(), form["version"].value()) == (
        409,
        "Ada Kern",
        7,
    )
    assert "Somebody else changed this" in answer.content.decode()
    assert as_admin.post(address, edited(ada, name="Ada Kern", version=7)).status_code == 302


def test_the_last_day_is_shown_with_what_it_ends_before_it_is_stored(as_admin: Client) -> None:
    ada, today = make_staff("Ada"), timezone.localdate()
    series = make_series(department=make_department("Sales"))
    visit = make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday()))
    address, values = reverse("person_leave", args=[ada.pk]), {"left_on": today.isoformat()}

    shown = as_admin.post(address, {**values, "version": ada.version})

    assert list(shown.context["visits"]) == [visit]
    assert StaffMember.objects.get().left_on is None
    agreed = {**values, "version": ada.version, "shown": today.isoformat()}
    answers = [as_admin.post(address, agreed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    visit.refresh_from_db()
    ada.refresh_from_db()
    assert (visit.state, ada.left_on, ada.has_left) == (Booking.State.CANCELLED, today, False)
    for page in (text_of(as_admin, ada), as_admin.get(reverse("people")).content.decode()):
        assert "Seats to give to others" in page
        assert reverse("meeting", args=[visit.meeting_id]) in page


def test_another_day_than_the_shown_one_is_shown_first(as_admin: Client) -> None:
    ada, today = make_staff("Ada"), timezone.localdate()
    seen = {"left_on": today.isoformat(), "shown": (today + timedelta(days=9)).isoformat()}
    answer = as_admin.post(reverse("person_leave", args=[ada.pk]), seen)
    assert (answer.status_code, StaffMember.objects.get().left_on) == (200, None)


def test_whoever_stays_comes_back(as_admin: Client) -> None:
    ada = make_staff("Ada")
    StaffMember.objects.update(left_on=timezone.localdate())
    address = reverse("person_return", args=[ada.pk])
    assert [as_admin.post(address).status_code for _ in range(2)] == [302, 302]
    assert StaffMember.objects.get().left_on is None


def test_the_last_administrator_cannot_leave(client: Client) -> None:
    ada = make_staff("Ada")
    User.objects.filter(pk=ada.user_id).update(roles=["admin", "staff"])
    client.force_login(User.objects.get(pk=ada.user_id))
    day = timezone.localdate().isoformat()
    values = {"left_on": day, "shown": day, "version": ada.version}

    answer = client.post(reverse("person_leave", args=[ada.pk]), values)

    assert answer.status_code == 409
    assert "make somebody else one first" in answer.content.decode()


def test_visits_in_an_absence_are_named_with_the_ways_out(as_manager: Client) -> None:
    ada = make_staff("Ada")
    series = make_series(department=make_department("Sales"))
    visit = make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday()))
    make_absence(ada, visit.starts_at - timedelta(hours=1), timedelta(hours=8))

    page = text_of(as_manager, ada)

    assert "1 visit cannot be kept as it stands" in page
    assert reverse("visit_move", args=[visit.pk]) in page
    assert reverse("visit_swap", args=[visit.pk]) in page


def test_the_page_of_a_person_asks_the_same_number_of_queries_whatever_lies_ahead(
    as_manager: Client,
) -> None:
    ada = make_staff("Ada")
    make_booking(staff=ada, meeting=make_meeting(starts_at=coming_tuesday()))
    make_absence(ada, coming_tuesday())
    with CaptureQueriesContext(connection) as one:
        show(as_manager, ada)
    for week in (2, 3):
        make_booking(staff=ada, meeting=make_meeting(starts_at=coming_tuesday(week)))
        make_absence(ada, coming_tuesday(week))
    with CaptureQueriesContext(connection) as three:
        show(as_manager, ada)
    assert (len(three), len(three) < 25) == (len(one), True)


def test_nobody_is_told_of_a_person_by_the_trail(as_admin: Client) -> None:
    as_admin.post(reverse("person_new"), new_person())
    told = str(list(Entry.objects.values_list("old", "new")))
    assert ("Ada" in told, "ada@" in told, Mail.objects.count()) == (False, False, 0)
