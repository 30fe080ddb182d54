"""What this program is, its version, and what it runs on."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row
from app.kit.words import size

if TYPE_CHECKING:
    from app.session.session import Session


class About(Dialog):
    """Version, licence, devices."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("About Kith"), parent, width=480)
        try:
            version = metadata.version("kith")
        except metadata.PackageNotFoundError:
            version = "?"
        devices = "\n".join(
            tr("{name}, {free} free", name=str(one["label"]), free=size(float(one["free_bytes"])))
            for one in session.catalogue.get("devices", [])
        )
        self.fill(
            label(tr("Graph learning on your own tables, on your own machine."), wrap=True),
            label(tr("Version {version}, by the Kith contributors. Licence Apache-2.0.", version=version), "muted"),
            label(tr("Python {python}, Qt {qt}", python=platform.python_version(), qt=str(qVersion())), "muted"),
            label(devices, "muted", wrap=True),
            row(None, button(tr("Close"), self.accept, primary=True)),
        )
