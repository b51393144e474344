"""The routes of what a matrix is made of: activities, roles, stages, their order, and what the checks say of them."""

from django.urls import URLPattern, path

from .views import activities, arrange, checks, roles, stages

MATRIX = "w/<id:workspace>/matrices/<id:matrix>/"
ACTIVITY = f"{MATRIX}activities/<id:activity>/"
ROLE = f"{MATRIX}roles/<id:role>/"
STAGE = f"{MATRIX}stages/<id:stage>/"

urlpatterns: list[URLPattern] = [
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
