"""What goes on is told at the foot of the window, which does not grow by it."""


def test_many_jobs_at_once_do_not_widen_the_window(opened, qtbot) -> None:
    start = opened.open()
    window, jobs = start.window, start.session.jobs
    bar = window.statusBar()
    for number in range(5):
        jobs.submit("layout", {}, title=f"A job with quite a long title, number {number}")
    going_on = [job for job in jobs.active() if job.lane != "drawing"]
    qtbot.waitUntil(lambda: len(bar.job_texts()) == 3, timeout=5_000)
    assert bar.job_texts()[0].startswith(going_on[0].title)
    assert bar._more.isVisible()
    assert bar._more.text() == f"{len(going_on) - 3} more"
    assert bar.minimumSizeHint().width() < 900
    for job in going_on:
        jobs.cancel(job)
