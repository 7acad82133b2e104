"""`schema/` and `docs/`: the description of the API, for programs and for people."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated

from rotation.api.access import SignedIn
from rotation.api.authentication import TokenAuthentication


class Schema(SignedIn, SpectacularAPIView):
    """OpenAPI 3; `?format=json` answers JSON."""

    schema = None
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)


class Docs(SignedIn, SpectacularSwaggerSplitView):
    """Swagger's pages, served by ourselves; script and page are two answers, as our CSP asks."""

    schema = None
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    url_name = "api-schema"
    template_name = "rotation/api_docs.html"
