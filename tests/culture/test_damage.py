"""Damaged files are refused with file, entry and what is wrong."""

import shutil

import pytest

from culture.catalogue import DATA, about, load

CSV = "reference_matrices.csv"
COPY = "technology,1,Size the Market Opportunity,Lead,Support,Contribute,Informed"
NEED = 'key = "identify-market-need"\nname = "Identify Market Need"\nstage = "understand"'

# file, what stands there, what is put in its place, what the complaint says
DAMAGES = [
    (CSV, COPY, COPY.replace("Support", "Lead"), r"csv, line 2 \(technology, Size the Market.*: 2 Leads"),
    (CSV, COPY, COPY.replace("Lead", "Support"), r"csv, line 2 \(technology, Size the Market.*: 0 Leads"),
    (CSV, COPY, COPY.replace("Contribute", "Helps"), r"line 2 .*Engineering is 'Helps'; levels are Lead, Support"),
    (CSV, COPY, COPY.replace("Informed", ""), r"line 2 .*Sales is ''"),
    (CSV, COPY, COPY.replace("technology", "product"), r"line 2: the culture 'product' is not known"),
    (CSV, COPY, COPY.replace("Size the", "Size a"), r"line 2: 'Size a Market Opportunity' is no activity"),
    (CSV, COPY, COPY.replace(",1,", ",7,"), r"line 2: position is '7', it must be 1"),
    (CSV, COPY, COPY + "\n" + COPY, r"line 3: 'Size the Market Opportunity' stands twice in technology"),
    (CSV, COPY, COPY + ",Lead", r"line 2: 8 cells instead of 7"),
    (CSV, "market,18,Identify and Promote New Product Ideas,Lead", "", r"line 55: 4 cells instead of 7"),
    (CSV, "Engineering,Sales", "Sales,Engineering", r"csv, line 1: the columns are"),
    ("catalogue.toml", '[[stages]]\nkey = "run"', '[stages]\nkey = "run"', r"catalogue.toml: not readable as TOML"),
    ("catalogue.toml", '[[stages]]\nkey = "run"', '[[stagse]]\nkey = "run"', r"catalogue.toml: the field 'stagse'"),
    ("catalogue.toml", 'key = "run"', 'key = "build"', r"stages 5 \(build\): the key 'build' stands twice"),
    ("catalogue.toml", 'name = "Run and learn"', 'name = "build it"', r"stages 5 \(run\): the name 'build it' stands"),
    ("catalogue.toml", 'name = "Run and learn"', 'name = " "', r"stages 5 \(run\): Give it a name"),
    ("catalogue.toml", 'name = "Run and learn"', "name = 5", r"stages 5 \(run\): name must be a text"),
    ("catalogue.toml", 'name = "Run and learn"', "", r"stages 5 \(run\): name is missing"),
    ("catalogue.toml", 'key = "run"', 'key = "Run it"', r"key is 'Run it'; use lower case letters"),
    ("catalogue.toml", '[[roles]]\nkey = "sales"', '[[roles]]\nkey = "selling"', r"roles: the roles in references are"),
    ("catalogue.toml", 'short = "PMM"', 'short = "PM"', r"roles 2 \(product-marketing\): the short 'pm' stands twice"),
    ("catalogue.toml", 'short = "PMM"', 'short = "Marketing"', r"roles 2 \(product-marketing\): That short has 9"),
    ("catalogue.toml", NEED, NEED.replace("understand", "dream"), r"\(identify-market-need\): the stage 'dream'"),
    ("catalogue.toml", NEED, NEED.replace("understand", "run"), r"\(competitive-intelligence\): it stands after one"),
    ("catalogue.toml", NEED, NEED.replace("Need", "Needs"), r"'Identify Market Need' is no activity of the ref"),
    ("catalogue.toml", NEED, NEED + "\nlead = 1", r"\(identify-market-need\): the field 'lead' is not known"),
    ("catalogue.toml", NEED, NEED + '\nproposed_lead = "sales"', r"\(identify-market-need\): its Lead stands in ref"),
    (
        "catalogue.toml",
        '[[activities]]\nkey = "user-personas"',
        '[[activities]]\nkey = "new"\nname = "New"\nstage = "run"\nhelp = "New."\nin_references = true\n\n'
        '[[activities]]\nkey = "user-personas"',
        r"csv, technology: 18 rows, 18 needed: new",
    ),
    (
        "catalogue.toml",
        'proposed_lead = "customer-success"\n',
        'proposed_lead = "customer-success"\n\n[[activities]]\nkey = "new"\nname = "New"\nstage = "run"\n'
        'help = "New."\nin_references = true\n',
        r"activities \(new\): move it up",
    ),
    ("catalogue.toml", 'lead = "customer-success"', 'lead = "nobody"', r"the proposed Lead 'nobody' is not a known"),
    ("catalogue.toml", "in_references = true", 'in_references = "yes"', r"in_references must be true or false"),
    (
        "catalogue.toml",
        "# ---- Roles",
        '[[stages]]\nkey = "rest"\nname = "Rest"\n\n# ---- Roles',
        r"stages \(rest\): no activity of the references stands in it",
    ),
    ("cultures.toml", 'key = "market"', 'key = "product"', r"cultures.toml: missing or not known: market, product"),
    ("cultures.toml", 'key = "market"', 'key = "sales"', r"cultures 3 \(sales\): the key 'sales' stands twice"),
    ("cultures.toml", 'suits = ["Mature markets", ', "suits = [5, ", r"cultures 3 \(market\), suits: 1 must be a text"),
    ("cultures.toml", "Our segments are", "As a sales-led team", r"market-segmentation: .* must not name a culture"),
    ("cultures.toml", "market-segmentation =", "segments =", r"statements: the field 'segments' is not known"),
    ("cultures.toml", "[cultures.statements]", "[cultures.says]", r"\(technology\): the field 'says'"),
    (
        "cultures.toml",
        '[[cultures]]\nkey = "technology"',
        'groups = 1\n[[cultures]]\nkey = "technology"',
        r"cultures.toml: the field 'groups'",
    ),
    ("reasons.toml", "[sales]", "[selling]", r"reasons.toml: the field 'selling' is not known"),
    ("reasons.toml", "product-launch =", "product-lunch =", r"reasons.toml, technology: the field 'product-lunch'"),
    ("reasons.toml", "product-launch =", "# ", r"reasons.toml, technology: product-launch is missing"),
    ("reasons.toml", 'product-launch = "', f'product-launch = "{"x" * 80}', r"technology: That product-launch has"),
    ("reasons.toml", 'product-launch = "', 'product-launch = "\\u0007', r"technology: A product-launch is one line"),
    ("sources.toml", 'publisher = "SBI"', "", r"sources.toml, sources 3 \(no key\): a source needs a publisher"),
    ("sources.toml", 'kind = "blog post"', "", r"sources 5 \(Who should own product marketing\?\): kind is missing"),
    ("sources.toml", "guidance =", "guide =", r"sources.toml: the field 'guide'"),
]


@pytest.fixture
def folder(tmp_path):
    for file in DATA.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize(("name", "there", "instead", "complaint"), DAMAGES, ids=[damage[3] for damage in DAMAGES])
def test_a_damaged_entry_is_named_in_the_complaint(folder, name, there, instead, complaint):
    text = (folder / name).read_text(encoding="utf-8")
    assert there in text
    (folder / name).write_text(text.replace(there, instead, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint) as refusal:
        load(folder)
    assert ".toml" in str(refusal.value) or ".csv" in str(refusal.value)


def test_a_reason_given_twice_is_refused(folder):
    path = folder / "reasons.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if line.startswith("product-launch"))
    swapped = [
        f"sales-enablement{first.removeprefix('product-launch')}" if "intricate" in line else line for line in lines
    ]
    path.write_text("\n".join(swapped), encoding="utf-8")
    with pytest.raises(ValueError, match=r"reasons.toml, technology, .*: the same reason"):
        load(folder)


def test_a_culture_short_of_a_row_is_refused(folder):
    path = folder / "reference_matrices.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    with pytest.raises(ValueError, match="csv, market: 17 rows, 18 needed: identify-and-promote-new-product-ideas"):
        load(folder)


@pytest.mark.parametrize(
    "name", ["catalogue.toml", "cultures.toml", "reasons.toml", "reference_matrices.csv", "sources.toml"]
)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ValueError, match=f"{name}: the file cannot be read"):
        load(folder)


def test_a_file_that_is_not_utf_8_is_named(folder):
    (folder / "sources.toml").write_bytes("guidance = 'Größe'".encode("latin-1"))
    with pytest.raises(ValueError, match=r"sources\.toml: the file is not UTF-8"):
        about(folder)


def test_an_undamaged_copy_loads(folder, tmp_path, catalogue):
    shutil.copytree(folder, tmp_path / "copy")
    assert load(tmp_path / "copy") == catalogue


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder, catalogue):
    for name in ("reference_matrices.csv", "reasons.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(folder) == catalogue
