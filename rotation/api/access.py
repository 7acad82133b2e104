"""Who calls, what the caller may do, and what every address has in common."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, NotFound, PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.models import ApiToken
from rotation.api.negotiation import KnownFormats
from rotation.api.parsing import BoundedJSONParser
from rotation.api.problems import Problem
from rotation.api.schema import EndpointSchema
from rotation.api.scopes import scopes_needed
from rotation.api.throttles import EnoughForPeople
from rotation.audit.models import Via
from rotation.audit.services import By, record_look
from rotation.directory.permissions import Action, Actor, Scope, actor_of, may

Row = dict[str, Any]
R = TypeVar("R")  # a row, or an instance
VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')


def actor(request: Request) -> Actor:
    """Return who calls; looked up once per request."""
    if not hasattr(request, "rundgang_actor"):
        request.rundgang_actor = actor_of(request.user)  # type: ignore[attr-defined,arg-type]
    return request.rundgang_actor  # type: ignore[attr-defined,no-any-return]


def may_somewhere(who: Actor, action: Action) -> bool:
    """Return whether there can be anything to which `who` may do `action`."""
    return may(who, action, Scope(staff_id=who.staff_id))


def require(request: Request, action: Action, scope: Scope) -> None:
    """Do nothing when the caller may do `action` to `scope`.

    Raises:
        PermissionDenied: answered with 403.
    """
    if not may(actor(request), action, scope):
        raise PermissionDenied


def by(request: Request, reason: str = "") -> By:
    """Return the caller as the author of a change, with the version that If-Match names.

    Raises:
        Problem: 400, If-Match holds something else than one version (RFC 9110 section 13.1.1).
    """
    seen = request.headers.get("If-Match", "*").strip()
    match = VERSION.fullmatch(seen)
    if not match and seen != "*":
        text = _('Write If-Match as the ETag that you were given, such as "3".')
        raise Problem(HTTPStatus.BAD_REQUEST, "if_match_malformed", text)
    version = int(match[1]) if match else None
    token = getattr(request.auth, "name", "")
    return By(request.user.pk, Via.API, reason, version, token)


def note_look(request: Request, page: str, staff_ids: Iterable[int]) -> None:
    """Store that the answer shows these people to the caller; oneself is no look at others."""
    others = set(staff_ids) - {actor(request).staff_id}
    user_id = actor(request).user_id
    record_look(user_id, Via.API, page, staff_ids=others, now=timezone.now())


class MaySomewhere(BasePermission):
    """Refuses, before anything is read, who may do the action nowhere (`Endpoint.rights`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the caller may do the view's action to anything at all."""
        action = getattr(view, "rights", {}).get(getattr(view, "action", None))
        return action is None or may_somewhere(actor(request), action)


class InScope(BasePermission):
    """Refuses a token that was not made for what the view does (`scopes.py`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True: the page of a session, or a token made for this.

        Raises:
            Problem: 403, naming the scope that is missing.
        """
        name = getattr(view, "action", None)
        if isinstance(request.auth, ApiToken) and name:
            needed = scopes_needed(request.method or "", getattr(view, "rights", {}).get(name))
            missing = sorted(needed - set(request.auth.scopes))
            if missing:
                text = _("This token was not made for that; make one with the scope %(scope)s.")
                scope = missing[0]
                detail = text % {"scope": scope}
                raise Problem(HTTPStatus.FORBIDDEN, "scope_missing", detail, scope=scope)
        return True


class SignedIn(APIView):
    """An address for signed-in callers: 401 comes before 404, 405, 406 and all others."""

    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated, MaySomewhere, InScope)
    throttle_classes = (EnoughForPeople,)
    content_negotiation_class = KnownFormats
    parser_classes = (BoundedJSONParser,)
    http_method_names = ("get", "post", "put", "patch", "delete", "head")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Do nothing when the caller may go on; see the class for the order of refusals."""
        self.perform_authentication(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        super().initial(request, *args, **kwargs)
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            text = _("Send the body with its Content-Length, not in chunks.")
            raise Problem(HTTPStatus.LENGTH_REQUIRED, "length_required", text)


class UnknownAddress(SignedIn):
    """Whatever is nowhere: 404, for every method."""

    schema = None

    def http_method_not_allowed(self, *_: Any, **__: Any) -> Response:  # noqa: ANN401 -- whatever
        """Raise NotFound."""
        raise NotFound


class Listing(SignedIn, GenericViewSet[Any]):
    """One resource: a list in pages of rows.

    Attributes:
        rights: What a caller must be allowed somewhere to do each of the view's actions.
        query_class: What the list may be narrowed by; None where by nothing.
        narrowing: The look-up of the queryset that each part of the query stands for.
        person: The field of a row that holds an IT person's id; empty where none is told of.
    """

    schema = EndpointSchema()
    rights: ClassVar[Mapping[str, Action]] = {}
    query_class: ClassVar[type[Serializer[Any]] | None] = None
    narrowing: ClassVar[Mapping[str, str]] = {}
    person: ClassVar[str] = ""
    filter_backends = ()
    lookup_value_converter = "int"

    def body(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the request's body as `serializer` reads it; raises ValidationError."""
        return _valid(serializer(data=self.request.data))

    def query(self) -> dict[str, Any]:
        """Return what the list is to be narrowed by; raises ValidationError."""
        return _valid(self.query_class(data=self.request.query_params)) if self.query_class else {}

    def entries(self, query: Mapping[str, Any]) -> Sequence[Any] | QuerySet[Any, Any]:
        """Return what the caller may see of what `query` asks for."""
        return self.narrowed(self.get_queryset(), query)

    def narrowed(self, entries: QuerySet[Any, Any], query: Mapping[str, Any]) -> QuerySet[Any, Any]:
        """Return those of `entries` that `query` asks for, by the look-ups of `narrowing`."""
        wanted = {look_up: query[name] for name, look_up in self.narrowing.items() if name in query}
        return entries.filter(**wanted)

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return what is told of the entries of one page; `values()` rows need nothing more."""
        return list(page)

    def list(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401 -- from the address
        """Return one page of what the caller may see."""
        del request, kwargs
        page = self.paginate_queryset(self.entries(self.query()))
        return self.get_paginated_response(self.looked_at(self.rows(page or [])))

    def looked_at(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return `rows` after storing whom they show to the caller."""
        if self.person:
            note_look(self.request, self.basename or "", [row[self.person] for row in rows])
        return rows


class Endpoint(Listing):
    """One resource: a list, and one row by its id."""

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one entry that the caller may see."""
        del request
        rows = self.rows([first_or_404(self.get_queryset().filter(pk=pk))])
        return Response(self.looked_at(rows)[0])


def _valid(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def first_or_404(entries: QuerySet[Any, R]) -> R:
    """Return the only one of `entries`.

    Raises:
        Http404: there is none.
    """
    if (found := entries.first()) is None:
        raise Http404
    return found
