"""What can be asked for, and which role may: the one table of rights.

A right here opens the door; how far somebody sees behind it is the scope (``gisgrid.areas.scope``).
Being logged in gives nothing by itself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from gisgrid.access.models import Role


class Action(StrEnum):
    """Everything that is asked for, named ``subject:verb`` and kept in alphabetical order."""

    ACCOUNTS_MANAGE = "accounts:manage"
    APPRAISALS_APPEAL = "appraisals:appeal"
    APPRAISALS_DECIDE = "appraisals:decide"
    APPRAISALS_MARK = "appraisals:mark"
    APPRAISALS_VIEW = "appraisals:view"
    AREAS_IMPORT = "areas:import"
    AREAS_VIEW = "areas:view"
    AUDIT_OWN = "audit:own"
    AUDIT_VIEW = "audit:view"
    BACKGROUNDS_MANAGE = "backgrounds:manage"
    BACKGROUNDS_VIEW = "backgrounds:view"
    """Images of the ground under the maps; those that are public are shown to everybody."""
    BUILDINGS_VIEW = "buildings:view"
    CASES_ENTRUST = "cases:entrust"
    CASES_FOLLOW = "cases:follow"
    CASES_HANDLE = "cases:handle"
    CASES_HELP = "cases:help"
    """Receipt, start, photo and finish, as far as somebody is something to a case."""
    CASES_IMPORT = "cases:import"
    CASES_INSTRUCT = "cases:instruct"
    """Being a party to what is escalated to the subdistrict; of leaders only who was given it."""
    CASES_PUBLISH = "cases:publish"
    CASES_QUEUE = "cases:queue"
    CASES_REDACT = "cases:redact"
    CASES_REPORT = "cases:report"
    CASES_SUPERVISE = "cases:supervise"
    CASES_VIEW = "cases:view"
    CATEGORIES_CHANGE = "categories:change"
    CLASHES_SETTLE = "clashes:settle"
    CONSENT_RECORD = "consent:record"
    CONSENT_WRITE = "consent:write"
    CONTRACTS_MAKE = "contracts:make"
    CONTRACTS_VIEW = "contracts:view"
    DATABASE_COPY = "database:copy"
    DATABASE_RESTORE = "database:restore"
    DATABASE_WATCH = "database:watch"
    DEVICES_STOP = "devices:stop"
    """Seeing the phones that hold a territory of others, and stopping one that was lost."""
    DISPUTES_HANDLE = "disputes:handle"
    DISPUTE_GRADES_CHANGE = "dispute_grades:change"
    DOORS_NOTE = "doors:note"
    """Noting what is seen at doors of one's own buildings, without persons."""
    DOORS_VIEW = "doors:view"
    DUPLICATES_DECIDE = "duplicates:decide"
    DUTIES_CHANGE = "duties:change"
    ERASURE_ASK = "erasure:ask"
    ERASURE_DECIDE = "erasure:decide"
    EVALUATIONS_CHECK = "evaluations:check"
    EVALUATIONS_DRAW = "evaluations:draw"
    EVALUATIONS_VIEW = "evaluations:view"
    EXPORTS_MAKE = "exports:make"
    FACILITIES_IMPORT = "facilities:import"
    FIGURES_VIEW = "figures:view"
    FORMS_DRAFT = "forms:draft"
    FORMS_PUBLISH = "forms:publish"
    FORMS_VIEW = "forms:view"
    HANDOVER_VIEW = "handover:view"
    HOUSEHOLDS_FIND = "households:find"
    HOUSEHOLDS_IMPORT = "households:import"
    IMPORTS_UNDO = "imports:undo"
    IMPORTS_VIEW = "imports:view"
    KEYS_TURN = "keys:turn"
    LEVELS_CHANGE = "levels:change"
    LIMITS_CHANGE = "limits:change"
    LIMITS_VIEW = "limits:view"
    MEDIATORS_KEEP = "mediators:keep"
    MEMBERS_IMPORT = "members:import"
    NORM_CHANGE = "norm:change"
    NOTICES_VIEW = "notices:view"
    OFFLINE_USE = "offline:use"
    """Carrying the own territory on a phone, to work without network."""
    ORGANISATIONS_VIEW = "organisations:view"
    OUTWARD_APPROVE = "outward:approve"
    """Letting somebody else fill a table with rows of persons; whose request, hangs on who asks."""
    OUTWARD_FILL = "outward:fill"
    """Filling tables of other offices from the register and records, within one's scope."""
    OUTWARD_KEEP = "outward:keep"
    """Keeping workbooks of other offices as templates, and saying which place is which field."""
    OWN_GRID_VIEW = "own_grid:view"
    PERSONS_EDIT = "persons:edit"
    PERSONS_LIST = "persons:list"
    PERSONS_SEARCH = "persons:search"
    PERSONS_VIEW = "persons:view"
    PLACES_IMPORT = "places:import"
    POSITIONS_SET = "positions:set"
    RECORDS_CORRECT = "records:correct"
    RECORDS_REDACT = "records:redact"
    RECORDS_VIEW = "records:view"
    """Records within one's scope; a resident learns form, day and who came, of the own household."""
    RECORDS_WRITE = "records:write"
    REDRAW_APPROVE = "redraw:approve"
    REDRAW_EDIT = "redraw:edit"
    REDRAW_OUTLINE = "redraw:outline"
    REDRAW_OUTLINE_APPROVE = "redraw:outline_approve"
    REDRAW_VIEW = "redraw:view"
    REQUESTS_WORK = "requests:work"
    RESIDENTS_IMPORT = "residents:import"
    REVIEW_VIEW = "review:view"
    ROUNDS_DRAFT = "rounds:draft"
    ROUNDS_OPEN = "rounds:open"
    ROUNDS_VIEW = "rounds:view"
    """Progress of rounds by area: of the own grids for members, without small numbers for leaders."""
    RULES_CHANGE = "rules:change"
    TASKS_VIEW = "tasks:view"
    """Tasks within one's scope, computed; heads learn of those that nobody has, and counts."""
    VISITORS_ASSIGN = "visitors:assign"
    VISITORS_VIEW = "visitors:view"
    WEBHOOKS_MANAGE = "webhooks:manage"
    WORKERS_MANAGE = "workers:manage"


_R = Role
_EVERYONE: Final = frozenset(Role)
_COMMUNITY: Final = frozenset({_R.HEAD, _R.STAFF, _R.LOCAL})
_GRID: Final = _COMMUNITY | {_R.MEMBER}
_MAP: Final = _GRID | {_R.LEADER, _R.GRID_LEADER, _R.STEWARD}

RIGHTS: Final[dict[Action, frozenset[Role]]] = {
    Action.ACCOUNTS_MANAGE: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.APPRAISALS_APPEAL: frozenset({_R.MEMBER}),
    Action.APPRAISALS_DECIDE: frozenset({_R.HEAD, _R.LOCAL}),
    Action.APPRAISALS_MARK: frozenset({_R.EVALUATOR, _R.LOCAL}),
    Action.APPRAISALS_VIEW: frozenset({_R.HEAD, _R.MEMBER, _R.EVALUATOR, _R.LOCAL}),
    Action.AREAS_IMPORT: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.AREAS_VIEW: _MAP,
    Action.AUDIT_OWN: _EVERYONE,
    Action.AUDIT_VIEW: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.BACKGROUNDS_MANAGE: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.BACKGROUNDS_VIEW: _MAP | {_R.ADMIN},
    Action.BUILDINGS_VIEW: _MAP,
    Action.CASES_ENTRUST: _COMMUNITY,
    Action.CASES_FOLLOW: _EVERYONE - {_R.ADMIN, _R.EVALUATOR},
    Action.CASES_HANDLE: _GRID,
    Action.CASES_HELP: _GRID | {_R.GRID_LEADER, _R.STEWARD},
    Action.CASES_IMPORT: frozenset({_R.HEAD, _R.LOCAL}),
    Action.CASES_INSTRUCT: frozenset({_R.LEADER, _R.LOCAL}),
    Action.CASES_PUBLISH: _COMMUNITY,
    Action.CASES_QUEUE: frozenset({_R.PROPERTY, _R.ORG}),
    Action.CASES_REDACT: frozenset({_R.HEAD, _R.LOCAL}),
    Action.CASES_REPORT: _EVERYONE - {_R.ADMIN, _R.EVALUATOR},
    Action.CASES_SUPERVISE: frozenset({_R.HEAD, _R.LEADER, _R.LOCAL}),
    Action.CASES_VIEW: _MAP | {_R.RESIDENT},
    Action.CATEGORIES_CHANGE: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.CLASHES_SETTLE: _COMMUNITY,
    Action.CONSENT_RECORD: _GRID | {_R.RESIDENT},
    Action.CONSENT_WRITE: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.CONTRACTS_MAKE: _GRID,
    Action.CONTRACTS_VIEW: frozenset({_R.PROPERTY, _R.ORG}),
    Action.DATABASE_COPY: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.DATABASE_RESTORE: frozenset({_R.LOCAL}),
    Action.DATABASE_WATCH: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.DEVICES_STOP: frozenset({_R.ADMIN, _R.HEAD, _R.STAFF, _R.LOCAL}),
    Action.DISPUTES_HANDLE: _GRID,
    Action.DISPUTE_GRADES_CHANGE: frozenset({_R.HEAD, _R.LOCAL}),
    Action.DOORS_NOTE: frozenset({_R.STEWARD}),
    Action.DOORS_VIEW: _GRID | {_R.STEWARD},
    Action.DUPLICATES_DECIDE: _COMMUNITY,
    Action.DUTIES_CHANGE: frozenset({_R.ADMIN, _R.HEAD, _R.LOCAL}),
    Action.ERASURE_ASK: _GRID | {_R.RESIDENT},
    Action.ERASURE_DECIDE: frozenset({_R.HEAD, _R.LOCAL}),
    Action.EVALUATIONS_CHECK: frozenset({_R.EVALUATOR, _R.LOCAL}),
    Action.EVALUATIONS_DRAW: frozenset({_R.HEAD, _R.LOCAL}),
    Action.EVALUATIONS_VIEW: frozenset({_R.HEAD, _R.LEADER, _R.EVALUATOR, _R.LOCAL}),
    Action.EXPORTS_MAKE: _MAP,
    Action.FACILITIES_IMPORT: _COMMUNITY,
    Action.FIGURES_VIEW: _GRID | {_R.LEADER},
    Action.FORMS_DRAFT: _COMMUNITY,
    Action.FORMS_PUBLISH: frozenset({_R.HEAD, _R.LOCAL}),
    Action.FORMS_VIEW: _MAP | {_R.ADMIN},
    Action.HANDOVER_VIEW: _GRID,
    Action.HOUSEHOLDS_FIND: _MAP,
    Action.HOUSEHOLDS_IMPORT: _COMMUNITY,
    Action.IMPORTS_UNDO: _COMMUNITY | {_R.ADMIN},
    Action.IMPORTS_VIEW: _COMMUNITY | {_R.ADMIN},
    Action.KEYS_TURN: frozenset({_R.LOCAL}),
    Action.LEVELS_CHANGE: frozenset({_R.ADMIN, _R.HEAD, _R.LOCAL}),
    Action.LIMITS_CHANGE: frozenset({_R.ADMIN, _R.HEAD, _R.LOCAL}),
    Action.LIMITS_VIEW: _MAP | {_R.ADMIN},
    Action.MEDIATORS_KEEP: _COMMUNITY,
    Action.MEMBERS_IMPORT: frozenset({_R.HEAD, _R.LOCAL}),
    Action.NORM_CHANGE: frozenset({_R.ADMIN, _R.HEAD, _R.LOCAL}),
    Action.NOTICES_VIEW: _MAP | {_R.ADMIN, _R.PROPERTY, _R.ORG},
    Action.OFFLINE_USE: frozenset({_R.MEMBER, _R.STEWARD}),
    Action.ORGANISATIONS_VIEW: _COMMUNITY | {_R.LEADER, _R.PROPERTY, _R.ORG},
    Action.OUTWARD_APPROVE: _COMMUNITY,
    Action.OUTWARD_FILL: _GRID,
    Action.OUTWARD_KEEP: _COMMUNITY,
    Action.OWN_GRID_VIEW: _EVERYONE,
    Action.PERSONS_EDIT: _GRID,
    Action.PERSONS_LIST: _GRID,
    Action.PERSONS_SEARCH: frozenset({_R.STAFF, _R.MEMBER, _R.LOCAL}),
    Action.PERSONS_VIEW: _GRID | {_R.GRID_LEADER, _R.STEWARD},
    Action.PLACES_IMPORT: frozenset({_R.ADMIN, _R.HEAD, _R.LOCAL}),
    Action.POSITIONS_SET: _GRID,
    Action.RECORDS_CORRECT: _GRID | {_R.GRID_LEADER, _R.STEWARD},
    Action.RECORDS_REDACT: frozenset({_R.HEAD, _R.LOCAL}),
    Action.RECORDS_VIEW: _GRID | {_R.GRID_LEADER, _R.STEWARD, _R.RESIDENT},
    Action.RECORDS_WRITE: _GRID | {_R.GRID_LEADER, _R.STEWARD},
    Action.REDRAW_APPROVE: frozenset({_R.HEAD, _R.LEADER, _R.LOCAL}),
    Action.REDRAW_EDIT: _COMMUNITY,
    Action.REDRAW_OUTLINE: frozenset({_R.HEAD, _R.LOCAL}),
    Action.REDRAW_OUTLINE_APPROVE: frozenset({_R.LEADER, _R.LOCAL}),
    Action.REDRAW_VIEW: _COMMUNITY | {_R.LEADER},
    Action.REQUESTS_WORK: _GRID,
    Action.RESIDENTS_IMPORT: _COMMUNITY,
    Action.REVIEW_VIEW: _COMMUNITY,
    Action.ROUNDS_DRAFT: _COMMUNITY,
    Action.ROUNDS_OPEN: frozenset({_R.HEAD, _R.LOCAL}),
    Action.ROUNDS_VIEW: _GRID | {_R.LEADER},
    Action.RULES_CHANGE: frozenset({_R.HEAD, _R.LOCAL}),
    Action.TASKS_VIEW: _GRID | {_R.GRID_LEADER, _R.STEWARD},
    Action.VISITORS_ASSIGN: _GRID,
    Action.VISITORS_VIEW: _GRID,
    Action.WEBHOOKS_MANAGE: frozenset({_R.ADMIN, _R.LOCAL}),
    Action.WORKERS_MANAGE: frozenset({_R.ADMIN, _R.LOCAL}),
}

BY_ACCOUNT: Final = frozenset({Action.CASES_INSTRUCT})
"""Rights of a role that only those of its accounts have to which they were given."""

PUBLIC: Final = frozenset({Action.CASES_FOLLOW, Action.CASES_REPORT, Action.OWN_GRID_VIEW})
"""What nobody has to log in for."""

EXACT_COUNTS: Final = frozenset({_R.HEAD, _R.STAFF, _R.LOCAL})
"""Roles that see exact counts of persons and confidential cases in their whole community."""

CONFIDENTIAL_CASES: Final = frozenset({_R.HEAD, _R.STAFF, _R.MEMBER, _R.LOCAL})
"""Roles that see single cases of confidential categories, within their scope."""
