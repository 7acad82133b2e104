"""Reads of the trail."""

from django.db.models import QuerySet

from rotation.audit.models import Entry, Look, Subject


def entries_of(subject: Subject, subject_id: int) -> QuerySet[Entry]:
    """Return what happened to one record, newest first, with who did it in the same query."""
    found = Entry.objects.filter(subject=subject, subject_id=subject_id)
    return found.select_related("actor").order_by("-at", "-pk")


def looks_at(staff_id: int) -> QuerySet[Look]:
    """Return who looked at one person's data, newest first, with who it was in the same query."""
    found = Look.objects.filter(staff_ids__contains=[staff_id])
    return found.select_related("actor").order_by("-at", "-pk")
