"""The description of the API (OpenAPI) and its pages."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from rotation.api.problems import CONTENT_TYPE

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A text of your own, up to 200 characters: a repeat within a day gets the first"
    " answer again and changes nothing.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='The ETag that you saw, such as `"3"`; 409 when somebody changed it since.',
)


class FieldError(serializers.Serializer[Any]):
    """What is wrong with one field of the body or of the address."""

    field = serializers.CharField(help_text="path of the field, such as `rows.2.text`")
    code = serializers.CharField()
    message = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason; the facts that its sentence names stand beside it."""

    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField(help_text="`urn:rundgang:problem:` and the code")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # a field here
    reasons = ReasonSerializer(many=True, required=False)
    alternatives = serializers.ListField(child=serializers.DictField(), required=False)


# What any address answers beside what it is for.
ANYWHERE = (401, 403, 406, 429, 503)
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WHY: Mapping[int, str] = {
    400: "The query, the body or a header cannot be understood; `errors` names each field.",
    401: "No token, or a wrong or expired one.",
    403: "Not allowed; `scope_missing` names the scope that the token was not made for.",
    404: "There is nothing at this address, or it is not yours to see.",
    406: "Nothing here is written in that form.",
    409: "Others were quicker: `no_seat`, `overlap`, `changed_meanwhile`.",
    411: "The body has no Content-Length.",
    413: "The body is too large.",
    415: "The body is not of the kind that is read here.",
    422: "A rule stands against it; `reasons` names every one.",
    429: "Too many requests in this minute; `Retry-After` says how long to wait.",
    503: "A part is away for a moment; `Retry-After` says how long to wait.",
}
CODES: Mapping[int, str] = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    406: "not_acceptable",
    409: "no_seat",
    411: "length_required",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "over_budget",
    429: "throttled",
    503: "try_again",
}


class EndpointSchema(AutoSchema):
    """Adds what all addresses share: query, headers of a write, problems as any other answer."""

    def get_override_parameters(self) -> list[Any]:
        """Return the query of a list, and the headers that a write understands."""
        query = getattr(self.view, "query_class", None)
        parameters = [query] if query and getattr(self.view, "action", "") == "list" else []
        if self.method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        if self.method in WRITES and "{id}" in self.path:
            parameters.append(IF_MATCH)
        return parameters

    def get_filter_backends(self) -> list[Any]:
        """Return none: queries are serializers."""
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:  # noqa: ANN401
        """Return the operation, with a problem for each status that it may answer beside 2xx."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            for status in sorted(self._refusals(operation)):
                operation["responses"].setdefault(str(status), self._problem(status).ref)
        return operation

    def _refusals(self, operation: Mapping[str, Any]) -> set[int]:
        """Return the statuses of what can go wrong here."""
        found = set(ANYWHERE)
        places = {parameter["in"] for parameter in operation.get("parameters", ())}
        if places & {"query", "header"}:
            found.add(400)
        if "path" in places or "query" in places:
            found.add(404)  # a page that a list does not have, too
        if self.method in WRITES:
            found |= {400, 404, 409, 411, 413, 415, 422}
        return found

    def _problem(self, status: int) -> ResolvedComponent:
        """Return the component of one status, stored once for all operations."""
        body = self.resolve_serializer(ProblemSerializer, "response")
        title, code = HTTPStatus(status).phrase, CODES[status]
        example = {
            "type": f"urn:rundgang:problem:{code}",
            "title": title,
            "status": status,
            "detail": WHY[status],
            "code": code,
        }
        response = {
            "description": WHY[status],
            "content": {CONTENT_TYPE: {"schema": body.ref, "example": example}},
        }
        name = f"Problem{status}"
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # theirs
            name, ResolvedComponent.RESPONSE, response, name
        )
        self.registry.register_on_missing(component)
        return component


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    """How the token is sent."""

    target_class = "rotation.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the header."""
        del auto_schema
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`; an administrator makes keys by `manage.py api_token`",
        }
