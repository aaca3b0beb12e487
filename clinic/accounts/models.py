"""People who sign in. The e-mail address is the name; nobody has a password (docs/adr/0001-no-passwords.md)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clinic.accounts.roles import PATIENT, ROLES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, **fields: Any) -> "User":
        """A new user with no usable password; `email` is kept in lower case. Raises ValidationError when not an address."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        default_permissions = ()
        permissions = [("manage_users", "Invite colleagues and set their roles")]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"),
            models.CheckConstraint(condition=models.Q(roles__contained_by=Role.values), name="user_roles_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the user works here, in any role."""
        return bool(self.roles)

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Whether one of the user's roles, or being a signed-in person at all, grants "app.codename"."""
        return self.is_active and any(permission in ROLES[role] for role in (PATIENT, *self.roles))

    def has_perms(self, permissions: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)
