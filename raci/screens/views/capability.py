"""What each role carries and how many it is, how well it can lead what it leads, and leading elsewhere for now."""

from django.http import HttpRequest, HttpResponse


def capability(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def capability_rate(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError


def lead_elsewhere(request: HttpRequest, matrix: int) -> HttpResponse:
    raise NotImplementedError
