"""The end of a session: what was decided and what stays open, signing it, and publishing it."""

from django.http import HttpRequest, HttpResponse


def session_end(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_reopen(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def result(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def result_sign(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def result_publish(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError
