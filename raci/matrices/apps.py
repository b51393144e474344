from django.apps import AppConfig


class MatricesConfig(AppConfig):
    name = "raci.matrices"
    verbose_name = "Matrices"
