from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "raci.workspaces"
    verbose_name = "Workspaces"
