"""What was learned."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.directory.validators import validate_plain_text

LONGEST_NOTE = 4000
# States of visits that there may be something to tell of, once they have begun.
TOLD_OF = (Booking.State.CONFIRMED, Booking.State.ATTENDED)


class Note(models.Model):
    """What the guest learned in one visit, in the guest's own words."""

    booking = models.OneToOneField(
        Booking, on_delete=models.CASCADE, related_name="+", related_query_name="note"
    )
    text = models.TextField(
        _("what I learned"),
        max_length=LONGEST_NOTE,
        validators=[validate_plain_text, MaxLengthValidator(LONGEST_NOTE)],
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("-written_at",)
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]
