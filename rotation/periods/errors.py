"""The one root of the house's errors."""

from typing import Any, ClassVar


class RotationError(Exception):
    """A fact that stopped a change; carries fields, never text for people.

    Attributes:
        code: The stable name that API and pages turn into words.
        fields: What the words need, by name.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 -- facts of any kind
        super().__init__(self.code)
        self.fields = fields
