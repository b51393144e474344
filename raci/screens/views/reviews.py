"""The reviews of a matrix over time, and planning a session."""

from django.http import HttpRequest, HttpResponse


def reviews(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def review_new(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def review(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def review_plan(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def review_cancel(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_ics(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError
