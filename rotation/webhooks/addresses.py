"""What is wrong with an address, in words."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.calendars.errors import AddressRefused
from rotation.calendars.outside import checked_address

SENTENCES: Mapping[str, Promise] = {
    "malformed": _("Write a whole address such as https://example.org/hook, without a user in it."),
    "not_https": _("Write an address that begins with https://."),
    "not_public": _(
        "This address is inside the house; the operator names such hosts in ROTATION_PRIVATE_HOSTS."
    ),
}


def validate_outside_address(value: str) -> None:
    """Raise ValidationError where nothing may be sent to the address."""
    try:
        checked_address(value)
    except AddressRefused as error:
        why = error.fields["why"]
        raise ValidationError(str(SENTENCES[why]), code=why) from error
