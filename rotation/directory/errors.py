"""Why a change of the directory is refused."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class RecordChanged(RotationError):  # noqa: N818 -- a fact, not a fault
    """Somebody else changed the record since it was seen; fields: `version`."""

    code: ClassVar[str] = "changed_meanwhile"


class Taken(RotationError):  # noqa: N818 -- a fact, not a fault
    """Another record has this name, code or address; fields: `field`, which is to be corrected."""

    code: ClassVar[str] = "taken"


class StillInUse(RotationError):  # noqa: N818 -- a fact, not a fault
    """Something hangs on the record; fields: `uses`, such as "IT people: 3"."""

    code: ClassVar[str] = "still_in_use"


class ContractOverlaps(RotationError):  # noqa: N818 -- a fact, not a fault
    """The person has another contract in these days; fields: `starts_on`, `ends_on` of that one."""

    code: ClassVar[str] = "contract_overlaps"


class BadTerms(RotationError):  # noqa: N818 -- a fact, not a fault
    """The days or hours of a contract cannot be; fields: `field`."""

    code: ClassVar[str] = "bad_terms"


class LastAdministrator(RotationError):  # noqa: N818 -- a fact, not a fault
    """Nobody who may sign in would be an administrator any more."""

    code: ClassVar[str] = "last_administrator"


class UnderPseudonym(RotationError):  # noqa: N818 -- a fact, not a fault
    """The person went under a pseudonym; what was known is gone and does not come back."""

    code: ClassVar[str] = "under_pseudonym"


class StillHere(RotationError):  # noqa: N818 -- a fact, not a fault
    """The person's last day is not over, so nothing is forgotten yet."""

    code: ClassVar[str] = "still_here"
