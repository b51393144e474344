"""A poll for whoever is asked, by a link and without an account: who they are, then activity by activity."""

from django.http import HttpRequest, HttpResponse


def guest_poll(request: HttpRequest, poll: int) -> HttpResponse:
    raise NotImplementedError


def guest_poll_activity(request: HttpRequest, poll: int, activity: int) -> HttpResponse:
    raise NotImplementedError


def guest_poll_send(request: HttpRequest, poll: int) -> HttpResponse:
    raise NotImplementedError


def guest_poll_other(request: HttpRequest, poll: int) -> HttpResponse:
    raise NotImplementedError


def poll_link(request: HttpRequest, link: str) -> HttpResponse:
    raise NotImplementedError
