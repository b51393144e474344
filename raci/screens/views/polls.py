"""Polls of a matrix: opening one, asking people, reminding them, closing it, and what was answered."""

from django.http import HttpRequest, HttpResponse


def poll_new(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def poll(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_naming(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_ask(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_link_new(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_link_revoke(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_remind(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_close(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_answer(request: HttpRequest, matrix: int, poll: int) -> HttpResponse:
    raise NotImplementedError
