"""The description of the API (OpenAPI) and its pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
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


class EndpointSchema(AutoSchema):
    """Adds what all addresses share: query, headers of a write, the problem as any other answer."""

    def get_override_parameters(self) -> list[Any]:
        """Return the query of a list, and the headers that a write understands."""
        query = getattr(self.view, "query_class", None)
        parameters = [query] if query and getattr(self.view, "action", "") == "list" else []
        if self.method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        if self.method == "POST" and "{id}" in self.path:
            parameters.append(IF_MATCH)
        return parameters

    def get_filter_backends(self) -> list[Any]:
        """Return none: queries are serializers."""
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:  # noqa: ANN401
        """Return the operation, with the problem as its answer to everything else."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            problem = self.resolve_serializer(ProblemSerializer, "response")
            operation["responses"]["default"] = {
                "description": "Any other answer is a problem.",
                "content": {CONTENT_TYPE: {"schema": problem.ref}},
            }
        return operation


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
