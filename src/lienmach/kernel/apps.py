"""How an app declares itself: routes, ports, permissions, navigation, demo data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps

from lienmach.kernel import ports

DISCOVERED = ("events", "messages", "subscribers", "tasks")


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the left-hand navigation.

    `view` is a URL name that takes the organisation's slug; the entry shows when `permission` is granted.
    `count` (`module:function` of a scope) says how many things wait there.
    """

    label: Any
    view: str
    permission: str
    order: int = 50
    count: str = ""


class LienmachApp(AppConfig):
    """Base of every app's configuration. Deny by default: a permission nobody lists is granted to nobody.

    Attributes
    ----------
    title
        What people call the app (translatable).
    route
        First segment of its URLs.
    permissions
        Permission name -> the roles it is granted to.
    navigation
        What it adds to the left-hand navigation.
    ports
        Port (a Protocol of `kernel.ports`) -> dotted path of the object that answers it.
    demo
        `module:function` that loads the app's demo data, called as `function(demo)` in order of `demo_order`.
    """

    default = False
    default_auto_field = "django.db.models.BigAutoField"
    title: Any = ""
    route: str = ""
    permissions: Mapping[str, set[str]] = {}
    navigation: Sequence[NavigationItem] = ()
    ports: Mapping[type, str] = {}
    demo: str = ""
    demo_order: int = 50

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Mark the subclass as the one Django takes: `apps.py` holds this base class too."""
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self) -> None:
        """Import what registers itself and fill the app's ports."""
        for module in DISCOVERED:
            if find_spec(f"{self.name}.{module}") is not None:
                import_module(f"{self.name}.{module}")
        for port, path in self.ports.items():
            ports.fill(port, load(path))


def load(path: str) -> Any:
    """Return the object at `package.module:name`."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def installed() -> Iterator[LienmachApp]:
    """Yield every installed app and kernel part that declares itself, in the order of installation."""
    for config in apps.get_app_configs():
        if isinstance(config, LienmachApp):
            yield config


def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions that the installed apps grant to `role`."""
    return frozenset(
        permission
        for config in installed()
        for permission, roles in config.permissions.items()
        if role in roles
    )
