"""The routes of the pages around the grid: the matrices, the references, history, exports and the catalogue."""

from django.urls import URLPattern, path

from .views import catalogue, exports, history, matrices, references

WORKSPACE = "w/<id:workspace>/"
MATRIX = f"{WORKSPACE}matrices/<id:matrix>/"

urlpatterns: list[URLPattern] = [
    path(WORKSPACE, matrices.matrices, name="matrices"),
    path(f"{WORKSPACE}matrices/new/", matrices.matrix_new, name="matrix_new"),
    path(f"{MATRIX}name/", matrices.matrix_rename, name="matrix_rename"),
    path(f"{MATRIX}archive/", matrices.matrix_archive, name="matrix_archive"),
    path(f"{MATRIX}bring-back/", matrices.matrix_unarchive, name="matrix_unarchive"),
    path(f"{WORKSPACE}references/", references.references, name="references"),
    path("about/references/", references.about_references, name="about_references"),
    path(f"{MATRIX}history/", history.history, name="history"),
    path(f"{MATRIX}history/take-back/", history.history_take_back, name="history_take_back"),
    path(f"{MATRIX}history/<id:revision>/", history.history_at, name="history_at"),
    path(f"{MATRIX}history/<id:revision>/restore/", history.history_restore, name="history_restore"),
    path(f"{MATRIX}export/<str:kind>/", exports.export, name="export"),
    path(f"{MATRIX}catalogue/", catalogue.catalogue, name="catalogue"),
    path(f"{MATRIX}catalogue/activities/", catalogue.catalogue_add, name="catalogue_add"),
    path(f"{MATRIX}catalogue/role/", catalogue.catalogue_role_add, name="catalogue_role_add"),
]
