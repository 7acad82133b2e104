"""Is it alive, is it ready, and how is each part: for machines and for people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rotation.directory.permissions import Action, may
from rotation.invites.models import Mail
from rotation.replies.models import InboundMail
from rotation.replies.queries import held_mails
from rotation.replies.sentences import OUTCOMES
from rotation.web.access import actor, page
from rotation.web.vital_signs import vital_signs


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; asks nobody else."""
    del request
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say how each part is; 200 only when all are well, imports aside."""
    del request
    now = timezone.now()
    signs = vital_signs(now)
    values = {
        "database": signs.database,
        "broker": signs.broker,
        "worker": signs.worker,
        "beat": signs.beat,
        "outbox_age_seconds": _seconds(signs.outbox_age),
        "budgets_age_seconds": _age(signs.budgets_at, now),
        "imports": {name: _age(at, now) for name, at in signs.imports.items()},
    }
    return JsonResponse(values, status=200 if signs.is_well else 503)


@require_safe
@page(Action.SEE_HEALTH)
def health(request: HttpRequest) -> HttpResponse:
    """Show the same to people, with what came in and went out."""
    values = {
        "signs": vital_signs(timezone.now()),
        "outbox": _counts(Mail.objects.all(), "state", dict(Mail.State.choices)),
        "inbound": _counts(InboundMail.objects.exclude(outcome=""), "outcome", OUTCOMES),
        "held": held_mails().count(),
        "senders_are_verified": bool(settings.AUTHSERV_ID) or settings.ROTATION_DEMO,
        "may_see_outbox": may(actor(request), Action.SEE_OUTBOX),
        "may_see_held": may(actor(request), Action.SEE_HELD_ANSWERS),
        "now": timezone.now(),
    }
    return render(request, "rotation/health.html", values)


def _age(at: datetime | None, now: datetime) -> float | None:
    return _seconds(now - at) if at else None


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _counts(
    rows: QuerySet[Any], field: str, words: Mapping[Any, Any]
) -> list[tuple[str | Promise, int]]:
    """Return how many rows have each value of `field`, in words, most first; one query."""
    counted = rows.order_by().values_list(field).annotate(number=Count("pk"))
    found = counted.order_by("-number", field)
    return [(words.get(value, value), number) for value, number in found]
