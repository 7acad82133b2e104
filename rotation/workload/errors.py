"""What can be wrong with a delivery of tickets."""

from rotation.periods.errors import RotationError


class UnknownSource(RotationError):  # noqa: N818 -- a fact, not a fault
    """No mapping is called `name`; `known` lists those that are."""

    code = "unknown_source"


class BadMapping(RotationError):  # noqa: N818 -- a fact, not a fault
    """The mapping of a source cannot be used; `field` names the part."""

    code = "bad_mapping"


class UnreadableFile(RotationError):  # noqa: N818 -- a fact, not a fault
    """`file` cannot be read at all; `problem` says why (`words.FILES`)."""

    code = "unreadable_file"


class MissingColumn(RotationError):  # noqa: N818 -- a fact, not a fault
    """The header of `file` has no `column`, though the mapping needs it."""

    code = "missing_column"


class ChangedSource(RotationError):  # noqa: N818 -- a fact, not a fault
    """Somebody changed the source meanwhile; it has `version` now."""

    code = "changed_source"


class SourceExists(RotationError):  # noqa: N818 -- a fact, not a fault
    """There is a source called `name`."""

    code = "source_exists"
