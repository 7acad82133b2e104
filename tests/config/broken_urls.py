"""The product's addresses with one view that breaks."""

from typing import Never

from django.http import HttpRequest
from django.urls import path

from config import urls
from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> Never:
    raise ZeroDivisionError(request.path)


urlpatterns = [path("broken/", broken), path("admin/broken/", broken), *urls.urlpatterns]
