"""Columns that names need."""

import unicodedata
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField  # Django's fields take no type arguments at run time


def sort_key(name: str) -> str:
    """Return `name` as it sorts in a list people read: without case and accents, ß as ss."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


class SortKeyField(_CharField):
    """The sort key of another column, kept by the field: the database sorts by bytes (C.UTF-8)."""

    def __init__(self, source: str = "name", **options: object) -> None:
        self.source = source
        defaults = {"max_length": 240, "editable": False, "db_index": True, "default": ""}
        super().__init__(**{**defaults, **options})  # type: ignore[arg-type]  # Django's options

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """Return the field for migrations."""
        name, path, args, options = super().deconstruct()
        return name, path, list(args), {**options, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 -- Django's
        """Return the key of the source's present value, and set it on the instance."""
        del add
        key = sort_key(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key
