"""What a line chart shows of its curves."""

import pytest

from app.kit.widgets.chart import Curve, LineChart, extent


def _curve(values: list[float]) -> Curve:
    return Curve("loss", list(enumerate(values)), 0)


def test_a_steep_beginning_does_not_press_the_rest_flat() -> None:
    low, high = extent([_curve([300.0, 40.0, 9.0, 3.0, 2.0] + [1.0 + (k % 5) / 10 for k in range(95)])])
    assert low == pytest.approx(1.0)
    assert high < 3.0


def test_a_beginning_near_the_rest_is_shown_whole() -> None:
    assert extent([_curve([2.0, 1.9, 1.8, 1.7, 1.6] + [1.5 - k / 100 for k in range(60)])]) == pytest.approx(
        (0.91, 2.0)
    )


@pytest.mark.parametrize(
    ("values", "shown"), [([], (0.0, 1.0)), ([0.5], (0.0, 1.0)), ([float("nan"), 2.0], (1.5, 2.5))]
)
def test_few_values_have_an_axis_too(values: list[float], shown: tuple[float, float]) -> None:
    assert extent([_curve(values)] if values else []) == pytest.approx(shown)


def test_names_of_curves_stay_inside_a_low_chart(qtbot) -> None:
    chart = LineChart("Score", "epoch")
    qtbot.addWidget(chart)
    chart.resize(400, 110)
    points = [(epoch, epoch / 40) for epoch in range(40)]
    with qtbot.waitExposed(chart):
        chart.show()
    chart.show_curves([Curve("first", points, 0), Curve("second", points, 1)])
    chart.draw()
    qtbot.wait(50)
    chart.resize(401, 110)  # now that the plot has its own layout
    box = chart._plot.getViewBox().sceneBoundingRect()
    air = 4  # which a text has around its letters
    for name in chart._names:
        assert name.mapRectToScene(name.boundingRect()).top() + air >= box.top() - 1
