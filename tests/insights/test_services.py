import pytest

from rotation.booking.models import Booking
from rotation.insights.errors import NothingToTell
from rotation.insights.models import Note
from rotation.insights.services import write_note
from tests.builders import BY_SYSTEM, HOUR, NOW, TUESDAY_10, make_booking

pytestmark = pytest.mark.django_db
State = Booking.State


def test_a_note_is_written_once_the_guest_is_there() -> None:
    visit = make_booking()

    note = write_note(visit.pk, text="  They retype every order.\n", by=BY_SYSTEM, now=TUESDAY_10)

    assert (note.booking, note.text) == (visit, "They retype every order.")


def test_a_second_text_replaces_the_first() -> None:
    visit = make_booking(state=State.ATTENDED)
    write_note(visit.pk, text="Short", by=BY_SYSTEM, now=TUESDAY_10)

    write_note(visit.pk, text="Longer", by=BY_SYSTEM, now=TUESDAY_10 + HOUR)

    assert [(note.text, note.written_at) for note in Note.objects.all()] == [
        ("Longer", TUESDAY_10 + HOUR)
    ]


@pytest.mark.parametrize("state", [State.REQUESTED, State.MISSED, State.DECLINED, State.CANCELLED])
def test_there_is_nothing_to_tell_of_a_visit_that_was_none(state: str) -> None:
    visit = make_booking(state=state)

    with pytest.raises(NothingToTell) as refused:
        write_note(visit.pk, text="x", by=BY_SYSTEM, now=TUESDAY_10)

    assert refused.value.fields == {"state": state}


def test_there_is_nothing_to_tell_before_it_begins() -> None:
    with pytest.raises(NothingToTell):
        write_note(make_booking().pk, text="x", by=BY_SYSTEM, now=NOW)
