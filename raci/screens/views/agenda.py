"""The agenda of a session: adding an activity, leaving one out, their order, and making it anew from the evidence."""

from django.http import HttpRequest, HttpResponse


def agenda_add(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def agenda_remove(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def agenda_move(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError


def agenda_make(request: HttpRequest, matrix: int, review: int) -> HttpResponse:
    raise NotImplementedError
