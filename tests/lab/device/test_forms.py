"""Forms as they come, filled as a person fills them."""

from __future__ import annotations

from lab.device.forms import read_page

PAGE = """<!doctype html><html><head><title>Sign in</title><style>p { color: red }</style></head><body>
<h1>Welcome &amp; hello</h1>
<form method="get" action="/search"><input name="q"></form>
<p class="e" role="alert">Unable to <b>sign in</b></p>
<form method="POST" action="next?x=1&amp;y=2">
  <input type="hidden" name="state" value="a&quot;b">
  <input name="login" value="old"><input type="email" name="mail">
  <input type=password name=pw><input type="checkbox" name="stay" value="yes">
  <button type="submit">Go</button>
</form><script>var form = "<input name=evil>";</script></body></html>"""


def test_the_first_post_form_is_read_with_its_action_made_absolute() -> None:
    form = read_page(PAGE, "https://idp.example/oauth2/authorize?client=1").form
    assert form is not None
    assert form.action == "https://idp.example/oauth2/next?x=1&y=2"
    assert [field.name for field in form.fields] == ["state", "login", "mail", "pw", "stay"]
    assert form.wants_password()


def test_user_name_and_password_go_where_they_belong_and_the_rest_stays() -> None:
    form = read_page(PAGE, "https://idp.example/").form
    assert form is not None
    assert form.filled("anna", "secret") == {
        "state": 'a"b',
        "login": "anna",
        "mail": "anna",
        "pw": "secret",
        "stay": "yes",
    }


def test_a_person_sees_the_alert_and_the_text_outside_forms() -> None:
    page = read_page(PAGE, "https://idp.example/")
    assert page.alert == "Unable to sign in"
    assert page.text == "Welcome & hello Unable to sign in"


def test_a_page_without_a_form_is_its_message() -> None:
    page = read_page("<html><head><title>t</title></head><body><h1>Access<br>denied</h1></body></html>", "https://x/")
    assert page.form is None
    assert page.text == "Access denied"


def test_a_form_without_an_action_posts_to_its_own_page() -> None:
    form = read_page('<form method="post"><input name="a"></form>', "https://idp.example/here?x=1").form
    assert form is not None
    assert form.action == "https://idp.example/here?x=1"
