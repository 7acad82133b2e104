"""Lists in pages."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`{count, next, previous, results}`; `page_size` up to 500, a larger one is cut to that."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
