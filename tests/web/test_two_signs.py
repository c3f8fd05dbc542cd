"""What isn't shown bears one of two signs in every answer, and neither says that a figure is small."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import pytest
from flask import render_template
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.analysis.withheld import Withheld
from gisgrid.cases.core.models import Case, Category
from gisgrid.days import period
from gisgrid.indicators.organisation_words import COUNTS
from gisgrid.indicators.organisations import OrganisationMonth
from gisgrid.labels.figures import WITHHELD
from tests.web.browsing import services_of
from tests.web.test_differencing import Attack, nearly_empty, site  # noqa: F401 - the fixtures
from web.i18n import label
from web.organisations.api import flat_row, words_of_numbers
from web.prints import report

SIGNS: Final = {one.value for one in Withheld}
QUARTER: Final = "from=2026-07-01&to=2026-09-30&compare=previous"
TABLES: Final = (
    "areas?level=grid&simplify=50",
    "areas?level=micro_grid&simplify=50",
    "areas?level=grid&simplify=50&as_of=2026-10-01",
    "coverage/elderly?distance=500",
    "coverage/elderly?distance=500&as_of=2026-10-01",
    "territories",
    "renovation",
    "completeness?level=grid",
    "indicators?by=grid",
    "records/figures",
    "records/figures?from=2026-10-01",
)
FILES: Final = (
    "coverage/elderly.csv?distance=500",
    "territories.csv",
    "records/figures.csv?form=visit5",
)


def rows_in(found: Any) -> Iterator[dict[str, Any]]:
    """Every row that says what of it is withheld."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "suppressed" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def confidential(app: OpenAPI) -> str:
    """The confidential category with the most cases."""
    with services_of(app).database.read() as session:
        statement = select(Category.code).join(Case, Case.category_code == Category.code)
        codes = list(session.scalars(statement.where(Category.is_confidential)))
    return max(set(codes), key=codes.count)


@pytest.mark.parametrize("name", ["leader", "member01"])
def test_every_withheld_figure_is_null_named_and_signed(site: OpenAPI, name: str) -> None:  # noqa: F811
    attack = Attack(site, name)
    code = confidential(site)
    asked = [*TABLES, f"hotspots?category={code}&{QUARTER}", f"hotspots?category={code}&from=2026-07-02"]
    asked += [f"plans/{attack.plan}/impact", f"areas?plan={attack.plan}"] if name == "leader" else []
    seen = set()
    for path in asked:
        answer = attack.client.get(f"/api/v1/{path}", headers=attack.headers)
        if answer.status_code == 403:
            continue
        assert "<5" not in answer.text, path
        rows = list(rows_in(answer.json))
        assert rows, path
        for row in rows:
            assert all(row[figure] is None for figure in row["suppressed"]), (path, row)
            assert (row["reason"] in SIGNS) if row["suppressed"] else row["reason"] is None, (path, row)
            seen.add(row["reason"])
    assert seen == {*SIGNS, None}


def test_what_waits_for_its_quarter_says_so_and_a_told_quarter_does_not(site: OpenAPI) -> None:  # noqa: F811
    attack = Attack(site, "leader")
    code = confidential(site)
    running = attack.ask(f"hotspots?category={code}&from=2026-10-01&to=2026-11-24")["rows"]
    assert {row["reason"] for row in running} == {"整季度结束后可见"}
    over = attack.ask(f"hotspots?category={code}&{QUARTER}")["rows"]
    assert {row["reason"] for row in over} == {None, "不显示"}
    past = attack.ask(f"hotspots?category={code}&{QUARTER}&as_of=2026-11-01")["rows"]
    assert {row["reason"] for row in past} == {"不显示"}


def test_small_figures_and_their_shadows_are_written_alike(site: OpenAPI) -> None:  # noqa: F811
    """The head's exact figures tell which hidden ones are small and which not: the leader's files don't."""
    attack = Attack(site, "leader")
    path = "coverage/elderly"
    exact = {
        row["code"]: row["elders"]
        for row in attack.client.get(f"/api/v1/{path}?distance=500", headers=attack.heads).json["rows"]
    }
    for form in (f"{path}.csv?distance=500",):
        text = attack.client.get(f"/api/v1/{form}", headers=attack.headers).text.lstrip("\ufeff")
        told = {row["code"]: row["elders"] for row in csv.DictReader(io.StringIO(text))}
        written = {is_small: set() for is_small in (True, False)}
        for code, value in told.items():
            if not value.isdecimal():
                written[exact[code] < 5].add(value)
        assert written[True] == written[False] == {"不显示"}
    for form in FILES:
        text = attack.client.get(f"/api/v1/{form}", headers=attack.headers).text
        assert "<5" not in text
        assert "不显示" in text, form


def test_the_printed_sheet_bears_the_sign_and_says_what_it_means(site: OpenAPI) -> None:  # noqa: F811
    attack, found = Attack(site, "leader"), services_of(site)
    with site.test_request_context("/"), found.database.write() as session:
        view = attack.view(session, "leader")
        span = period(None, None, today=view.when.day, tz=view.tz)
        for name in ("elderly", "territories"):
            paper = report(view, name, span, now=found.clock())
            told = {str(value) for row in paper.rows for value in row.values()}
            assert "不显示" in told, name
            assert "<5" not in told
        elderly = report(view, "elderly", span, now=found.clock())
    assert [one.is_hatched for one in elderly.classes if one.label == "不显示"] == [True]
    assert not any("5" in one.label and one.is_hatched for one in elderly.classes)


def test_both_signs_have_english_words(site: OpenAPI) -> None:  # noqa: F811
    with site.test_request_context("/", headers={"Cookie": "lang=en"}):
        assert [label(WITHHELD, one) for one in Withheld] == ["not shown", "shown once the quarter is over"]


def test_a_number_that_an_organisation_may_not_know_of_itself_bears_the_sign(lite_app: OpenAPI) -> None:
    """Of fewer than 5 errands not even how many were rated low; a dash would say that there is nothing."""
    month = OrganisationMonth(
        account="a",
        name="示例单位",
        role=Role.ORG,
        behind={one.code: [] for one in COUNTS},
        hidden=frozenset({"dissatisfied"}),
    )
    with lite_app.test_request_context("/"):
        assert flat_row(month, "2026-10")["dissatisfied"] == "不显示"
        sheet = render_template(
            "organisations/list_pdf.html",
            months=[month],
            month="2026-10",
            counts=words_of_numbers()[: len(COUNTS)],
            shares=words_of_numbers()[len(COUNTS) :],
            community=None,
            printed_by="示例单位",
            printed_at="2026-11-24 08:00",
        )
    assert sheet.count("不显示") == 1
