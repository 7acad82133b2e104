"""Idempotency-Key: a repeated POST gets the first answer, and its work is done once.

The row is inserted first, inside the transaction of the change. A second request with the key
waits on the unique constraint until the first one has committed, and then reads its answer; when
the first one failed for good (5xx) nothing is left of it and the second one does the work.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Listing, actor
from rotation.api.models import ApiRequest
from rotation.api.problems import CONTENT_TYPE, Problem, problem_response
from rotation.periods.errors import RotationError

KEPT = timedelta(hours=24)
KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?")
FORESEEN = (
    APIException, RotationError, Problem, Http404, ObjectDoesNotExist, PermissionDenied
)  # fmt: skip
V = TypeVar("V", bound=Listing)
P = ParamSpec("P")
Handler = Callable[Concatenate[V, Request, P], HttpResponseBase]


def once(handler: Handler[V, P]) -> Handler[V, P]:
    """Return `handler` of a POST so that it honours Idempotency-Key."""

    @wraps(handler)
    def answer(view: V, request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        with transaction.atomic():
            known = _claim(request, key, timezone.now())
            if known.status is not None:
                return _repeated(known)
            try:
                response = handler(view, request, *args, **kwargs)
            except FORESEEN as error:
                response = problem_response(error, {}) or HttpResponse()
            _keep(known, response)
        return response

    return cast("Handler[V, P]", answer)


def _claim(request: Request, key: str, now: datetime) -> ApiRequest:
    """Return the row of this key, new or answered; waits for a request under way.

    Raises:
        Problem: 400, the key is no plain text; 422, it was used for another request.
    """
    if not KEY.fullmatch(key):
        text = _("Write Idempotency-Key as 1 to 200 plain characters.")
        raise Problem(HTTPStatus.BAD_REQUEST, "idempotency_key_malformed", text)
    mine = ApiRequest.objects.filter(user=actor(request).user_id)
    mine.filter(created_at__lt=now - KEPT).delete()
    fresh = ApiRequest(
        user_id=actor(request).user_id, key=key, fingerprint=_fingerprint(request), created_at=now
    )
    ApiRequest.objects.bulk_create([fresh], ignore_conflicts=True)
    row = mine.select_for_update().get(key=key)
    if row.fingerprint != fresh.fingerprint:
        text = _("This Idempotency-Key was used for another request; choose a new one.")
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused", text)
    return row


def _fingerprint(request: Request) -> str:
    address = f"{request.method} {request.path}\n"
    return hashlib.sha256(address.encode() + request.body).hexdigest()


def _keep(row: ApiRequest, response: HttpResponseBase) -> None:
    row.status = response.status_code
    row.body = _body(response)
    row.etag = response.headers.get("ETag", "")
    row.save(update_fields=["status", "body", "etag"])


def _body(response: HttpResponseBase) -> str:
    content: Any = (
        JSONRenderer().render(response.data)
        if isinstance(response, Response)
        else getattr(response, "content", b"")
    )
    return bytes(content).decode()


def _repeated(row: ApiRequest) -> HttpResponse:
    status = HTTPStatus(row.status or HTTPStatus.OK)
    kind = CONTENT_TYPE if status >= HTTPStatus.BAD_REQUEST else "application/json"
    headers = {"Idempotency-Replayed": "true", **({"ETag": row.etag} if row.etag else {})}
    return HttpResponse(row.body, status=status, content_type=kind, headers=headers)
