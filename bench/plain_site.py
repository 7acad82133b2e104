"""The site of a new Django project with one list, as JSON and by a template."""

from django.contrib import admin
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

ROWS = "SELECT id, uid, state, starts_at FROM rotation_booking ORDER BY starts_at LIMIT 50"
PAGE = "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}{% endfor %}{% endfor %}"


def json_list(_request: HttpRequest) -> HttpResponse:
    """Answer with fifty rows."""
    return JsonResponse({"rows": _rows()})


def html_list(request: HttpRequest) -> HttpResponse:
    """Show fifty rows."""
    return HttpResponse(engines["django"].from_string(PAGE).render({"rows": _rows()}, request))


def _rows() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        return list(cursor.fetchall())


application = get_wsgi_application()
urlpatterns = [
    path("json/", json_list),
    path("html/", html_list),
    path("admin/", admin.site.urls),
]
