"""The routes inside a workspace. URL name = view name = template stem; nouns; GET reads, POST changes."""

from django.urls import URLPattern, path

from .views import (
    activities,
    arrange,
    catalogue,
    checks,
    entrance,
    exports,
    grid,
    history,
    matrices,
    references,
    roles,
    stages,
)

WORKSPACE = "w/<id:workspace>/"
MATRIX = f"{WORKSPACE}matrices/<id:matrix>/"
ACTIVITY = f"{MATRIX}activities/<id:activity>/"
ROLE = f"{MATRIX}roles/<id:role>/"
STAGE = f"{MATRIX}stages/<id:stage>/"

urlpatterns: list[URLPattern] = [
    path("", entrance.home, name="home"),
    path("sign-in/<str:token>/", entrance.sign_in_link, name="sign_in_link"),
    path(f"{WORKSPACE}notation/", grid.notation_set, name="notation_set"),
    path(MATRIX, grid.matrix, name="matrix"),
    path(f"{MATRIX}rows/", grid.rows, name="rows"),
    path(f"{MATRIX}levels/", grid.level_set, name="level_set"),
    path(f"{MATRIX}block/", grid.block_set, name="block_set"),
    path(f"{MATRIX}undo/", grid.undo, name="undo"),
    path(f"{MATRIX}redo/", grid.redo, name="redo"),
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
    path(f"{MATRIX}activities/new/", activities.activity_add, name="activity_add"),
    path(ACTIVITY, activities.activity, name="activity"),
    path(f"{ACTIVITY}panel/", activities.activity_panel, name="activity_panel"),
    path(f"{ACTIVITY}levels/", activities.activity_levels, name="activity_levels"),
    path(f"{ACTIVITY}edit/", activities.activity_edit, name="activity_edit"),
    path(f"{ACTIVITY}people/add/", activities.activity_person_add, name="activity_person_add"),
    path(f"{ACTIVITY}people/remove/", activities.activity_person_remove, name="activity_person_remove"),
    path(f"{ACTIVITY}move/", activities.activity_move, name="activity_move"),
    path(f"{ACTIVITY}remove/", activities.activity_remove, name="activity_remove"),
    path(f"{MATRIX}roles/new/", roles.role_add, name="role_add"),
    path(ROLE, roles.role, name="role"),
    path(f"{ROLE}edit/", roles.role_edit, name="role_edit"),
    path(f"{ROLE}move/", roles.role_move, name="role_move"),
    path(f"{ROLE}remove/", roles.role_remove, name="role_remove"),
    path(f"{ROLE}merge/", roles.role_merge, name="role_merge"),
    path(f"{ROLE}split/", roles.role_split, name="role_split"),
    path(f"{MATRIX}stages/new/", stages.stage_add, name="stage_add"),
    path(f"{STAGE}name/", stages.stage_rename, name="stage_rename"),
    path(f"{STAGE}move/", stages.stage_move, name="stage_move"),
    path(f"{STAGE}remove/", stages.stage_remove, name="stage_remove"),
    path(f"{MATRIX}arrange/", arrange.arrange, name="arrange"),
    path(f"{MATRIX}checks/", checks.checks, name="checks"),
    path(f"{MATRIX}checks/menu/", checks.checks_menu, name="checks_menu"),
    path(f"{MATRIX}checks/aside/", checks.finding_aside, name="finding_aside"),
    path(f"{MATRIX}checks/back/", checks.finding_back, name="finding_back"),
    path(f"{MATRIX}checks/rules/", checks.rule_switch, name="rule_switch"),
]
