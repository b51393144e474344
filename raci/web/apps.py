from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "raci.web"
    verbose_name = "Web"
