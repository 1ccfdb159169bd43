"""Every item of a form, once, in its own order."""

from cds.forms.form.every_item import every_item


def test_each_item_comes_before_those_that_it_holds() -> None:
    leaf = [{"linkId": "1.1.1"}]
    form = {
        "item": [
            {"linkId": "1", "item": [{"linkId": "1.1", "item": leaf}, {"linkId": "1.2"}]},
            {"linkId": "2"},
        ]
    }

    assert [item["linkId"] for item in every_item(form)] == ["1", "1.1", "1.1.1", "1.2", "2"]
    assert list(every_item({})) == []
