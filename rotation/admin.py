"""Django's admin: the directory may be edited; what services write is shown read-only."""

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
class UserAdmin(admin.ModelAdmin):
    """People who sign in; passwords are set by the person, through the reset mail."""

    list_display = ("name", "email", "roles", "is_active")
    search_fields = ("name", "email")
    fields = ("name", "email", "roles", "language", "is_active")


class PatternInline(admin.TabularInline):
    """Working hours below their contract."""

    model = models.WorkingPattern
    extra = 0


@admin.register(models.StaffMember)
class StaffMemberAdmin(admin.ModelAdmin):
    """IT people."""

    list_display = ("name", "team", "time_zone", "left_on")
    list_filter = ("team",)


@admin.register(models.Contract)
class ContractAdmin(admin.ModelAdmin):
    """What people work, from when to when."""

    list_display = ("staff", "starts_on", "ends_on")
    inlines = (PatternInline,)


for directory_model in (
    models.Absence,
    models.Department,
    models.Duty,
    models.Host,
    models.Site,
    models.Team,
    models.TeamEffort,
):
    admin.site.register(directory_model)
for written_model in (
    models.Booking,
    models.Entry,
    models.Look,
    models.Meeting,
    models.MeetingSeries,
    models.TeamBudget,
    models.Mail,
    models.TicketQueue,
    models.TicketSource,
):
    admin.site.register(written_model, ReadOnly)
