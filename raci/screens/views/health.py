"""How it is with the work of an activity, set by hand."""

from django.http import HttpRequest, HttpResponse


def activity_health(request: HttpRequest, matrix: int, activity: int) -> HttpResponse:
    raise NotImplementedError
