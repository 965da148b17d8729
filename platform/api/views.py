"""The description of the API, for programs and for people."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts import access


class Schema(SpectacularAPIView):
    """The OpenAPI description."""

    access = access.ANYONE


class Docs(SpectacularSwaggerSplitView):
    """The description as pages one can try; the script comes in a request of its own, as the CSP wants."""

    access = access.ANYONE
    url_name = "api:schema"


schema = Schema.as_view()
docs = Docs.as_view()
