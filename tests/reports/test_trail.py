"""Lines of the trail in words."""

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation

from rotation.audit.models import Entry, Subject, Via
from rotation.audit.services import BY_RUNDGANG, By, record
from rotation.booking.models import Waiting
from rotation.reports.trail import QUEUE, SENTENCES, TrailLine, lines_of
from tests.builders import make_booking, make_department, make_series, make_team, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def line(
    subject: Subject, key: int, action: str = "change", **values: dict[str, object]
) -> TrailLine:
    stored = record(BY_RUNDGANG, NOW, about=(subject, key), action=action, **values)
    [found] = lines_of(Entry.objects.filter(pk=stored.pk))
    return found


def test_a_record_is_called_as_it_is_called_now() -> None:
    series = make_series(title="Jour fixe")

    assert line(Subject.SERIES, series.pk, "add").text == (
        "Rundgang added: meeting series “Jour fixe”."
    )


def test_a_record_that_is_gone_has_its_key_only() -> None:
    found = line(Subject.TEAM, 99, "remove")

    assert (found.record, found.text) == ("#99", "Rundgang removed: team “#99”.")


def test_an_action_of_its_own_is_told_as_it_is() -> None:
    assert line(Subject.USER, 99, "signed_out").text == "Rundgang: signed out – user “#99”."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"seats": 2}, {"seats": 1}, "Guest seats: 2 → 1"),
        ({"confidential": False}, {"confidential": True}, "Confidential: no → yes"),
        (
            {"notice": timedelta(hours=24)},
            {"notice": timedelta(hours=2)},
            "Notice: 24\xa0h → 2\xa0h",
        ),
        ({}, {"starts_at": NOW}, "First start: – → Mon 2 Mar 2026, 09:00"),
        ({"ends_on": None}, {"ends_on": date(2026, 3, 4)}, "ends on: – → Wed 4 Mar 2026"),
        ({"location": "Room 7"}, {"location": ""}, "Place or link: Room 7 → –"),
        ({"days": ["a", "b"]}, {"days": []}, "days: a, b → –"),
        ({"title": "2026-13-45"}, {"title": "P7"}, "Title: 2026-13-45 → P7"),
    ],
)
def test_values_are_written_as_people_write_them(
    old: dict[str, object], new: dict[str, object], told: str
) -> None:
    assert line(Subject.SERIES, make_series().pk, old=old, new=new).values == [told]


def test_keys_of_other_records_become_their_names() -> None:
    sales, gone = make_department("Sales"), 4711
    found = line(
        Subject.SERIES, make_series().pk, old={"department": gone}, new={"department": sales.pk}
    )

    assert found.values == ["Department: #4711 → Sales"]


def test_a_visit_is_told_as_in_its_history_with_the_person_it_is_about() -> None:
    visit = make_booking()
    [found] = lines_of(
        [
            record(
                By(make_user(name="Mara").pk, Via.PAGE),
                NOW,
                about=(Subject.BOOKING, visit.pk),
                action="cancel",
                old={"state": "confirmed"},
                new={"state": "cancelled"},
            )
        ]
    )

    assert found.text == "Mara cancelled the visit."
    assert found.values == ["State: confirmed → cancelled"]
    assert found.people == {visit.staff_id}


def test_doors_without_a_person_have_words() -> None:
    team = make_team("Netze")
    [found] = lines_of(
        [record(By(None, Via.COMMAND), NOW, about=(Subject.TEAM, team.pk), action="add")]
    )

    assert found.text == "The command line added: team “Netze”."


def test_moments_stand_in_the_readers_zone_and_language() -> None:
    with translation.override("de"), timezone.override("America/New_York"):
        found = line(Subject.SERIES, make_series().pk, new={"starts_at": NOW})

    assert found.values[0].endswith("Mo, 02.03.2026, 03:00\xa0Uhr")


def test_every_action_that_the_product_writes_has_a_sentence() -> None:
    written = {
        keyword.value.value
        for path in Path(str(settings.BASE_DIR), "rotation").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"record", "entry"}
        for keyword in call.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }

    assert written - SENTENCES.keys() - QUEUE.keys() == set()
    assert len(written) > 15


def test_a_place_in_the_queue_is_called_by_person_and_meeting() -> None:
    visit = make_booking()
    place = Waiting.objects.create(staff=visit.staff, meeting=visit.meeting, created_at=NOW)

    assert line(Subject.WAITING, place.pk, "lapse").text.startswith(
        "No seat became free in time: Ada: Weekly, "
    )
