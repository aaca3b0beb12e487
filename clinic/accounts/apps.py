from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clinic.accounts"

    def ready(self) -> None:
        from clinic.accounts import checks  # noqa: F401  # registers them
