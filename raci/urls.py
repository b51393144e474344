"""Every route of Remit. URL name = view name = template stem."""

from django.urls import include, path, register_converter

from raci.web.converters import IdConverter

register_converter(IdConverter, "id")

urlpatterns = [
    path("account/", include("raci.accounts.urls")),
    path("", include("raci.screens.urls")),
]

handler400 = "raci.web.errors.bad_request"
