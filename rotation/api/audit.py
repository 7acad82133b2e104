"""`audit/`: who did what when to which record, old and new."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from rotation.api.access import Endpoint, Row, note_look
from rotation.api.fields import Id, Moment, Period
from rotation.audit.models import Entry, Subject, Via
from rotation.directory.permissions import Action
from rotation.reports.trail import TrailLine, lines_of


class AuditActor(serializers.Serializer[Any]):
    """The user who acted; whoever left stands here under a pseudonym."""

    id = Id()
    name = serializers.CharField()


class AuditSerializer(serializers.Serializer[Any]):
    """One change of one record; never changed, never deleted."""

    id = Id()
    at = Moment()
    actor = AuditActor(allow_null=True, help_text="null: a calendar's answer, or Rundgang itself")
    token = serializers.CharField(help_text="name of the API token; empty without one")
    via = serializers.ChoiceField(Via.choices)
    subject = serializers.ChoiceField(Subject.choices)
    subject_id = serializers.IntegerField()
    action = serializers.CharField()
    old = serializers.DictField()
    new = serializers.DictField()
    reason = serializers.CharField()
    text = serializers.CharField(help_text="the line in words, in the language of the caller")


class AuditQuery(Period):
    """What the trail is narrowed to; the period counts the time of the change."""

    subject = serializers.ChoiceField(Subject.choices, required=False)
    subject_id = Id(required=False)
    actor = Id(required=False)
    via = serializers.ChoiceField(Via.choices, required=False)


class Audit(Endpoint):
    """The trail of changes, the newest first; for administrators and the works council."""

    serializer_class = AuditSerializer
    query_class = AuditQuery
    queryset = Entry.objects.select_related("actor").order_by("-at", "-pk")
    rights = {"list": Action.SEE_AUDIT, "retrieve": Action.SEE_AUDIT}
    narrowing = {
        "subject": "subject",
        "subject_id": "subject_id",
        "actor": "actor",
        "via": "via",
        "from": "at__gte",
        "to": "at__lt",
    }

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the lines' fields, after storing of whom they tell; one query per kind named."""
        lines = lines_of(page)
        people = {staff_id for line in lines for staff_id in line.people}
        note_look(self.request, self.basename or "", people)
        return [entry_row(line) for line in lines]


def entry_row(line: TrailLine) -> Row:
    """Return the fields of the serializer; the actor is loaded."""
    entry, actor = line.entry, line.entry.actor
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": {"id": actor.pk, "name": actor.name} if actor else None,
        "token": entry.token,
        "via": entry.via,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "action": entry.action,
        "old": entry.old,
        "new": entry.new,
        "reason": entry.reason,
        "text": line.text,
    }
