"""The routes inside a workspace. URL name = view name = template stem; nouns; GET reads, POST changes."""

from django.urls import path

urlpatterns: list = []
