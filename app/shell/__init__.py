"""The main window: stations, docks, menus, palette, status bar. It knows no dataset."""
