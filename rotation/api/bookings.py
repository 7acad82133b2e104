"""`bookings/`: who sits in on what, and every change of it."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db.models import F, QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.celery import nudge
from rotation.api.access import Endpoint, Row, actor, by, first_or_404, note_look, require
from rotation.api.fields import Id, Moment, Period
from rotation.api.idempotency import once
from rotation.api.pagination import Counted
from rotation.api.problems import refusal
from rotation.booking.errors import BookingRefused
from rotation.booking.models import Booking
from rotation.booking.queries import alternatives_for, bookings_seen_by, scope_of_booking
from rotation.booking.services import record_attendance
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, scope_of_staff
from rotation.directory.queries import staff_seen_by
from rotation.directory.validators import validate_plain_text
from rotation.meetings.models import Meeting
from rotation.workflows import change_booking

Change = Callable[..., Booking]
RELAY = "rotation.relay_mail"
COLUMNS = (
    "id", "staff", "meeting", "state", "declined_by", "partstat", "uid", "sequence",
    "cost_minutes", "source", "pinned", "version", "starts_at", "ends_at",
)  # fmt: skip


class BookingSerializer(serializers.Serializer[Any]):
    """One person's seat in one meeting."""

    id = Id()
    staff = Id()
    meeting = Id()
    department = Id()
    state = serializers.ChoiceField(Booking.State.choices)
    declined_by = serializers.ChoiceField(Booking.Side.choices)
    partstat = serializers.ChoiceField(Booking.Partstat.choices)
    uid = serializers.CharField()
    sequence = serializers.IntegerField()
    cost_minutes = serializers.IntegerField()
    source = serializers.ChoiceField(Booking.Source.choices)  # type: ignore[assignment]  # a field
    pinned = serializers.BooleanField()
    version = serializers.IntegerField()
    starts_at = Moment()
    ends_at = Moment()


class BookingQuery(Period):
    """What the list of bookings is narrowed to; the period counts their starts."""

    staff = Id(required=False)
    meeting = Id(required=False)
    department = Id(required=False)
    state = serializers.ChoiceField(Booking.State.choices, required=False)


class Book(serializers.Serializer[Any]):
    """Who is to visit what."""

    staff = Id()
    meeting = Id()


class Because(serializers.Serializer[Any]):
    """Why; it stands in the booking's history."""

    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=500,
        validators=[validate_plain_text],
        help_text=_("up to 500 characters"),
    )


class MoveTo(Because):
    """To which meeting."""

    meeting = Id()


class SwapFor(Because):
    """For whom."""

    staff = Id()


def booking_rows(bookings: QuerySet[Booking]) -> QuerySet[Any, Any]:
    """Return `bookings` as rows, without an object for each; a row is the serializer's fields."""
    rows: QuerySet[Any, Any] = bookings.select_related(None).values(
        *COLUMNS, department=F("meeting__series__department")
    )
    return rows


ANSWER = extend_schema(request=Because, responses=BookingSerializer)


@extend_schema_view(retrieve=extend_schema(responses=BookingSerializer))
class Bookings(Endpoint):
    """Bookings that the caller may see."""

    queryset = Booking.objects.none()
    serializer_class = BookingSerializer
    query_class = BookingQuery
    person = "staff"
    rights = {
        "create": Action.BOOK_VISIT,
        "confirm": Action.APPROVE_GUEST,
        "decline": Action.APPROVE_GUEST,
        "cancel": Action.CANCEL_VISIT,
        "move": Action.MOVE_VISIT,
        "swap": Action.MOVE_VISIT,
        "attended": Action.RECORD_ATTENDANCE,
        "missed": Action.RECORD_ATTENDANCE,
    }
    narrowing = {
        "staff": "staff",
        "meeting": "meeting",
        "department": "meeting__series__department",
        "state": "state",
        "from": "starts_at__gte",
        "to": "starts_at__lt",
    }

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return what the caller may see, by time."""
        return bookings_seen_by(actor(self.request))

    def entries(self, query: Mapping[str, Any]) -> Counted:
        """Return the rows of what the caller may see of what `query` asks for."""
        found = self.narrowed(self.get_queryset(), query)
        return Counted(found, booking_rows(found))

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one booking; the ETag is its version."""
        booking = first_or_404(self.get_queryset().filter(pk=pk))
        note_look(request, self.basename or "", [booking.staff_id])
        return self._answer(pk)

    @extend_schema(request=Book, responses={201: BookingSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Book one person into one meeting; 409 and 422 name every reason against it."""
        wanted = self.body(Book)
        staff = self._guest(wanted["staff"])
        meeting = _meeting(wanted["meeting"])
        book = partial(change_booking.book, staff_id=staff.pk, meeting_id=meeting.pk)
        booking = self._place(partial(book, by=by(request)), staff, meeting)
        row = model_to_dict(booking, COLUMNS)
        row["department"] = booking.meeting.series.department_id
        return _answer(row, HTTPStatus.CREATED)

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def confirm(self, request: Request, pk: int) -> Response:
        """Approve the guest as host."""
        return self._step(request, pk, change_booking.confirm)

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def decline(self, request: Request, pk: int) -> Response:
        """Decline the guest as host; the seat is free again."""
        return self._step(request, pk, change_booking.decline)

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def cancel(self, request: Request, pk: int) -> Response:
        """Give the visit up; the seat is free again."""
        return self._step(request, pk, change_booking.cancel)

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def attended(self, request: Request, pk: int) -> Response:
        """Note that the guest was there."""
        return self._step(request, pk, partial(record_attendance, attended=True))

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def missed(self, request: Request, pk: int) -> Response:
        """Note that the guest was not there."""
        return self._step(request, pk, partial(record_attendance, attended=False))

    @extend_schema(request=MoveTo, responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    @once
    def move(self, request: Request, pk: int) -> Response:
        """Move the visit; into another series it is a new booking, which is the answer."""
        booking = self._permitted(pk)
        wanted = self.body(MoveTo)
        meeting = _meeting(wanted["meeting"])
        author = by(request, wanted["reason"])
        move = partial(change_booking.move, pk, meeting_id=meeting.pk, by=author)
        return self._answer(self._place(move, booking.staff, meeting).pk)

    @extend_schema(request=SwapFor, responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    @once
    def swap(self, request: Request, pk: int) -> Response:
        """Send somebody else; that is a new booking, which is the answer."""
        booking = self._permitted(pk)
        wanted = self.body(SwapFor)
        staff = self._guest(wanted["staff"])
        author = by(request, wanted["reason"])
        swap = partial(change_booking.swap, pk, staff_id=staff.pk, by=author)
        return self._answer(self._place(swap, staff, booking.meeting).pk)

    def _permitted(self, pk: int) -> Booking:
        """Return the booking to which the caller may do the view's action.

        Raises:
            Http404: there is none, or the caller may not see it.
            PermissionDenied: the caller sees it, and may not do this to it.
        """
        booking = first_or_404(bookings_seen_by(actor(self.request)).filter(pk=pk))
        require(self.request, self.rights[self.action], scope_of_booking(booking))
        return booking

    def _guest(self, staff_id: int) -> StaffMember:
        """Return the person whom the caller may send; raises as `_permitted`."""
        staff = first_or_404(staff_seen_by(actor(self.request)).filter(pk=staff_id))
        require(self.request, Action.BOOK_VISIT, scope_of_staff(staff))
        return staff

    def _step(self, request: Request, pk: int, change: Change) -> Response:
        self._permitted(pk)
        author = by(request, self.body(Because)["reason"])
        change(pk, by=author, now=timezone.now())
        nudge(RELAY)
        return self._answer(pk)

    def _place(self, change: Change, staff: StaffMember, meeting: Meeting) -> Booking:
        """Return the booking that `change` makes.

        Raises:
            Problem: it was refused; where a rule stands against it, other meetings are named.
                After a race for a seat they are not: everybody would be sent to the same one.
        """
        now = timezone.now()
        try:
            booking = change(now=now)
        except BookingRefused as refused:
            others = [] if refused.is_conflict else alternatives_for(staff, meeting, now)
            raise refusal(refused, [alternative_row(other) for other in others]) from refused
        nudge(RELAY)
        return booking

    def _answer(self, pk: int) -> Response:
        """Return the booking as it is now, with its version as ETag.

        Whoever changed a booking sees the result, even where it left the caller's sight.
        """
        return _answer(first_or_404(booking_rows(Booking.objects.filter(pk=pk))))


def alternative_row(meeting: Meeting) -> Row:
    """Return another meeting as a refusal names it."""
    return {
        "meeting": meeting.pk,
        "title": meeting.series.title,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
    }


def _answer(row: Row, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(row, status=status, headers={"ETag": f'"{row["version"]}"'})


def _meeting(meeting_id: int) -> Meeting:
    return first_or_404(Meeting.objects.select_related("series").filter(pk=meeting_id))
