"""The routes inside a workspace. URL name = view name = template stem; nouns; GET reads, POST changes."""

from django.urls import URLPattern, path

from .urls_pages import urlpatterns as pages
from .urls_structure import urlpatterns as structure
from .views import entrance, grid

MATRIX = "w/<id:workspace>/matrices/<id:matrix>/"

urlpatterns: list[URLPattern] = [
    path("", entrance.home, name="home"),
    path("sign-in/<str:token>/", entrance.sign_in_link, name="sign_in_link"),
    path("w/<id:workspace>/notation/", grid.notation_set, name="notation_set"),
    path(MATRIX, grid.matrix, name="matrix"),
    path(f"{MATRIX}rows/", grid.rows, name="rows"),
    path(f"{MATRIX}levels/", grid.level_set, name="level_set"),
    path(f"{MATRIX}block/", grid.block_set, name="block_set"),
    path(f"{MATRIX}undo/", grid.undo, name="undo"),
    path(f"{MATRIX}redo/", grid.redo, name="redo"),
    *pages,
    *structure,
]
