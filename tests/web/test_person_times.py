"""When a person is there: contracts over time, absences without a reason, duty."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from rotation.audit.models import Entry
from rotation.directory.models import Absence, Contract, Duty, StaffMember
from rotation.directory.times import terms_of
from rotation.web.forms.people import cell_names
from tests.builders import make_absence, make_duty, make_staff

pytestmark = pytest.mark.django_db
FROM = {"starts_on": "2027-03-01"}


@pytest.fixture
def ada(as_manager: Client) -> StaffMember:
    del as_manager
    return make_staff("Ada")


def post(client: Client, name: str, *keys: int, **values: object) -> int:
    return client.post(reverse(name, args=keys), values).status_code


def errors_of(client: Client, name: str, *keys: int, **values: object) -> list[str]:
    return list(client.post(reverse(name, args=keys), values).context["form"].errors)


def hours(day: int, starts: str, ends: str, span: str = "morning") -> dict[str, str]:
    first, last = cell_names(day, span)
    return {first: starts, last: ends}


def test_new_hours_end_those_before_the_day_before(as_manager: Client, ada: StaffMember) -> None:
    monday = hours(0, "09:00", "12:00") | hours(0, "13:00", "16:30", "afternoon")
    statuses = [post(as_manager, "contract_new", ada.pk, **FROM, **monday) for _ in range(2)]

    before, after = Contract.objects.filter(staff=ada)
    assert statuses == [302, 302]
    assert (before.last_on, after.starts_on, after.ends_on) == (
        date(2027, 2, 28), date(2027, 3, 1), None,
    )  # fmt: skip
    assert [(each.weekday, each.starts, each.ends) for each in terms_of(after).hours] == [
        (0, time(9), time(12)), (0, time(13), time(16, 30)),
    ]  # fmt: skip


def test_a_quick_choice_fills_the_grid_and_stores_nothing(
    as_manager: Client, ada: StaffMember
) -> None:
    address = reverse("contract_new", args=[ada.pk])
    answer = as_manager.post(address, {**FROM, "last_on": "", "fill": "three_days"})

    form = answer.context["form"]
    first = [form[cell_names(day, "morning")[0]].value() for day in range(7)]
    assert first == [None, time(8), time(8), time(8), None, None, None]
    assert (form["starts_on"].value(), Contract.objects.count()) == ("2027-03-01", 1)
    assert as_manager.post(address, {"fill": "nonsense"}).status_code == 200


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({}, ["__all__"]),
        (hours(0, "09:00", ""), [cell_names(0, "morning")[1]]),
        (hours(0, "", "09:00"), [cell_names(0, "morning")[1]]),
        (hours(0, "09:00", "09:00"), [cell_names(0, "morning")[1]]),
        (hours(0, "x", "09:00"), [cell_names(0, "morning")[0]]),
        (
            hours(0, "09:00", "12:00") | hours(0, "11:00", "13:00", "afternoon"),
            [cell_names(0, "afternoon")[0]],
        ),
        (hours(0, "09:00", "12:00") | {"starts_on": ""}, ["starts_on"]),
        (hours(0, "09:00", "12:00") | {"starts_on": "9999-12-31"}, ["starts_on"]),
        (hours(0, "09:00", "12:00") | {"last_on": "2027-02-01"}, ["last_on"]),
    ],
)
def test_wrong_hours_are_named(
    as_manager: Client, ada: StaffMember, cells: dict[str, str], fields: list[str]
) -> None:
    assert errors_of(as_manager, "contract_new", ada.pk, **{**FROM, **cells}) == fields
    assert Contract.objects.count() == 1


def test_hours_are_changed_and_removed(as_manager: Client, ada: StaffMember) -> None:
    contract = Contract.objects.get()
    keys, tuesday = (ada.pk, contract.pk), hours(1, "09:00", "12:00")
    shown = as_manager.get(reverse("contract_edit", args=keys)).context["form"]
    assert shown[cell_names(4, "morning")[1]].value() == time(17)

    values = {"starts_on": "2020-01-01", "version": 1, **tuesday}
    assert [post(as_manager, "contract_edit", *keys, **values) for _ in range(2)] == [302, 302]
    assert len(terms_of(Contract.objects.get()).hours) == 1

    assert [post(as_manager, "contract_remove", *keys, version=2) for _ in range(2)] == [302, 302]
    assert not Contract.objects.exists()


def test_stale_hours_are_told(as_manager: Client, ada: StaffMember) -> None:
    contract = Contract.objects.get()
    Contract.objects.update(version=5)
    values = {"starts_on": "2020-01-01", "version": 1, **hours(1, "09:00", "12:00")}
    assert post(as_manager, "contract_edit", ada.pk, contract.pk, **values) == 409
    page = as_manager.post(
        reverse("contract_remove", args=[ada.pk, contract.pk]), {"version": 1}, follow=True
    )
    assert "Somebody else changed this" in page.content.decode()
    assert Contract.objects.exists()


def test_an_absence_of_whole_days_lasts_to_the_midnight_after(
    as_manager: Client, ada: StaffMember
) -> None:
    values = {"first": "2027-03-26", "last": "2027-03-28"}  # clocks change on the last night
    assert [post(as_manager, "absence_new", ada.pk, **values) for _ in range(2)] == [302, 302]

    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (
        datetime(2027, 3, 25, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC),
    )  # fmt: skip
    page = as_manager.get(reverse("person", args=[ada.pk])).content.decode()
    assert "Fri 26 Mar 2027 – Sun 28 Mar 2027" in page
    shown = as_manager.get(reverse("absence_edit", args=[ada.pk, absence.pk])).context["form"]
    names = ("first", "last", "begins", "ends")
    assert [shown[name].value() for name in names] == [
        date(2027, 3, 26), date(2027, 3, 28), None, None,
    ]  # fmt: skip


def test_an_absence_of_hours_goes_by_the_clock_of_the_person(
    as_manager: Client, ada: StaffMember
) -> None:
    StaffMember.objects.update(time_zone="Asia/Tokyo")
    post(as_manager, "absence_new", ada.pk, first="2027-03-26", begins="09:00", ends="11:30")
    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at - absence.starts_at) == (
        datetime(2027, 3, 26, 0, tzinfo=UTC), timedelta(hours=2.5),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, ["first"]),
        ({"first": "2027-03-26", "last": "2027-03-25"}, ["last"]),
        ({"first": "2027-03-26", "begins": "09:00", "ends": "09:00"}, ["ends"]),
        ({"first": "2027-03-26", "begins": "x"}, ["begins"]),
        ({"first": "0001-01-01"}, ["first"]),
    ],
)
def test_a_wrong_span_is_named(
    as_manager: Client, ada: StaffMember, values: dict[str, str], fields: list[str]
) -> None:
    assert errors_of(as_manager, "absence_new", ada.pk, **values) == fields
    assert errors_of(as_manager, "duty_new", ada.pk, kind="primary", **values) == fields


def test_an_absence_is_changed_and_removed_and_a_second_press_is_harmless(
    as_manager: Client, ada: StaffMember
) -> None:
    absence = make_absence(ada, datetime(2027, 3, 1, 8, tzinfo=UTC))
    keys, values = (ada.pk, absence.pk), {"first": "2027-03-02", "version": 1}
    assert [post(as_manager, "absence_edit", *keys, **values) for _ in range(2)] == [302, 302]
    assert [post(as_manager, "absence_remove", *keys, version=2) for _ in range(2)] == [302, 302]
    assert not Absence.objects.exists()
    assert list(Entry.objects.values_list("action", flat=True)) == [
        "change_absence", "remove_absence",
    ]  # fmt: skip


def test_a_duty_is_entered_changed_and_removed(as_manager: Client, ada: StaffMember) -> None:
    values = {"kind": "dispatch", "first": "2027-03-01", "last": "2027-03-05"}
    assert [post(as_manager, "duty_new", ada.pk, **values) for _ in range(2)] == [302, 302]
    duty = Duty.objects.get()
    keys, other = (ada.pk, duty.pk), {**values, "kind": "primary", "version": 1}
    assert [post(as_manager, "duty_edit", *keys, **other) for _ in range(2)] == [302, 302]
    duty.refresh_from_db()
    assert (duty.kind, duty.version) == ("primary", 2)
    assert [post(as_manager, "duty_remove", *keys, version=2) for _ in range(2)] == [302, 302]
    assert not Duty.objects.exists()


def test_times_of_others_are_not_reached_through_a_person(
    as_manager: Client, ada: StaffMember
) -> None:
    ben = make_staff("Ben")
    theirs = make_absence(ben, datetime(2027, 3, 1, 8, tzinfo=UTC))
    duty = make_duty(ben, datetime(2027, 3, 1, 8, tzinfo=UTC))
    contract = Contract.objects.get(staff=ben)
    for name, row in (("absence", theirs), ("duty", duty), ("contract", contract)):
        assert as_manager.get(reverse(f"{name}_edit", args=[ada.pk, row.pk])).status_code == 404
        assert post(as_manager, f"{name}_remove", ada.pk, row.pk) == 302
    assert (Absence.objects.count(), Duty.objects.count(), Contract.objects.count()) == (1, 1, 2)


def test_the_form_of_an_absence_has_no_field_for_the_reason(
    as_manager: Client, ada: StaffMember
) -> None:
    form = as_manager.get(reverse("absence_new", args=[ada.pk])).context["form"]
    assert list(form.fields) == ["version", "first", "last", "begins", "ends"]
