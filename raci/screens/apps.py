from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "raci.screens"
    verbose_name = "Screens"
