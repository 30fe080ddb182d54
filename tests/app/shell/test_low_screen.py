from app.shell.stations import STATIONS


def test_every_station_fits_on_a_low_screen(opened, qtbot) -> None:
    window = opened.open().window
    window.docks.views["before_after"]._pages.setCurrentIndex(1)
    for station in STATIONS:
        window.show_station(station.key)
        qtbot.wait(1)
        assert window.minimumSizeHint().height() <= 690, station.key  # 720 less a title bar
