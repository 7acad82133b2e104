"""Lists in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination


@dataclass(frozen=True, slots=True)
class Counted(Sequence[Any]):
    """Rows of a page, and what is counted in their stead: columns of other tables cost joins."""

    entries: QuerySet[Any, Any]
    rows: QuerySet[Any, Any]

    def __len__(self) -> int:
        return self.entries.count()

    def __getitem__(self, page: Any) -> Any:  # noqa: ANN401 -- a row for a number, rows for a slice
        return self.rows[page]


class Pages(PageNumberPagination):
    """`{count, next, previous, results}`; `page_size` up to 500, a larger one is cut to that."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
