"""The reference page and the description that it is made of."""

import re

import pytest


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_the_page_consists_of_our_own_files(api, prefix):
    page = api.get(f"{prefix}/apidocs").expect(200)
    assert page.headers["Content-Type"].startswith("text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    links = re.findall(r'(?:href|src)="([^"#]+)"', page.text)
    assert "apidocs/reference.js" in links and "apidocs/reference.css" in links
    assert "<script>" not in page.text and "style=" not in page.text
    for link in links:
        assert "//" not in link  # nothing comes from elsewhere
        api.get(f"{prefix}/{link}").expect(200)


def test_its_script_reads_nothing_else(api):
    script = api.get("/apidocs/reference.js").expect(200)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "innerHTML" not in script.text
    assert re.findall(r"fetch\((.*?)\)", script.text) == ['"openapi.json"']


@pytest.mark.parametrize("name", ["reference.txt", "..%2Fconfig", "x"])
def test_no_other_file(api, name):
    api.get(f"/apidocs/{name}").expect(404)
