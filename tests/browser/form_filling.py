"""A form opened by itself in a real page, as the pages and telephones open it."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Locator, Page

from tests.browser.visiting import Visitors

TODAY: Final = "2026-12-01"
_OPEN: Final = """async (given) => {
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: `${window.scripts}static/forms/forms.css` });
  const loaded = new Promise((resolve) => style.addEventListener("load", resolve));
  document.head.append(style);
  await loaded;
  const { openForm } = await import(`${window.scripts}static/forms/form.js`);
  const main = document.getElementById("main");
  window.form = openForm(given);
  const page = document.createElement("div");
  page.className = "page";
  page.append(window.form.element);
  main.replaceChildren(page);
}"""


def open_form(visitors: Visitors, tree: dict[str, Any], device: str = "tall", **given: Any) -> Page:
    """A page that holds a form and nothing else."""
    page = visitors.open("/login", None, device, **given.pop("context", {}))
    page.evaluate(_OPEN, {"tree": tree, "today": TODAY, **given})
    return page


def result(page: Page) -> dict[str, Any]:
    """What the form gives to be sent."""
    kept: dict[str, Any] = page.evaluate("window.form.result()")
    return kept


def show_faults(page: Page) -> None:
    """What pressing save does where something is wrong."""
    page.evaluate("window.form.show(window.form.result().faults)")


def question(page: Page, label: str) -> Locator:
    """The question of a label."""
    words = page.locator(".words", has_text=label)
    return page.locator(".question:visible").filter(has=words).first


def tree_of(items: list[dict[str, Any]], choices: dict[str, Any] | None = None) -> dict[str, Any]:
    """A form of some questions."""
    return {
        "format": 1,
        "code": "sample",
        "title": {"zh": "样表"},
        "languages": ["zh"],
        "settings": {"subject": "household", "purpose": "registration"},
        "items": items,
        "choices": choices or {},
    }


def asked(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    """One question."""
    return {"kind": "question", "name": name, "type": kind, "label": {"zh": label}, **more}
