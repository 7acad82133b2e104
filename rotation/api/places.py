"""`sites/`, `hosts/`: where people work, and who speaks for departments."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.validators import validate_name
from rotation.api.access import Row, actor, by
from rotation.api.fields import Id
from rotation.api.idempotency import once
from rotation.api.records import RemovableRecords, rights_of
from rotation.directory import services
from rotation.directory.models import Department, Host, Site
from rotation.directory.permissions import Action, reach
from rotation.directory.users import Newcomer
from rotation.directory.validators import (
    validate_country,
    validate_one_line,
    validate_plain_text,
    validate_region,
    validate_time_zone,
)

LINE = (validate_plain_text, validate_one_line)


class SiteSerializer(serializers.Serializer[Any]):
    """A place where people work, and whose holidays are kept there."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=120, validators=LINE)
    time_zone = serializers.CharField(
        required=False, max_length=64, validators=(validate_time_zone,), help_text="Europe/Berlin"
    )
    country = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=2,
        validators=(validate_country,),
        help_text="two letters of ISO 3166",
    )
    subdivision = serializers.CharField(
        required=False, allow_blank=True, max_length=20, help_text="such as BY"
    )
    version = serializers.IntegerField(read_only=True)


class SiteChange(SiteSerializer):
    """What changes of a site; the rest stays."""

    name = serializers.CharField(required=False, max_length=120, validators=LINE)


class HostSerializer(serializers.Serializer[Any]):
    """A user who speaks for a department."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=120, validators=(validate_name,))
    email = serializers.EmailField(max_length=254)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), pk_field=Id()
    )
    version = serializers.IntegerField(read_only=True)


class HostChange(serializers.Serializer[Any]):
    """For which department the host speaks."""

    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), pk_field=Id()
    )


class HostQuery(serializers.Serializer[Any]):
    """Whose hosts are listed."""

    department = Id(required=False)


class Sites(RemovableRecords):
    """Sites, by name."""

    serializer_class = SiteSerializer
    change_class = SiteChange
    remover = services.remove_site
    queryset = Site.objects.order_by("sort_key", "pk")
    rights = rights_of(Action.SEE_MEETINGS, Action.KEEP_SITES)

    def row(self, record: Site) -> Row:
        """Return the fields of the serializer."""
        names = ("name", "time_zone", "country", "subdivision", "version")
        return {"id": record.pk, **{name: getattr(record, name) for name in names}}

    @extend_schema(request=SiteSerializer, responses={201: SiteSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a site."""
        wanted = self.body(SiteSerializer)
        _check_region(wanted.get("country", ""), wanted.get("subdivision", ""))
        site = services.add_site(Site(**wanted), by=by(request), now=timezone.now())
        return self.answer(site, HTTPStatus.CREATED)

    @extend_schema(request=SiteChange, responses=SiteSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        site = self.permitted(pk)
        changes = self.changes()
        region = changes.get("subdivision", site.subdivision)
        _check_region(changes.get("country", site.country), region)
        changed = services.change_site(pk, changes, by=by(request), now=timezone.now())
        return self.answer(changed)


class Hosts(RemovableRecords):
    """Hosts of departments whom the caller may see, by name."""

    serializer_class = HostSerializer
    query_class = HostQuery
    change_class = HostChange
    remover = services.remove_host
    queryset = Host.objects.none()
    rights = rights_of(Action.SEE_HOSTS, Action.KEEP_DEPARTMENTS)
    narrowing = {"department": "department"}

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return whom the caller may see."""
        limits = reach(actor(self.request), Action.SEE_HOSTS)
        hosts = Host.objects.select_related("user").filter(user__erased_at=None)
        return hosts if limits.everywhere else hosts.filter(department=limits.department_id)

    def row(self, record: Host) -> Row:
        """Return the fields of the serializer."""
        return {
            "id": record.pk,
            "name": record.user.name,
            "email": record.user.email,
            "department": record.department_id,
            "version": record.version,
        }

    @extend_schema(request=HostSerializer, responses={201: HostSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Let somebody speak for a department; a user with this address keeps the name."""
        wanted = self.body(HostSerializer)
        host = services.add_host(
            Newcomer(wanted["name"], wanted["email"]),
            department_id=wanted["department"].pk,
            by=by(request),
            now=timezone.now(),
        )
        return self.answer(host, HTTPStatus.CREATED)

    @extend_schema(request=HostChange, responses=HostSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Let the host speak for another department."""
        self.permitted(pk)
        department = self.changes()["department"]
        return self.answer(
            services.change_host(
                pk, department_id=department.pk, by=by(request), now=timezone.now()
            )
        )


def _check_region(country: str, region: str) -> None:
    try:
        validate_region(country, region)
    except InvalidValue as error:
        raise serializers.ValidationError(error.message_dict) from error
