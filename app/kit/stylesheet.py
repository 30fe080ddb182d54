# ruff: noqa: E501 - rows of a table of strings
"""The one stylesheet of the window, filled in from the theme's tokens."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.kit.theme import Tokens

_SHEET = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $strong_border; padding: 4px 6px; }

QDockWidget { titlebar-close-icon: none; }
QWidget#panel, QDockWidget > QWidget { background: $panel; }
QWidget#dock_title { background: $panel; border-bottom: 1px solid $border; }
QLabel#dock_title_text { color: $muted; font-size: 8pt; font-weight: 600; letter-spacing: 0.5px; }
QTabBar { background: $panel; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar:focus::tab:selected, QTabBar::tab:selected:focus { color: $focus; border-bottom: 2px solid $focus; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }

QMenuBar { background: $panel; color: $text; border-bottom: 1px solid $border; padding: 1px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $strong_border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $on_selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $border; margin: 4px 6px; }

QToolBar { background: $panel; border: none; border-bottom: 1px solid $border; padding: 4px; spacing: 4px; }
QToolBar#rail_bar { border-bottom: none; border-right: 1px solid $border; padding: 0; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 5px 9px; }
QToolButton:hover { background: $hover; }
QToolButton:checked { background: $selection; color: $on_selection; }
QToolButton:focus { border-color: $focus; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: $raised; border: 1px solid $border; border-radius: 5px; padding: 6px 14px; }
QPushButton:hover { background: $hover; border-color: $strong_border; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border-color: $focus; }
QPushButton:disabled { color: $faint; background: $panel; }
QPushButton:checked { background: $selection; color: $on_selection; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[primary="true"]:focus { border-color: $on_accent; }
QPushButton[primary="true"]:disabled { background: $raised; color: $faint; border-color: $border; }
QPushButton[flat_link="true"] { background: transparent; border: 1px solid transparent; color: $focus; padding: 2px 4px; text-align: left; }
QPushButton[flat_link="true"]:hover { text-decoration: underline; }
QPushButton[flat_link="true"]:focus { border-color: $focus; }
QPushButton[danger="true"] { color: $problem; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: $field; border: 1px solid $border; border-radius: 5px; padding: 4px 8px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: $strong_border; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border-color: $focus; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $faint; background: $panel; }
*[invalid="true"] { border-color: $problem; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url($chevron); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $strong_border; selection-background-color: $selection; selection-color: $on_selection; padding: 2px; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button { width: 0; border: none; }

QCheckBox, QRadioButton { spacing: 8px; padding: 2px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border-color: $focus; }
QCheckBox::indicator, QRadioButton::indicator, QListView::indicator { width: 15px; height: 15px; border: 1px solid $strong_border; background: $field; }
QCheckBox::indicator, QListView::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: $accent; border-color: $accent; image: url($tick); }
QRadioButton::indicator:checked { border-color: $accent; image: url($dot); }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $focus; }

QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $text; border: 3px solid $accent; }
QSlider::handle:horizontal:focus { border-color: $focus; }

QProgressBar { background: $border; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QAbstractItemView { background: $field; alternate-background-color: $panel; border: none; gridline-color: $border;
  selection-background-color: $selection; selection-color: $on_selection; }
QTableView::item, QTreeView::item, QListView::item { padding: 3px 6px; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $focus; }
QHeaderView { background: $panel; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $border; padding: 5px 8px; font-weight: 600; }
QTableCornerButton::section { background: $panel; border: none; border-bottom: 1px solid $border; }

QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget#page { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $strong_border; border-radius: 4px; margin: 2px; min-width: 24px; min-height: 24px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $border; }

QStatusBar { background: $panel; border-top: 1px solid $border; color: $muted; }
QStatusBar::item { border: none; }

QLabel#chip { background: $panel; border: 1px solid $border; border-radius: 6px; padding: 4px 10px; font-weight: 600; }
QFrame#card { background: $panel; border: 1px solid $border; border-radius: 8px; }
QFrame#drop { background: $panel; border: 2px dashed $strong_border; border-radius: 12px; }
QFrame#drop[active="true"] { border-color: $accent; background: $raised; }
QFrame#line { background: $border; max-height: 1px; min-height: 1px; border: none; }
QFrame[tone="info"] { background: $raised; border: 1px solid $border; border-radius: 6px; }
QFrame[tone="good"] { background: $good_soft; border: 1px solid $good; border-radius: 6px; }
QFrame[tone="warning"] { background: $warning_soft; border: 1px solid $warning; border-radius: 6px; }
QFrame[tone="problem"] { background: $problem_soft; border: 1px solid $problem; border-radius: 6px; }
QLabel[role="title"] { font-size: 17pt; font-weight: 600; }
QLabel[role="heading"] { font-size: 12pt; font-weight: 600; }
QLabel[role="section"] { color: $muted; font-size: 8pt; font-weight: 600; letter-spacing: 0.5px; }
QLabel[role="big"] { font-size: 15pt; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="problem"] { color: $problem; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="good"] { color: $good; }
""")


def stylesheet(t: Tokens) -> str:
    """Return the stylesheet in the colours of a token set."""
    from app.kit import icons

    words = {name: getattr(t, name) for name in t.__slots__}
    return _SHEET.substitute(
        words,
        chevron=icons.file_url("chevron-down", t.muted),
        tick=icons.file_url("check", t.on_accent),
        dot=icons.file_url("dot", t.accent),
    )
