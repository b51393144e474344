"""A realistic matrix, names out to hurt, and LibreOffice as the reader we can run."""

import csv
import io
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from raci.exchange.export import CheckLine, DepartureLine, Export, HistoryLine
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level, Notation

ON = datetime(2026, 3, 12, 10, 30, tzinfo=ZoneInfo("Europe/Berlin"))
REFERENCES = Path(__file__).parents[2] / "culture" / "data" / "reference_matrices.csv"
PEOPLE = {"Product Marketing": ("Mei Tanaka",), "Sales": ("Priya Raman", "Jo Lund")}
STAGES = {
    "Understand the market": (
        "Size the Market Opportunity",
        "Identify Market Need",
        "Competitive Intelligence",
        "Win/Loss Analysis",
    ),
    "Decide what to build": (
        "Product Strategy/Roadmap",
        "Prioritize Roadmap Items",
        "Identify and Promote New Product Ideas",
    ),
    "Build it": ("Product Design/UX", "Develop the Product", "Quality Assurance and Testing"),
    "Take it to market": (
        "Pricing and Packaging",
        "Product Launch",
        "Sales Enablement",
        "Marketing Collateral",
        "Influencer Marketing (AR/PR)",
    ),
    "Run and learn": (
        "Manage Customer Feedback",
        "Measure Customer Satisfaction/CX",
        "Manage Product Financial/Sales Performance",
    ),
}
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
HOSTILE = (
    *(f"{start}cmd|' /C calc'!A0" for start in STARTS),
    '=HYPERLINK("http://x","y")',
    "=1+1",
    "+1+1",
    "-1",
    "@SUM(1)",
    "#REF!",
    "#N/A",
    "_x003D_1+1",
    " =1+1",
    "a;=1+1",
    "a\n=1+1",
    "&L&P</t></is><f>1+1</f>",
    "\ud800=1\ufffe",
    'say "=1"',
)


def market() -> Grid:
    """The market-led reference: 18 activities in five stages, four roles."""
    with REFERENCES.open(encoding="utf-8") as file:
        rows = {row["activity"]: row for row in csv.DictReader(file) if row["culture"] == "market"}
    names = ("Product Management", "Product Marketing", "Engineering", "Sales")
    roles = tuple(Role(number, name, people=PEOPLE.get(name, ())) for number, name in enumerate(names, start=11))
    stages, activities, cells = [], [], {}
    for number, (stage, titles) in enumerate(STAGES.items(), start=21):
        stages.append(Stage(number, stage))
        for title in titles:
            key = 101 + len(activities)
            activities.append(Activity(key, title, number))
            cells[key] = {role.id: Level[rows[title][role.name].upper()] for role in roles}
    return Grid(tuple(activities), roles, tuple(stages), cells, "market")


def hostile() -> Grid:
    """Every text a person can enter, in turn each of the hostile ones."""
    activities = tuple(
        Activity(
            number,
            text,
            21 if number % 2 else 22,
            description=text,
            notes=text,
            deliverer=12,
            people=(Named(11, text, text),),
        )
        for number, text in enumerate(HOSTILE, start=101)
    )
    roles = tuple(Role(number, text, people=(text,)) for number, text in enumerate(HOSTILE[:8], start=11))
    stages = (Stage(21, HOSTILE[0]), Stage(22, HOSTILE[12]))
    return Grid(activities, roles, stages, {a.id: {11: Level.LEAD, 12: Level.SUPPORT} for a in activities})


@pytest.fixture
def export():
    """Makes an Export, of the market-led reference unless another grid is given."""

    def make(grid=None, notation=Notation.LEAD_SUPPORT, **changes):
        values = {
            "grid": market() if grid is None else grid,
            "matrix": 7,
            "name": "Core product",
            "workspace": "Tidewater",
            "revision": 12,
            "on": ON,
            "notation": notation,
            "findings": (
                CheckLine("error", "Marketing Collateral", "Nobody leads this activity."),
                CheckLine("warning", "Sales", "Sales leads 9 of 18 activities.", "Agreed until June."),
            ),
            "history": (
                HistoryLine(12, ON, "Amara Okafor", "Sales now leads Product Launch."),
                HistoryLine(11, ON - timedelta(days=1), "Mei Tanaka", "Renamed Launch to Product Launch."),
            ),
        }
        return Export(**values | changes)

    return make


@pytest.fixture
def hostile_export(export):
    def make(notation=Notation.LEAD_SUPPORT, text=HOSTILE[0]):
        return export(
            hostile(),
            notation,
            name=text,
            workspace=text,
            findings=tuple(CheckLine(text, text, text, text) for text in HOSTILE),
            history=tuple(HistoryLine(1, ON, text, text) for text in HOSTILE),
            departures=tuple(DepartureLine(*[text] * 9) for text in HOSTILE),
        )

    return make


@pytest.fixture
def kept():
    """Two departures as they are exported: a move of the Lead for a while, and a cell for good."""
    win_loss = "Sales asks, Product Marketing writes it up."
    both = "Product Marketing, Sales"
    return (
        DepartureLine(
            "Win/Loss Analysis",
            both,
            "Support, Lead",
            "Lead, Support",
            "market-led",
            win_loss,
            "12 Mar 2027",
            state="Ended",
        ),
        DepartureLine(
            "Product Launch", "Sales", "Support", "Contribute", "House 2026", "No deal desk yet.", by="Jo Lund"
        ),
    )


@pytest.fixture
def market_grid():
    return market()


@pytest.fixture
def hostile_texts():
    return HOSTILE


@pytest.fixture(scope="session")
def convert(tmp_path_factory):
    """Converts a workbook with LibreOffice: every sheet to CSV, or the whole to PDF."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.fail(
            "LibreOffice is missing, and with it the proof that others can read our workbook. "
            "Install the Debian package libreoffice-calc-nogui: "
            "apt-get install -y --no-install-recommends libreoffice-calc-nogui"
        )
    profile = tmp_path_factory.mktemp("libreoffice")

    def run(data: bytes, to: str, source: str = "book.xlsx") -> dict[str, bytes]:
        folder, results = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("converted")
        (folder / source).write_bytes(data)
        # Comma, quote, UTF-8; formulas as values; the last, -1, writes a file for each sheet.
        kind = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1" if to == "csv" else to
        command = [soffice, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind]
        command += ["--outdir", str(results), str(folder / source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return {path.stem.removeprefix("book-"): path.read_bytes() for path in results.glob(f"*.{to}")}

    return run


@pytest.fixture(scope="session")
def sheets(convert):
    """The sheets as LibreOffice shows them, formulas worked out: name of the sheet -> rows."""

    def read(workbook: bytes) -> dict[str, list[list[str]]]:
        files = convert(workbook, "csv")
        return {name: list(csv.reader(io.StringIO(data.decode("utf-8")))) for name, data in files.items()}

    return read
