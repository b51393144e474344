"""The catalogue, read from the text files in `data/` and checked: cultures, what they look like from inside, stages,
activities, roles, reference levels with their reasons, and sources. No database here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from raci.grid import grid as value
from raci.grid.grid import Grid
from raci.grid.levels import Level

from . import files
from .entries import About, Activity, Culture, Function, Role, Source, Stage, Statement
from .files import Entry

DATA = Path(__file__).parent / "data"
CULTURES = ("technology", "sales", "market")  # keys other rooms compare with, so a fourth is a change of code
REFERENCE_ROLES = ("product-management", "product-marketing", "engineering", "sales")
REFERENCE_ROWS = 18
REASON_LIMIT = 120

Levels = Mapping[str, Mapping[str, Mapping[str, Level]]]  # culture key -> activity key -> role key -> level
Reasons = Mapping[str, Mapping[str, str]]  # culture key -> activity key -> why its Lead leads it


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in the data files, each group in the order of its file."""

    cultures: tuple[Culture, ...]
    statements: tuple[Statement, ...]
    stages: tuple[Stage, ...]
    activities: tuple[Activity, ...]
    roles: tuple[Role, ...]
    levels: Levels
    reasons: Reasons
    about: About

    def reference(self, culture: str) -> Grid:
        """A culture's reference; ids are catalogue positions, origins are keys. KeyError for an unknown culture."""
        roles = tuple(role for role in self.roles if role.in_references)
        activities = tuple(activity for activity in self.activities if activity.in_references)
        stages = {stage.key: stage.position for stage in self.stages}
        levels = self.levels[culture]
        return Grid(
            activities=tuple(
                value.Activity(a.position, a.name, stages[a.stage], origin=a.key, description=a.help)
                for a in activities
            ),
            roles=tuple(value.Role(r.position, r.name, r.short, origin=r.key, purpose=r.purpose) for r in roles),
            stages=tuple(value.Stage(s.position, s.name, origin=s.key) for s in self.stages),
            cells={a.position: {r.position: levels[a.key][r.key] for r in roles} for a in activities},
            culture=culture,
        )


def load(folder: Path = DATA) -> Catalogue:
    """The catalogue in a folder. Raises ValueError naming file, entry and what is wrong."""
    parts = files.toml(folder / "catalogue.toml")
    parts.knows_only(["stages", "activities", "roles"])
    stages = _stages(parts.entries("stages"))
    roles = _roles(parts.entries("roles"))
    activities = _activities(parts.entries("activities"), stages, roles)
    cultures, statements = _cultures(files.toml(folder / "cultures.toml"))
    return Catalogue(
        cultures=cultures,
        statements=statements,
        stages=stages,
        activities=activities,
        roles=roles,
        levels=_levels(folder / "reference_matrices.csv", activities, roles),
        reasons=_reasons(files.toml(folder / "reasons.toml"), activities),
        about=about(folder),
    )


def about(folder: Path = DATA) -> About:
    """The sources alone. Raises ValueError as `load` does."""
    file = files.toml(folder / "sources.toml")
    file.knows_only(["guidance", "sources"])
    return About(guidance=file.prose("guidance"), sources=tuple(_source(entry) for entry in file.entries("sources")))


def _source(entry: Entry) -> Source:
    entry.knows_only(Source.__dataclass_fields__)
    source = Source(
        publisher=entry.line_or_blank("publisher"),
        title=entry.line_or_blank("title"),
        authors=entry.lines_or_none("authors"),
        date=entry.line_or_blank("date"),
        number=entry.line_or_blank("number"),
        kind=entry.line("kind"),
        covers=entry.prose("covers"),
        basis=entry.prose_or_blank("basis"),
    )
    if not source.publisher and not source.title:
        raise ValueError(f"{entry.where}: a source needs a publisher or a title.")
    return source


def _stages(entries: tuple[Entry, ...]) -> tuple[Stage, ...]:
    _unique(entries, "key")
    _unique(entries, "name")
    for entry in entries:
        entry.knows_only(["key", "name"])
    return tuple(Stage(entry.key(), entry.line("name"), n) for n, entry in enumerate(entries, 1))


def _roles(entries: tuple[Entry, ...]) -> tuple[Role, ...]:
    for name in ("key", "name", "short"):
        _unique(entries, name)
    roles = tuple(_role(entry, n) for n, entry in enumerate(entries, 1))
    found = tuple(role.key for role in roles if role.in_references)
    # First in the file, so that in every reference the roles' ids are 1 to 4.
    if found != REFERENCE_ROLES or tuple(role.key for role in roles[: len(found)]) != found:
        raise ValueError(
            f"catalogue.toml, roles: the roles in references are {found}, first must be {REFERENCE_ROLES}."
        )
    return roles


def _role(entry: Entry, position: int) -> Role:
    entry.knows_only(["key", "name", "short", "purpose", "in_references"])
    return Role(
        key=entry.key(),
        name=entry.line("name"),
        short=entry.line("short", limit=8),
        purpose=entry.line("purpose"),
        position=position,
        in_references=entry.flag("in_references"),
    )


def _activities(entries: tuple[Entry, ...], stages: tuple[Stage, ...], roles: tuple[Role, ...]) -> tuple[Activity, ...]:
    _unique(entries, "key")
    _unique(entries, "name")
    activities = tuple(_activity(entry, n, stages, roles) for n, entry in enumerate(entries, 1))
    for stage in stages:
        if not any(activity.stage == stage.key for activity in activities if activity.in_references):
            raise ValueError(f"catalogue.toml, stages ({stage.key}): no activity of the references stands in it.")
    _check_reading_order(activities, stages)
    return activities


def _activity(entry: Entry, position: int, stages: tuple[Stage, ...], roles: tuple[Role, ...]) -> Activity:
    entry.knows_only(["key", "name", "stage", "help", "in_references", "proposed_lead"])
    stage = entry.key("stage")
    if stage not in {known.key for known in stages}:
        raise ValueError(f"{entry.where}: the stage {stage!r} is not known.")
    lead = entry.key("proposed_lead") if "proposed_lead" in entry.fields else None
    if lead and lead not in {known.key for known in roles}:
        raise ValueError(f"{entry.where}: the proposed Lead {lead!r} is not a known role.")
    in_references = entry.flag("in_references")
    if lead and in_references:
        raise ValueError(f"{entry.where}: its Lead stands in reference_matrices.csv; take out proposed_lead.")
    return Activity(entry.key(), entry.line("name"), stage, entry.line("help"), position, in_references, lead)


def _check_reading_order(activities: tuple[Activity, ...], stages: tuple[Stage, ...]) -> None:
    """Positions are the ids of a reference's rows, so those stand first in the file and stage by stage."""
    order = {stage.key: stage.position for stage in stages}
    for before, after in pairwise(activities):
        if after.in_references and not before.in_references:
            raise ValueError(f"catalogue.toml, activities ({after.key}): move it up; those in references come first.")
        if after.in_references and order[after.stage] < order[before.stage]:
            raise ValueError(f"catalogue.toml, activities ({after.key}): it stands after one of a later stage.")


def _cultures(file: Entry) -> tuple[tuple[Culture, ...], tuple[Statement, ...]]:
    file.knows_only(["cultures"])
    entries = file.entries("cultures")
    _unique(entries, "key")
    _unique(entries, "name")
    cultures = tuple(_culture(entry, n) for n, entry in enumerate(entries, 1))
    if found := {culture.key for culture in cultures} ^ set(CULTURES):
        raise ValueError(f"{file.where}: missing or not known: {_names(found)}; there are {_names(CULTURES)}.")
    names = [word for culture in cultures for word in (culture.name, culture.name.replace("-", " "))]
    return cultures, tuple(statement for entry in entries for statement in _statements(entry, names))


def _culture(entry: Entry, position: int) -> Culture:
    entry.knows_only(["key", "name", "summary", "strategy", "suits", "danger", "note", "statements"])
    suits = entry.lines("suits")
    if not suits:
        raise ValueError(f"{entry.where}: suits is empty; say where the culture often works.")
    return Culture(
        key=entry.key(),
        name=entry.line("name"),
        summary=entry.line("summary"),
        strategy=entry.line("strategy"),
        suits=suits,
        danger=entry.line("danger"),
        note=entry.prose_or_blank("note"),
        position=position,
    )


def _statements(entry: Entry, culture_names: list[str]) -> tuple[Statement, ...]:
    table = entry.table("statements")
    table.knows_only(Function)
    statements = tuple(Statement(entry.key(), function, table.prose(function)) for function in Function)
    for statement in statements:
        for name in culture_names:
            if name.casefold() in statement.text.casefold():
                raise ValueError(f"{table.where}, {statement.function}: a statement must not name a culture ({name}).")
    return statements


def _levels(path: Path, activities: tuple[Activity, ...], roles: tuple[Role, ...]) -> Levels:
    in_columns = {role.name: role.key for role in roles if role.in_references}
    keys = {activity.name: activity.key for activity in activities if activity.in_references}
    result: dict[str, dict[str, dict[str, Level]]] = {culture: {} for culture in CULTURES}
    for where, row in files.rows(path, ["culture", "position", "activity", *in_columns]):
        culture, name = row["culture"], row["activity"]
        if culture not in result:
            raise ValueError(f"{where}: the culture {culture!r} is not known.")
        if name not in keys:
            raise ValueError(f"{where}: {name!r} is no activity of the references in catalogue.toml.")
        if keys[name] in result[culture]:
            raise ValueError(f"{where}: {name!r} stands twice in {culture}.")
        if row["position"] != str(len(result[culture]) + 1):
            raise ValueError(f"{where}: position is {row['position']!r}, it must be {len(result[culture]) + 1}.")
        result[culture][keys[name]] = _row(f"{where} ({culture}, {name})", row, in_columns)
    for culture, levels in result.items():
        if len(levels) != REFERENCE_ROWS or levels.keys() != set(keys.values()):
            missing = _names(keys.values() - levels.keys()) or "none missing, too few in catalogue.toml"
            raise ValueError(f"{path.name}, {culture}: {len(levels)} rows, {REFERENCE_ROWS} needed: {missing}.")
    return result


def _row(where: str, row: dict[str, str], in_columns: dict[str, str]) -> dict[str, Level]:
    words = {level.name.capitalize(): level for level in Level}
    for column in in_columns:
        if row[column] not in words:
            raise ValueError(f"{where}: {column} is {row[column]!r}; levels are {', '.join(words)}.")
    levels = {key: words[row[column]] for column, key in in_columns.items()}
    leads = sum(level is Level.LEAD for level in levels.values())
    if leads != 1:
        raise ValueError(f"{where}: {leads} Leads; an activity has exactly one.")
    return levels


def _reasons(file: Entry, activities: tuple[Activity, ...]) -> Reasons:
    file.knows_only(CULTURES)
    keys = [activity.key for activity in activities if activity.in_references]
    result: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for culture in CULTURES:
        table = file.table(culture)
        table.knows_only(keys)
        result[culture] = {key: table.line(key, limit=REASON_LIMIT) for key in keys}
        for key, reason in result[culture].items():
            if reason in seen:
                raise ValueError(f"{table.where}, {key}: the same reason stands at another activity or culture.")
            seen.add(reason)
    return result


def _unique(entries: Iterable[Entry], name: str) -> None:
    seen: set[str] = set()
    for entry in entries:
        text = entry.line(name).casefold()
        if text in seen:
            raise ValueError(f"{entry.where}: the {name} {text!r} stands twice.")
        seen.add(text)


def _names(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))
