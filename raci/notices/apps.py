from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "raci.notices"
    verbose_name = "Notices"
