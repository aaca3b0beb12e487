"""What changes accounts."""

from clinic.accounts.models import User


def ensure_account(email: str) -> None:
    """An account for `email`, made when there is none. It can do nothing until its owner has typed the emailed code."""
    if not User.objects.filter(email=email.lower()).exists():
        User.objects.bulk_create([_nameless(email)], ignore_conflicts=True)  # two requests at once make one


def _nameless(email: str) -> User:
    user = User(email=email.lower())
    user.set_unusable_password()
    return user
