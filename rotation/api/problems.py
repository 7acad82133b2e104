"""Every error as one kind of answer: RFC 9457, `application/problem+json`, with a `code`."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from rotation.booking.errors import (
    STATE_OF_OTHERS,
    AlreadySeated,
    BookingRefused,
    ChangedMeanwhile,
    Code,
    Reason,
    SeatFree,
    WrongState,
)
from rotation.booking.words import error_text, reason_text
from rotation.directory.errors import BadTerms, RecordChanged, StillInUse, Taken
from rotation.meetings.errors import MeetingOver, SeriesRefused
from rotation.periods.errors import RotationError

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 -- the RFC's word
    """One problem (RFC 9457 section 3).

    Attributes:
        code: Stable name; `type` is made of it.
        detail: A sentence for people: what is wrong and what to do.
        members: What else the problem tells (section 3.2).
    """

    def __init__(self, status: int, code: str, detail: str, **members: Any) -> None:  # noqa: ANN401
        super().__init__(code)
        self.status = HTTPStatus(status)
        self.code = code
        self.detail = detail
        self.members = members

    def response(self, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Return the problem as the answer to a request."""
        body = {
            "type": f"urn:rundgang:problem:{self.code}",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "code": self.code,
            **self.members,
        }
        return HttpResponse(
            # A sentence may quote what came in, half a surrogate pair included.
            json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode(errors="replace"),
            status=self.status,
            content_type=CONTENT_TYPE,
            headers=headers,
        )


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the answer to `error`, as REST framework asks; None: nobody foresaw it."""
    del context
    problem = problem_of(error)
    return problem.response(_headers(error)) if problem else None


def problem_of(error: Exception) -> Problem | None:
    """Return `error` as a problem; None for what nobody foresaw."""
    kind = next((kind for kind in PROBLEMS if isinstance(error, kind)), None)
    return PROBLEMS[kind](error) if kind else None


def refusal(refused: BookingRefused, alternatives: Sequence[Mapping[str, Any]] = ()) -> Problem:
    """Return why a visit cannot be booked, with every reason, and where else it could be."""
    status = HTTPStatus.CONFLICT if refused.is_conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    first = next(
        (reason for reason in refused.reasons if reason.code in STATE_OF_OTHERS), refused.reasons[0]
    )
    return Problem(
        status,
        first.code,
        reason_text(first),
        reasons=reason_rows(refused.reasons),
        alternatives=list(alternatives),
    )


def reason_rows(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return reasons as the API tells them: code, sentence, facts."""
    return [
        {"code": reason.code, "message": reason_text(reason), **reason.facts} for reason in reasons
    ]


def _of_rotation(error: RotationError) -> Problem:
    text = error_text(error)
    match error:
        case BookingRefused():
            return refusal(error)
        case WrongState() | ChangedMeanwhile() | RecordChanged():
            code = Code.CHANGED_MEANWHILE
            reasons = [{"code": code, "message": text}]
            return Problem(HTTPStatus.CONFLICT, code, text, reasons=reasons, **error.fields)
        case SeatFree() | AlreadySeated():
            return Problem(HTTPStatus.CONFLICT, error.code, text, **error.fields)
        case MeetingOver():
            return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, Code.MEETING_PAST, text, **error.fields)
        case SeriesRefused():
            errors = [{"field": "rrule", "code": error.code, "message": text}]
            return Problem(HTTPStatus.BAD_REQUEST, error.code, text, errors=errors)
    return Problem(_status_of(error), error.code, text, **_members_of(error, text))


def _status_of(error: RotationError) -> HTTPStatus:
    match error:
        case Taken() | StillInUse():
            return HTTPStatus.CONFLICT
        case BadTerms():
            return HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _members_of(error: RotationError, text: str) -> dict[str, Any]:
    """Return the facts of an error; one that is about a field names it as every other does."""
    if "field" not in error.fields:
        return error.fields
    return {"errors": [{"field": error.fields["field"], "code": error.code, "message": text}]}


def _of_framework(error: exceptions.APIException) -> Problem:
    match error:
        case exceptions.ValidationError():
            errors = list(_field_errors(error.detail))
            text = _("%(field)s: %(message)s") % errors[0]
            return Problem(HTTPStatus.BAD_REQUEST, "invalid", text, errors=errors)
        case exceptions.NotFound():
            return _not_found()
        case exceptions.ParseError():
            return Problem(HTTPStatus.BAD_REQUEST, "malformed", str(error.detail))
        case exceptions.PermissionDenied():
            # REST framework's own text names a missing CSRF token; ours names whom to ask.
            own = error.detail == exceptions.PermissionDenied.default_detail
            return _forbidden("" if own else str(error.detail))
    return Problem(error.status_code, _code_of(error), str(error.detail))


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else str(error.default_code)


def _field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:  # noqa: ANN401
    """Yield every error of nested `detail` with the path of its field, such as `rows.2.text`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _field_errors(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_errors(inner, path)
    else:
        field = path.removesuffix("non_field_errors").rstrip(".") or "body"
        yield {"field": field, "code": detail.code, "message": str(detail)}


def _headers(error: Exception) -> dict[str, str]:
    """Return the headers that go with the status: REST framework leaves them on the error."""
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if isinstance(error, OperationalError):
        headers["Retry-After"] = "3"
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 1))
    return headers


def _not_found() -> Problem:
    text = _("There is nothing at this address, or it is not yours to see.")
    return Problem(HTTPStatus.NOT_FOUND, "not_found", text)


def _forbidden(detail: str = "") -> Problem:
    text = _("You are not allowed to do this; ask an administrator for the role it needs.")
    return Problem(HTTPStatus.FORBIDDEN, "permission_denied", detail or text)


def _too_large(_error: Exception) -> Problem:
    limit = {"bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    text = _("The body is too large; send at most %(bytes)s bytes.") % limit
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", text)


def _try_again(_error: Exception) -> Problem:
    text = _("The database is away for a moment; try again in a few seconds.")
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "try_again", text)


# The first class that fits says how an error is told.
PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    RotationError: _of_rotation,
    exceptions.APIException: _of_framework,
    Http404: lambda _error: _not_found(),
    ObjectDoesNotExist: lambda _error: _not_found(),
    PermissionDenied: lambda _error: _forbidden(),
    RequestDataTooBig: _too_large,
    OperationalError: _try_again,
}
