"""One table per enumeration: every member has its word, in both languages, and nothing else writes it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from flask_openapi3.openapi import OpenAPI

import gisgrid.labels
from data.exporters.layers import LAYERS
from data.importers.kinds.fields import KINDS
from data.uploads.store import Work
from gisgrid.access.models import DutyKind, Role
from gisgrid.access.tokens import ApiPart
from gisgrid.analysis.coverage import Reason
from gisgrid.analysis.withheld import Withheld
from gisgrid.analysis.workload import NormClass
from gisgrid.areas.models import GridType, Level
from gisgrid.cases.core.case_state import (
    GIVEN_CHANNELS,
    HANDED_OVER,
    IMPORTED,
    REPORTED,
    Channel,
    Net,
    Resolution,
    Supervision,
)
from gisgrid.cases.core.outbox_models import HookEvent
from gisgrid.cases.core.rules import CaseAction, CaseState, Severity
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.deadlines.levels import WarningLevel
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.deadlines.workdays import Holidays
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.cases.disputes.pipeline import DisputeStage, DisputeStep, Grade, MediationOutcome
from gisgrid.cases.lists.order import CaseOrder
from gisgrid.cases.photos.models import PhotoKind
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.figures.elder_visits import ElderState
from gisgrid.figures.gaps import GapStep
from gisgrid.forms.tasks.facts import FACTS
from gisgrid.forms.tasks.model import SpanEnd, TaskState
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.forms.tree_changes import FormPart, ItemPart
from gisgrid.indicators.evaluation.rules import CheckResult
from gisgrid.indicators.groups import Borders, By
from gisgrid.labels import (
    access,
    areas,
    audit,
    care,
    cases,
    columns,
    disputes,
    figures,
    files,
    forms,
    offline,
    outward,
    people,
    places,
    redraw,
    tasks,
    workforce,
)
from gisgrid.labels.table import Labels
from gisgrid.offline.devices import DeviceState
from gisgrid.people.core.contract_rules import ContractState, HomeService
from gisgrid.people.core.edit_models import DoorNoteKind, DoorOutcome
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.need_models import ServerKind
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.request_rules import Mediator, RequestOutcome, RequestState
from gisgrid.people.core.rules import ConsentStatus, ResidenceStatus
from gisgrid.people.doors.rules import DoorState
from gisgrid.people.edits.duplicates import Likeness
from gisgrid.people.edits.fields import NEEDS
from gisgrid.places.models import Condition, FacilityType, HouseholdKind
from gisgrid.records.core.rules import Excuse, OutwardRows, RoundState, SubjectKind, VersionState
from gisgrid.records.lists.visit_courses import VisitStep, VisitStepState
from gisgrid.records.outward.sheets import OutwardPeople
from gisgrid.records.publication.queries import VersionStep
from gisgrid.redraw.plans.models import NoteKind, PlanState
from gisgrid.redraw.proposals.models import JobKind
from gisgrid.redraw.proposals.wishes import Barriers, BarrierSource, FewChanges, Start
from gisgrid.welfare.rules import VisitorKind
from layers.cases import STAGE_COLOURS
from layers.hotspots import BUILT
from tests import ROOT
from web.exports.answer import FORMATS
from web.records.task_rule_pages import NUMBERS
from web.words.script_labels import script_labels

NOT_ASKED: Final = {"not_asked"}
OTHER_EVENTS: Final = {
    *(REPORTED, IMPORTED, HANDED_OVER, "urge", "place", "place_back"),
    *("publish", "unpublish", "redact", "photo", "me_too"),
}
LEVELS_OF_ROWS: Final = {By.GRID, By.SUB_AREA, By.COMPOUND}

TABLES: Final[dict[str, tuple[Labels, Iterable[str]]]] = {
    "access.API_PARTS": (access.API_PARTS, ApiPart),
    "access.ROLES": (access.ROLES, Role),
    "areas.GRID_TYPES": (areas.GRID_TYPES, GridType),
    "areas.LEVELS": (areas.LEVELS, Level),
    "cases.CASE_EVENTS": (cases.CASE_EVENTS, {*CaseAction, *ErrandStep, *OTHER_EVENTS}),
    "cases.CASE_ORDERS": (cases.CASE_ORDERS, CaseOrder),
    "cases.CASE_STAGES": (cases.CASE_STAGES, STAGE_COLOURS),
    "cases.CASE_STATES": (cases.CASE_STATES, CaseState),
    "cases.CASE_STEPS": (cases.CASE_STEPS, CaseAction),
    "cases.ERRAND_STEPS": (cases.ERRAND_STEPS, ErrandStep),
    "cases.FEEDBACK_CHANNELS": (cases.FEEDBACK_CHANNELS, Channel),
    "cases.HOLIDAYS": (cases.HOLIDAYS, Holidays),
    "cases.HOOK_EVENTS": (cases.HOOK_EVENTS, HookEvent),
    "cases.HOTLINE_CLASSES": (cases.HOTLINE_CLASSES, HotlineClass),
    "cases.LIMIT_UNITS": (cases.LIMIT_UNITS, {*LimitUnit, "minute", "clock"}),
    "cases.NETS": (cases.NETS, Net),
    "cases.OWN_ERRAND_STEPS": (
        cases.OWN_ERRAND_STEPS,
        {ErrandStep.RECEIPT, ErrandStep.START, ErrandStep.FINISH},
    ),
    "cases.PHOTO_KINDS": (cases.PHOTO_KINDS, PhotoKind),
    "cases.RECEIPT_EVENTS": (cases.RECEIPT_EVENTS, cases.CASE_EVENTS),
    "cases.RECEIPT_STATES": (cases.RECEIPT_STATES, CaseState),
    "cases.RESOLUTIONS": (cases.RESOLUTIONS, Resolution),
    "cases.SEVERITIES": (cases.SEVERITIES, Severity),
    "cases.SOURCES": (cases.SOURCES, CaseSource),
    "cases.SUPERVISION": (cases.SUPERVISION, Supervision),
    "cases.TASK_STATES": (
        cases.TASK_STATES,
        {"given", "receipted", "started", "late", "finished", "returned", "withdrawn"},
    ),
    "cases.WARNING_LEVELS": (cases.WARNING_LEVELS, WarningLevel),
    "disputes.DISPUTE_STAGES": (disputes.DISPUTE_STAGES, DisputeStage),
    "disputes.DISPUTE_STEPS": (disputes.DISPUTE_STEPS, DisputeStep),
    "disputes.FOLLOW_UP_CHANNELS": (disputes.FOLLOW_UP_CHANNELS, GIVEN_CHANNELS),
    "disputes.GRADES": (disputes.GRADES, Grade),
    "disputes.MEDIATION_OUTCOMES": (disputes.MEDIATION_OUTCOMES, MediationOutcome),
    "disputes.MEDIATION_RESULTS": (disputes.MEDIATION_RESULTS, MediationOutcome),
    "disputes.SPECIALTIES": (disputes.SPECIALTIES, {"special", "any", "other"}),
    "figures.BORDERS": (figures.BORDERS, Borders),
    "figures.CHECK_RESULTS": (figures.CHECK_RESULTS, CheckResult),
    "figures.GAP_STEPS": (figures.GAP_STEPS, GapStep),
    "figures.INDICATOR_GROUPS": (figures.INDICATOR_GROUPS, set(By) - LEVELS_OF_ROWS),
    "figures.UNITS": (
        figures.UNITS,
        {"buildings", "cases", "households", "people", "places", "records"},
    ),
    "figures.UNREACHED": (figures.UNREACHED, Reason),
    "figures.WITHHELD": (figures.WITHHELD, Withheld),
    "files.EXPORT_FORMATS": (files.EXPORT_FORMATS, FORMATS),
    "files.DATE_FORMS": (files.DATE_FORMS, {"mdy", "dmy"}),
    "files.FORMAT_NOTES": (files.FORMAT_NOTES, FORMATS),
    "files.HAS_LIFT": (files.HAS_LIFT, {"yes", "no"}),
    "files.IMPORT_KINDS": (files.IMPORT_KINDS, KINDS),
    "files.IMPORT_NOTES": (files.IMPORT_NOTES, KINDS),
    "files.IMPORT_WORKS": (files.IMPORT_WORKS, Work),
    "files.LAYER_NOTES": (files.LAYER_NOTES, LAYERS),
    "files.YES_NO": (files.YES_NO, {"yes", "no"}),
    "forms.FORM_PARTS": (forms.FORM_PARTS, FormPart),
    "forms.FORM_SUBJECTS": (forms.FORM_SUBJECTS, SubjectKind),
    "forms.ITEM_PARTS": (forms.ITEM_PARTS, ItemPart),
    "forms.VERSION_STATES": (forms.VERSION_STATES, VersionState),
    "forms.VERSION_STEPS": (forms.VERSION_STEPS, VersionStep),
    "outward.OUTWARD_PEOPLE": (outward.OUTWARD_PEOPLE, OutwardPeople),
    "outward.OUTWARD_ROWS": (outward.OUTWARD_ROWS, OutwardRows),
    "people.CONSENT": (people.CONSENT, {*ConsentStatus, *NOT_ASKED}),
    "people.CONSENT_IN_FILES": (people.CONSENT_IN_FILES, {*ConsentStatus, *NOT_ASKED}),
    "people.CONSENT_ON_CARDS": (
        people.CONSENT_ON_CARDS,
        {*ConsentStatus, "registered", "not_registered"},
    ),
    "people.CONTRACT_STATES": (people.CONTRACT_STATES, ContractState),
    "people.ERASURE_STATES": (people.ERASURE_STATES, ErasureState),
    "people.HOME_SERVICES": (people.HOME_SERVICES, HomeService),
    "people.MEDIATORS": (people.MEDIATORS, Mediator),
    "people.PURPOSES": (people.PURPOSES, Purpose),
    "people.REQUEST_OUTCOMES": (people.REQUEST_OUTCOMES, RequestOutcome),
    "people.DOORS": (people.DOORS, DoorState),
    "people.DOOR_NOTES": (people.DOOR_NOTES, DoorNoteKind),
    "people.DOOR_OUTCOMES": (people.DOOR_OUTCOMES, DoorOutcome),
    "people.LIKENESS": (people.LIKENESS, Likeness),
    "people.REQUEST_STATES": (people.REQUEST_STATES, RequestState),
    "people.RESIDENCE": (people.RESIDENCE, ResidenceStatus),
    "people.RESIDENCE_IN_FILES": (people.RESIDENCE_IN_FILES, ResidenceStatus),
    "people.SEXES": (people.SEXES, {"m", "f"}),
    "care.ELDER_STATES": (care.ELDER_STATES, ElderState),
    "care.NEED_KINDS": (care.NEED_KINDS, set(NEEDS)),
    "care.SERVERS": (care.SERVERS, ServerKind),
    "offline.DEVICE_STATES": (offline.DEVICE_STATES, DeviceState),
    "people.VISITORS": (people.VISITORS, VisitorKind),
    "places.BUILT_UNTIL": (places.BUILT_UNTIL, map(str, BUILT)),
    "places.CONDITIONS": (places.CONDITIONS, Condition),
    "places.FACILITY_SERVES": (places.FACILITY_SERVES, FacilityType),
    "places.FACILITY_SIGNS": (places.FACILITY_SIGNS, FacilityType),
    "places.FACILITY_TYPES": (places.FACILITY_TYPES, FacilityType),
    "places.GROUND": (places.GROUND, {"building", "street", "water", "green"}),
    "places.HOUSEHOLD_KINDS": (places.HOUSEHOLD_KINDS, HouseholdKind),
    "places.LOCATED": (places.LOCATED, {"household", "building", "compound", "case"}),
    "places.MAP_LAYERS": (places.MAP_LAYERS, {"buildings", "streets", "labels", "facilities"}),
    "redraw.BARRIERS": (redraw.BARRIERS, Barriers),
    "redraw.BARRIER_SOURCES": (redraw.BARRIER_SOURCES, BarrierSource),
    "redraw.FEW_CHANGES": (redraw.FEW_CHANGES, FewChanges),
    "redraw.HANDOVER_WORDS": (redraw.HANDOVER_WORDS, {"gives", "takes", "household", "case"}),
    "redraw.PLAN_NOTES": (redraw.PLAN_NOTES, NoteKind),
    "redraw.PLAN_STATES": (redraw.PLAN_STATES, PlanState),
    "redraw.PROPOSALS": (redraw.PROPOSALS, JobKind),
    "redraw.STARTS": (redraw.STARTS, Start),
    "tasks.EXCUSES": (tasks.EXCUSES, Excuse),
    "tasks.ROUND_STATES": (tasks.ROUND_STATES, RoundState),
    "tasks.FACT_WORDS": (tasks.FACT_WORDS, FACTS),
    "tasks.FIELD_TASK_STATES": (tasks.FIELD_TASK_STATES, TaskState),
    "tasks.RULE_FIELDS": (tasks.RULE_FIELDS, {"who", "form", *NUMBERS}),
    "tasks.RULE_REASONS": (tasks.RULE_REASONS, {row.rule.code for row in shipped_rules()}),
    "tasks.VISIT_STEPS": (tasks.VISIT_STEPS, VisitStep),
    "tasks.VISIT_STEP_STATES": (tasks.VISIT_STEP_STATES, VisitStepState),
    "tasks.SHIPPED_RULES": (tasks.SHIPPED_RULES, {row.rule.code for row in shipped_rules()}),
    "tasks.SPAN_ENDS": (tasks.SPAN_ENDS, SpanEnd),
    "workforce.DUTIES": (workforce.DUTIES, DutyKind),
    "workforce.DUTIES_IN_FILES": (workforce.DUTIES_IN_FILES, DutyKind),
    "workforce.NORM_CLASSES": (workforce.NORM_CLASSES, NormClass),
}
OPEN: Final = {
    "outward.HARDSHIPS": outward.HARDSHIPS,
    "outward.INCOME": outward.INCOME,
    "outward.OUTWARD_FORM_FIELDS": outward.OUTWARD_FORM_FIELDS,
    "outward.UNREGISTERED": outward.UNREGISTERED,
    "audit.ACTIONS": audit.ACTIONS,
    "audit.OBJECT_KINDS": audit.OBJECT_KINDS,
    "files.FILE_CRS": files.FILE_CRS,
    "files.IMPORT_COUNTS": files.IMPORT_COUNTS,
    "files.UNDO_NOTES": files.UNDO_NOTES,
}
"""Vocabularies without an enumeration; whether every action has a word is tried in ``test_action_words``."""
FIELDS: Final = {
    "audit.DATA": audit.DATA,
    "outward.OUTWARD_FIELDS": outward.OUTWARD_FIELDS,
    "columns.COLUMNS": columns.COLUMNS,
    "people.REGISTER_FIELDS": people.REGISTER_FIELDS,
}
"""Names of fields and columns, which forms and pages bear too."""
IN_FILES: Final = {
    "outward.INCOME",
    *("areas.GRID_TYPES", "disputes.GRADES", "disputes.MEDIATION_RESULTS", "files.HAS_LIFT"),
    *("people.CONSENT_IN_FILES", "people.RESIDENCE_IN_FILES"),
    "workforce.DUTIES_IN_FILES",
}
"""Words that no page tells in English: of files, of stored texts, of grades that a community may rename."""

HEADINGS: Final = {
    *(
        "上报",
        "上报案件",
        "上门核实",
        "住户",
        "住户(户)",
        "公开说明",
        "关闭",
        "划分方案",
        "区域",
        "反馈",
        "回访",
    ),
    *(
        "地块",
        "大类",
        "导入",
        "已上报",
        "操作记录",
        "撤回公开说明",
        "收回",
        "改位置",
        "数据库",
        "无",
        "月份",
        "有",
    ),
    *(
        "服务设施",
        "案件",
        "案件类别",
        "楼栋",
        "电话",
        "登录",
        "移交",
        "类别",
        "网格",
        "网格划分",
        "网格员",
        "老人探访",
    ),
    *(
        "评价",
        "责任人",
        "账号",
        "资料",
        "资料导入",
        "超期",
        "退回",
        "道路",
        "在岗人员",
        "工作人员",
        "小区",
        "接收",
    ),
    *("社区", "令牌", "保密", "条"),
}
"""Words of members that also head a page, a column or a field, or stand on a button of another meaning."""
ELSEWHERE: Final = {
    "data/importers/kinds/case_states.py": "parts of the words by which other systems say a state",
    "data/importers/kinds/cases.py": "parts of headers by which a file of petitions is known",
    "data/importers/kinds/deadlines.py": "units in which other systems write a limit",
    "data/importers/values/values.py": "every way of writing yes and no",
    "gisgrid/analysis/withheld.py": "the codes of the two signs are their words",
    "gisgrid/indicators/organisation_words.py": "names of figures, in both languages, in one place",
    "gisgrid/indicators/words.py": "names of figures, in both languages, in one place",
    "gisgrid/places/address_base.py": "parts of addresses",
    "web/organisations/templates/organisations/list.html": "the code of a sign is its word",
    "web/organisations/templates/organisations/list_pdf.html": "the code of a sign is its word",
}
CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def module_tables() -> dict[str, Labels]:
    """Every public table of the package."""
    return {
        f"{module.name}.{name}": table
        for module in pkgutil.iter_modules(gisgrid.labels.__path__)
        for name, table in vars(importlib.import_module(f"gisgrid.labels.{module.name}")).items()
        if name.isupper() and isinstance(table, dict) and not name.endswith("_SYNONYMS")
        if table is not disputes.FEEDBACK_CHANNELS or module.name == "cases"
        if table is not cases.WARNING_LEVELS or module.name == "cases"
    }


def test_every_table_is_held_against_its_enumeration() -> None:
    assert set(module_tables()) == {*TABLES, *OPEN, *FIELDS}


@pytest.mark.parametrize(("table", "codes"), TABLES.values(), ids=TABLES)
def test_every_member_has_its_word(table: Labels, codes: Iterable[str]) -> None:
    assert set(table) == set(codes)
    assert all(table.values())


@cache
def english() -> dict[str, str]:
    with (ROOT / "web/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@pytest.mark.parametrize("name", sorted({*TABLES, *OPEN, *FIELDS} - IN_FILES))
def test_every_word_has_an_english_one(name: str) -> None:
    words = {word for word in module_tables()[name].values() if CHINESE.search(word)}
    assert {word for word in words if not english().get(word)} == set()


def test_scripts_get_their_tables_in_the_language_of_the_page(lite_app: OpenAPI) -> None:
    with lite_app.test_request_context():
        told = {language: script_labels(language) for language in ("zh", "en")}
    assert dict(told["zh"]["case_states"]) == cases.CASE_STATES
    assert dict(told["en"]["severities"])["small"] == english()["小事"]
    used = set[str]()
    for path in scripts():
        used |= set(re.findall(r'word(?:s)?Of\("(\w+)"\)', path.read_text(encoding="utf-8")))
        used |= set(re.findall(r'wordsOf\(\w+ \? "(\w+)"', path.read_text(encoding="utf-8")))
        used |= set(re.findall(r'wordsOf\(\w+ \? "\w+" : "(\w+)"', path.read_text(encoding="utf-8")))
    assert used == set(told["zh"]) == set(told["en"])


def scripts() -> list[Path]:
    return [path for path in (ROOT / "web").rglob("*.js") if "vendor" not in path.parts]


def sources() -> Iterator[tuple[str, str]]:
    """Every source file beside the tables, the demo's texts and the migrations, with its text."""
    for package in ("gisgrid", "web", "data", "layers"):
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            aside = ("gisgrid/labels/", "gisgrid/storage/migrations/", "data/demo/", "web/static/vendor/")
            if path.suffix in {".py", ".js", ".html"} and not name.startswith(aside):
                yield name, path.read_text(encoding="utf-8")


def literals(name: str, text: str) -> set[str]:
    """The texts written out in a source file."""
    if name.endswith(".py"):
        nodes = ast.walk(ast.parse(text))
        return {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {one or other for one, other in re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'", text)}


def test_no_word_of_an_enumeration_stands_in_another_source() -> None:
    words = {word for table, _codes in TABLES.values() for word in table.values() if CHINESE.search(word)}
    found = {
        name: left
        for name, text in sources()
        if (left := (literals(name, text) & words) - HEADINGS) and name not in ELSEWHERE
    }
    assert found == {}, "take it from its table in gisgrid.labels"


def test_no_source_writes_a_code_beside_its_word() -> None:
    """Whatever else a word may head: beside its own code it is a second table."""
    tables = [*(table for table, _codes in TABLES.values()), *OPEN.values()]
    found = {
        (name, code)
        for name, text in sources()
        if name not in ELSEWHERE
        for said in [literals(name, text)]
        for table in tables
        for code, word in table.items()
        if word in said and CHINESE.search(word) and stands_beside(code, word, text)
    }
    assert found == BESIDE


def stands_beside(code: str, word: str, text: str) -> bool:
    """Whether a code is told by a word: ``code: _("word")``, ``("code", "word")``, ``value="code">…word``."""
    between = r"""["']?(?:[\]:,>\s]|=>|\(\)|<span>)+(?:[\[({\s]|_\()*"""
    return re.search(rf"""\b{re.escape(code)}{between}["']{re.escape(word)}["']""", text) is not None


BESIDE: Final = {
    *(("data/exporters/layers.py", code) for code in ("member", "compound", "phone", "category", "building")),
    ("data/exporters/tables.py", "community"),
    ("web/appraisals/templates/appraisals/list.html", "month"),
    ("web/cases/templates/cases/_report_form.html", "category"),
    ("web/disputes/templates/disputes/new.html", "category"),
    *(("web/imports/view.py", code) for code in ("building", "record")),
    ("web/organisations/api.py", "month"),
    ("web/redraw/handover_api.py", "member"),
    ("web/workforce/templates/workforce/duties.html", "worker"),
}
"""Heads of columns and fields: no members of the enumeration."""


def test_what_is_named_as_an_exception_is_one() -> None:
    texts = dict(sources())
    assert {name for name in ELSEWHERE if not CHINESE.search(texts[name])} == set()
    said = {word for name, text in texts.items() if name not in ELSEWHERE for word in literals(name, text)}
    assert HEADINGS - said == set()
