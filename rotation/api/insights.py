"""`insights/`: what guests learned."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Endpoint, Row, actor, by, first_or_404, require
from rotation.api.fields import Id, Moment
from rotation.api.idempotency import once
from rotation.booking.queries import bookings_seen_by, scope_of_booking
from rotation.directory.permissions import Action
from rotation.directory.validators import validate_plain_text
from rotation.insights.models import LONGEST_NOTE, Note
from rotation.insights.queries import notes_seen_by
from rotation.insights.services import write_note


class NoteSerializer(serializers.Serializer[Any]):
    """What a guest learned in one visit."""

    id = Id(read_only=True)
    booking = Id()
    staff = Id(read_only=True)
    department = Id(read_only=True)
    text = serializers.CharField(max_length=LONGEST_NOTE, validators=(validate_plain_text,))
    written_at = Moment(read_only=True)


class NoteQuery(serializers.Serializer[Any]):
    """What the list of notes is narrowed to."""

    booking = Id(required=False)
    staff = Id(required=False)
    department = Id(required=False)


class Notes(Endpoint):
    """Notes that the caller may read, the newest first."""

    serializer_class = NoteSerializer
    query_class = NoteQuery
    queryset = Note.objects.none()
    person = "staff"
    rights = {"create": Action.WRITE_NOTE}
    narrowing = {
        "booking": "booking",
        "staff": "booking__staff",
        "department": "booking__meeting__series__department",
    }

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the notes of the caller and of the caller's teams."""
        return notes_seen_by(actor(self.request))

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the notes' fields; no query."""
        return [note_row(note) for note in page]

    @extend_schema(request=NoteSerializer, responses={201: NoteSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Write down what was learned in an own visit; a second note replaces the first."""
        wanted = self.body(NoteSerializer)
        seen = bookings_seen_by(actor(request)).filter(pk=wanted["booking"])
        booking = first_or_404(seen)
        require(request, Action.WRITE_NOTE, scope_of_booking(booking))
        author, now = by(request), timezone.now()
        note = write_note(booking.pk, text=wanted["text"], by=author, now=now)
        return Response(note_row(note), status=HTTPStatus.CREATED)


def note_row(note: Note) -> Row:
    """Return the fields of the serializer; the booking and its series are loaded."""
    return {
        "id": note.pk,
        "booking": note.booking_id,
        "staff": note.booking.staff_id,
        "department": note.booking.meeting.series.department_id,
        "text": note.text,
        "written_at": note.written_at,
    }
