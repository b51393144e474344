from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "raci.reviews"
    verbose_name = "Reviews"
