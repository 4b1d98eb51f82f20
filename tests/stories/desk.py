"""How a person sits at a staff door in the stories: the screen, a button pressed by its words, a place by its address."""

from playwright.sync_api import Page

from todoku.sampletown.staff import sample_password

SCREEN = {"width": 1366, "height": 900}


def sign_in(page: Page, door: str, username: str) -> None:
    """Signs a person in at a door's address, by keyboard; the page then stands at a programme."""
    page.goto(f"{door}/login/")
    page.get_by_label("利用者ID").fill(username)
    page.get_by_label("パスワード").fill(sample_password())
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")


def press(page: Page, words: str) -> None:
    """Presses the first button of these words."""
    page.get_by_role("button", name=words).first.click()


def desk_key(page: Page, name: str) -> str:
    """The digit that opens a desk of the rail, as the rail says it."""
    key = page.locator(f'.rail [data-key-name="{name}へ"]').get_attribute("data-key")
    assert key, f"the desk {name} has no digit"
    return key


def goes_to(page: Page, place: str) -> None:
    """Goes to a place of the sample programme by its address."""
    page.goto(f"{page.url.split('/p/')[0]}/p/sample/{place}")
