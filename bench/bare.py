"""The bare peer: plain Django with the middleware of a new project, on the same tables."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.handlers.wsgi import WSGIHandler
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.models import ApiToken
from bench.plain_settings import MIDDLEWARE
from rotation.audit.models import Look, Via
from rotation.booking.models import Booking
from rotation.booking.queries import bookings_with_names
from rotation.meetings.models import Meeting

COLUMNS = (
    "id", "staff", "meeting", "state", "declined_by", "partstat", "uid", "sequence",
    "cost_minutes", "source", "pinned", "version", "starts_at", "ends_at",
)  # fmt: skip
PAGE = """<!doctype html>
<title>Visits</title>
<h1>{{ page.paginator.count }} visits</h1>
<table>{% for booking in page %}
<tr>
  <th><a href="{% url "visit" booking.pk %}">{{ booking.starts_at|date:"D, d.m.Y, H:i" }} –
    {{ booking.ends_at|date:"H:i" }}</a></th>
  <td>{{ booking.staff.user.name }} · {{ booking.staff.team.name }}</td>
  <td>{{ booking.meeting.series.department.name }}</td>
  <td>{{ booking.meeting.series.title }}</td>
  <td>{{ booking.get_state_display }}</td>
  <td>{{ booking.get_partstat_display }}</td>
</tr>{% endfor %}
</table>
"""


def application() -> WSGIHandler:
    """Return the peer as a WSGI application."""
    with override_settings(MIDDLEWARE=["bench.bare.at_its_addresses", *MIDDLEWARE]):
        return WSGIHandler()


def at_its_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware that leads to the addresses below."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__  # as Django's documents say
        return get_response(request)

    return answer


def _look_up(request: HttpRequest) -> ApiToken:
    key = request.headers["Authorization"].removeprefix("Token ")
    return ApiToken.objects.select_related("user").get(
        digest=ApiToken.digest_of(key), expires_at__gt=timezone.now(), user__is_active=True
    )


def json_list(request: HttpRequest) -> HttpResponse:
    """Look the token up, count, answer with the rows of `values()`, and note the look."""
    token = _look_up(request)
    bookings = Booking.objects.order_by("starts_at", "pk")
    rows = list(bookings.values(*COLUMNS, department=F("meeting__series__department"))[:50])
    Look.objects.create(
        at=timezone.now(),
        actor=token.user,
        via=Via.API,
        page="bare",
        staff_ids=sorted({row["staff"] for row in rows}),
    )
    return JsonResponse({"count": bookings.count(), "results": rows})


@login_required
def html_list(request: HttpRequest) -> HttpResponse:
    """Show the same rows as instances, with the same joins, by a plain template."""
    coming = bookings_with_names().filter(ends_at__gt=timezone.now())
    page = Paginator(coming.order_by("starts_at", "pk"), 50).get_page(1)
    return HttpResponse(TEMPLATE.render({"page": page}, request))


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """Look the token up and insert what was sent: the exclusion constraint decides, no rule."""
    _look_up(request)
    wanted = json.loads(request.body)
    meeting = Meeting.objects.get(pk=wanted["meeting"])
    with transaction.atomic():
        booking = Booking.objects.create(
            staff_id=wanted["staff"],
            meeting=meeting,
            seat=1,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            blocked=(meeting.starts_at, meeting.ends_at + timedelta(minutes=15)),
            cost_minutes=90,
            uid=f"bare-{wanted['meeting']}-{wanted['staff']}",
            created_at=timezone.now(),
        )
    return JsonResponse({"id": booking.pk, **wanted}, status=201)


def _nothing(_request: HttpRequest, **_: Any) -> HttpResponse:  # noqa: ANN401 -- from the address
    return HttpResponse()


TEMPLATE = engines["django"].from_string(PAGE)
urlpatterns = [
    path("json/", json_list),
    path("html/", html_list),
    path("insert/", insert),
    path("visits/<int:booking_id>/", _nothing, name="visit"),
]
