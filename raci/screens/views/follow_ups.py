"""What stays open after a review, and looking back on the first version."""

from django.http import HttpRequest, HttpResponse


def open_settle(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def open_hand_over(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def look_back(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError
