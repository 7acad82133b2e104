"""What records of people and places share: changed in parts, removed, with ETag and If-Match."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Endpoint, Row, actor, by, first_or_404, require
from rotation.api.fields import Id
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, scope_of_staff
from rotation.directory.queries import staff_seen_by

Remove = Callable[..., None]


class Records(Endpoint):
    """Records with a version, by their own order.

    Attributes:
        change_class: What a PATCH may hold.
    """

    change_class: ClassVar[type[serializers.Serializer[Any]]]

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the fields of each record."""
        return [self.row(record) for record in page]

    def row(self, record: Any) -> Row:  # noqa: ANN401 -- of any kind
        """Return the fields of the serializer."""
        raise NotImplementedError

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one record; the ETag is its version."""
        del request
        response = self.answer(self.found(pk))
        self.looked_at([response.data])
        return response

    def found(self, pk: int) -> Any:  # noqa: ANN401 -- of any kind
        """Return a record that the caller may see.

        Raises:
            Http404: there is none, or the caller may not see it.
        """
        records: QuerySet[Any] = self.get_queryset()
        return first_or_404(records.filter(pk=pk))

    def permitted(self, pk: int) -> Any:  # noqa: ANN401 -- of any kind
        """Return a record that the caller may change; here the role alone says so."""
        return self.found(pk)

    def changes(self) -> dict[str, Any]:
        """Return what the body of a PATCH names; raises ValidationError."""
        return self.body(self.change_class)

    def answer(self, record: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:  # noqa: ANN401 -- of any kind
        """Return a record with its version as ETag, as it is stored now."""
        fresh = type(record)._default_manager.get(pk=record.pk)  # noqa: SLF001 -- of any kind
        return Response(
            self.rows([fresh])[0], status=status, headers={"ETag": f'"{fresh.version}"'}
        )


class RemovableRecords(Records):
    """Records that may be taken away.

    Attributes:
        remover: The service that does it.
    """

    remover: ClassVar[Remove]

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove the record; 409 says what hangs on it."""
        self.permitted(pk)
        type(self).remover(pk, by=by(request), now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class TimesOfStaff(RemovableRecords):
    """Records of IT people whom the caller may see.

    Attributes:
        model: Whose rows these are.
        order: The column by which the records of one person are sorted.
    """

    model: ClassVar[type[Model]]
    order: ClassVar[str]
    person = "staff"

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the records of whom the caller may see."""
        people = staff_seen_by(actor(self.request)).order_by().values("pk")
        rows = self.model._default_manager.filter(staff__in=people)  # noqa: SLF001 -- of any kind
        return rows.select_related("staff").order_by("staff", self.order, "pk")

    def permitted(self, pk: int) -> Any:  # noqa: ANN401 -- of any kind
        """Return a record of a person for whom the caller may do the view's action.

        Raises:
            Http404: there is none, or the caller may not see it.
            PermissionDenied: the caller sees it, and may not change it.
        """
        record = self.found(pk)
        require(self.request, self.rights[self.action], scope_of_staff(record.staff))
        return record

    def staff_of(self, wanted: Mapping[str, Any]) -> StaffMember:
        """Return the person whom the body names; raises as `permitted`."""
        staff = first_or_404(staff_seen_by(actor(self.request)).filter(pk=wanted["staff"]))
        require(self.request, self.rights[self.action], scope_of_staff(staff))
        return staff


class StaffQuery(serializers.Serializer[Any]):
    """Whose records the list is narrowed to."""

    staff = Id(required=False)
    team = Id(required=False)


def rights_of(see: Action, keep: Action) -> Mapping[str, Action]:
    """Return what each action of a resource needs: one right to see, one to keep."""
    return {
        "list": see,
        "retrieve": see,
        "create": keep,
        "partial_update": keep,
        "destroy": keep,
    }
