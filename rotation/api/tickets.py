"""`tickets/`: records that other systems push; nothing can be read here."""

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Listing, Row
from rotation.api.fields import Moment
from rotation.api.idempotency import once
from rotation.api.problems import Problem
from rotation.api.schema import FieldError
from rotation.directory.permissions import Action
from rotation.workflows.push_load import push_records
from rotation.workload.models import Ticket
from rotation.workload.pushed import Pushed
from rotation.workload.upsert import Outcome
from rotation.workload.words import fault_text

MOST_RECORDS = 5_000
KEY: dict[str, Any] = {"required": False, "allow_null": True, "max_length": 120}
WORD = {**KEY, "max_length": 80}
TIME: dict[str, Any] = {"required": False, "allow_null": True}
COUNT: dict[str, Any] = {"required": False, "allow_null": True, "min_value": 0}
FLAG: dict[str, Any] = {"required": False, "allow_null": True}


class TicketRecord(serializers.Serializer[Any]):
    """One ticket as it is now; what is null or left out is not known. No other field is taken."""

    source = serializers.SlugField(  # type: ignore[assignment]  # a field here
        max_length=60, help_text="stored on its first push"
    )
    external_id = serializers.CharField(max_length=80)
    state = serializers.ChoiceField(Ticket.State.choices, required=False, allow_null=True)
    created_at = Moment()
    source_updated_at = Moment(
        **TIME, help_text="orders states; without it the latest of created, resolved, closed"
    )
    kind = serializers.ChoiceField(Ticket.Kind.choices, required=False, allow_null=True)
    raw_state = serializers.CharField(**WORD)
    queue_key = serializers.CharField(**KEY)
    assignee_key = serializers.CharField(**KEY, help_text="an opaque key, never a name")
    first_response_at = Moment(**TIME)
    resolved_at = Moment(**TIME)
    closed_at = Moment(**TIME)
    reopened_count = serializers.IntegerField(**COUNT, max_value=2**15 - 1)
    priority = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=5, help_text="1 is the highest"
    )
    raw_priority = serializers.CharField(**WORD)
    category_key = serializers.CharField(**KEY)
    department_key = serializers.CharField(
        **KEY, help_text="the requester's department, never the person"
    )
    effort_logged_min = serializers.IntegerField(**COUNT, max_value=2**31 - 1)
    effort_estimate_min = serializers.IntegerField(**COUNT, max_value=2**31 - 1)
    sla_due_at = Moment(**TIME)
    sla_paused = serializers.BooleanField(**FLAG)
    sla_breached = serializers.BooleanField(**FLAG)
    deleted = serializers.BooleanField(**FLAG, help_text="deleted at its source")
    first_seen_at = Moment(**TIME, help_text="ours to say: what is sent is not looked at")
    last_seen_at = Moment(**TIME, help_text="ours to say: what is sent is not looked at")


class PushResult(serializers.Serializer[Any]):
    """What became of one record."""

    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(list(Outcome))
    errors = FieldError(many=True)  # type: ignore[assignment]  # a field here


class PushAnswer(serializers.Serializer[Any]):
    """How many records were taken, and what became of each, in the order given."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = PushResult(many=True)


ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="TicketRecords",
    serializers=[TicketRecord, TicketRecord(many=True)],
    resource_type_field_name=None,
    many=False,
)


class Tickets(Listing):
    """Takes tickets, one or up to 5,000 at once; there is no list."""

    serializer_class = TicketRecord
    queryset = Ticket.objects.none()
    http_method_names = ("post",)  # type: ignore[assignment]  # fewer than elsewhere
    rights = {"create": Action.PUSH_TICKETS}

    @extend_schema(request=ONE_OR_MANY, responses={200: PushAnswer})
    @once
    def create(self, request: Request) -> Response:
        """Bring tickets up to date by source and number; what cannot be read is told by record."""
        sent = request.data
        is_one = isinstance(sent, dict)
        pushed = push_records(_checked([sent] if is_one else sent), timezone.now())
        results = [_result(record, outcome) for record, outcome in pushed]
        counts = Counter(outcome for _, outcome in pushed)
        if results and counts[Outcome.REJECTED] == len(results):
            raise _nothing_taken(results, is_one=is_one)
        return Response({**{outcome: counts[outcome] for outcome in Outcome}, "results": results})


def _checked(records: object) -> Sequence[object]:
    """Return what was sent as a list.

    Raises:
        Problem: it is neither an object nor a list, or holds too many.
    """
    if isinstance(records, list) and len(records) <= MOST_RECORDS:
        return records
    text = _("Send one record, or a list of up to %(most)s.") % {"most": MOST_RECORDS}
    errors = [{"field": "body", "code": "invalid", "message": text}]
    raise Problem(HTTPStatus.BAD_REQUEST, "invalid", text, errors=errors)


def _result(record: Pushed, outcome: Outcome) -> Row:
    errors = [
        {
            "field": each.column or "body",
            "code": each.fault.value,
            "message": fault_text(each.fault),
        }
        for each in record.faults
    ]
    return {"external_id": record.external_id, "outcome": outcome, "errors": errors}


def _nothing_taken(results: Sequence[Row], *, is_one: bool) -> Problem:
    """Return the problem when no record could be read; paths of fields begin with the place."""
    errors = [
        {**error, "field": error["field"] if is_one else f"{place}.{error['field']}"}
        for place, result in enumerate(results)
        for error in result["errors"]
    ]
    text = _("%(field)s: %(message)s") % errors[0]
    return Problem(HTTPStatus.BAD_REQUEST, "invalid", text, errors=errors, results=list(results))
