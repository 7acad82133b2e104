"""Requests that may be repeated without doing their work twice."""

from django.conf import settings
from django.db import models


class ApiRequest(models.Model):
    """One POST with an Idempotency-Key, and its answer; made with the change, in one transaction.

    A row without a status belongs to a request under way, which nobody else can see.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        related_query_name="api_request",
    )
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    etag = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "key"), name="api_request_key_is_used_once"),
        ]
        indexes = [models.Index(fields=("user", "created_at"), name="api_request_by_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
