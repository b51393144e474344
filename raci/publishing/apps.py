from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "raci.publishing"
    verbose_name = "Publishing"
