"""What a session decides on an activity, taking that back, and confirming the rest together."""

from django.http import HttpRequest, HttpResponse


def decision_choose(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def decision_make(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def decision_take_back(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def rest_confirm(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError
