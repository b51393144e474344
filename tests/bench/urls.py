"""The routes of Remit and one that does nothing: what the framework takes by itself."""

from django.http import HttpResponse
from django.urls import include, path

from raci.web.routes import signed_in

urlpatterns = [
    path("empty/", signed_in(lambda _request: HttpResponse("")), name="empty"),
    path("", include("raci.urls")),
]
