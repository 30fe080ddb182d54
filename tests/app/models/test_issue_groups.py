from app.models.issues import group_words


def test_groups_of_findings_have_names_that_say_what_was_found() -> None:
    assert group_words("data.row") == "Rows that were left out"
    assert group_words("data.dangling") == "Edge ends without a row of their own"
    assert group_words("data.short_header") == "Short header"
