"""The small strip of buttons on a canvas: what dragging does, and how near one looks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from app.canvas.gestures import Tool
from app.canvas.graph_canvas import GraphCanvas
from app.kit import icons
from app.kit.translate import tr
from app.kit.widgets.basics import row

_ZOOM = 1.4


class ToolStrip(QFrame):
    """Pan, rectangle, lasso, moving nodes; nearer, farther, everything."""

    def __init__(self, canvas: GraphCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent or canvas)
        self.setObjectName("card")
        self._canvas = canvas
        self.buttons: dict[str, QToolButton] = {
            "pan": self._tool("hand", tr("Drag the picture (V)"), self._on_pan),
            "rectangle": self._tool(
                "rectangle", tr("Select in a rectangle (R, or Shift and drag)"), self._on_rectangle
            ),
            "lasso": self._tool("lasso", tr("Select with a lasso (L, or Ctrl and drag)"), self._on_lasso),
            "move": self._tool("move", tr("Move nodes and pin them (M, or Alt and drag)"), self._on_move),
            "nearer": self._button("plus", tr("Nearer (+)"), self._on_nearer),
            "farther": self._button("minus", tr("Farther (−)"), self._on_farther),
            "fit": self._button("fit", tr("Show everything (F)"), canvas.fit),
            "legend": self._tool("menu", tr("Legend"), self._on_legend),
        }
        self.setLayout(row(*self.buttons.values(), margins=3, spacing=1))
        self.buttons["move"].setVisible(canvas.moves_nodes)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        canvas.tool_changed.connect(self._on_tool_changed)
        self._on_tool_changed(canvas.tool)
        self.buttons["legend"].setChecked(canvas.shows_legend)
        self.adjustSize()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons in the theme's colours."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "buttons"):
            for button in self.buttons.values():
                button.setIcon(icons.icon(str(button.property("icon_name"))))
        super().changeEvent(event)

    @Slot(object)
    def _on_tool_changed(self, tool: Tool) -> None:
        for name in ("pan", "rectangle", "lasso", "move"):
            self.buttons[name].setChecked(tool.value == name)

    def show_legend(self, shown: bool) -> None:
        """Show or hide the legend."""
        self.buttons["legend"].setChecked(shown)
        self._canvas.set_legend(shown)

    @Slot()
    def _on_legend(self) -> None:
        self._canvas.set_legend(self.buttons["legend"].isChecked())

    @Slot()
    def _on_pan(self) -> None:
        self._choose(Tool.PAN)

    @Slot()
    def _on_rectangle(self) -> None:
        self._choose(Tool.RECTANGLE)

    @Slot()
    def _on_lasso(self) -> None:
        self._choose(Tool.LASSO)

    @Slot()
    def _on_move(self) -> None:
        self._choose(Tool.MOVE)

    @Slot()
    def _on_nearer(self) -> None:
        self._canvas.zoom(_ZOOM)

    @Slot()
    def _on_farther(self) -> None:
        self._canvas.zoom(1 / _ZOOM)

    def _choose(self, tool: Tool) -> None:
        self._canvas.set_tool(tool)
        self._on_tool_changed(tool)

    def _tool(self, icon: str, tip: str, slot: object) -> QToolButton:
        button = self._button(icon, tip, slot)
        button.setCheckable(True)
        return button

    def _button(self, icon: str, tip: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("icon_name", icon)
        button.setIcon(icons.icon(icon))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        return button
