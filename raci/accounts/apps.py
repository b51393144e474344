from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "raci.accounts"
    verbose_name = "Accounts"
