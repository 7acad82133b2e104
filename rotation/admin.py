"""Django's admin: what services write is shown read-only, people and places included."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from rotation import models


class ReadOnly(admin.ModelAdmin):
    """Shows rows; nothing goes round the services."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Return False: services add."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False: services change."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False: services delete."""
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    """People who sign in."""

    list_display = ("name", "email", "roles", "is_active")
    search_fields = ("name", "email")
    fields = ("name", "email", "roles", "language", "is_active", "erased_at")


class PatternInline(admin.TabularInline):
    """Working hours below their contract."""

    model = models.WorkingPattern
    extra = 0


@admin.register(models.StaffMember)
class StaffMemberAdmin(ReadOnly):
    """IT people."""

    list_display = ("name", "team", "time_zone", "left_on")
    list_filter = ("team",)


@admin.register(models.Contract)
class ContractAdmin(ReadOnly):
    """What people work, from when to when."""

    list_display = ("staff", "starts_on", "ends_on")
    inlines = (PatternInline,)


# What one ticket of a team takes has no service of its own.
admin.site.register(models.TeamEffort)
for written_model in (
    models.Absence,
    models.Booking,
    models.Department,
    models.Duty,
    models.Entry,
    models.Host,
    models.Look,
    models.Mail,
    models.Meeting,
    models.MeetingSeries,
    models.Site,
    models.Team,
    models.TeamBudget,
    models.TicketQueue,
    models.TicketSource,
):
    admin.site.register(written_model, ReadOnly)
