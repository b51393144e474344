"""A session on the projector, and on the devices of those who follow it."""

from django.http import HttpRequest, HttpResponse


def session(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_now(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_start(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_pause(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_resume(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def session_move(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError
