"""check.py PLAN.jsonc BUILD_FOLDER [--table FILE]: every entry of a test plan has a verdict and tests that exist; prints the coverage
table, or compares it with the one between the markers of FILE."""
import fnmatch
import json
import re
import subprocess
import sys

# Open is only what waits for something that does not exist.
VERDICTS = ("resisted", "control breaks", "not applicable", "open until chains exist", "open until faults exist")


def load(path):
    with open(path) as file:
        return json.loads(re.sub(r"^\s*//.*$", "", file.read(), flags=re.MULTILINE))


def names_of(build):
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    return [test["name"] for test in json.loads(listing)["tests"]]


def problems_of(plan, names):
    out = []
    ids = [entry["id"] for entry in plan["entries"]]
    if ids != list(range(1, len(ids) + 1)):
        out.append(f"ids are not 1..{len(ids)}: {ids}")
    for entry in plan["entries"]:
        where = f"entry {entry['id']}"
        if entry["verdict"] not in VERDICTS:
            out.append(f"{where}: verdict '{entry['verdict']}' is none of {', '.join(VERDICTS)}")
        if not entry["by"]:
            out.append(f"{where}: 'by' says nothing")
        if entry["verdict"] == "resisted" and not entry["tests"]:
            out.append(f"{where}: resisted, but no test shows it")
        if entry["verdict"] == "control breaks" and not entry["controls"]:
            out.append(f"{where}: control breaks, but no test shows that it breaks")
        for name in entry["tests"] + entry["controls"]:
            # Parameters stand behind a name that is given whole.
            if not any(fnmatch.fnmatchcase(n.split("  # ")[0], name) for n in names):
                out.append(f"{where}: no test is called {name}")
    return out


def table_of(plan):
    lines = ["| | attack | verdict | by | weaker things it breaks |", "|---|---|---|---|---|"]
    for entry in plan["entries"]:
        lines.append(f"| {entry['id']} | {entry['attack']} | {entry['verdict']} | {entry['by']} | {', '.join(f'`{c}`' for c in entry['controls'])} |")
    return "\n".join(lines)


def main(arguments):
    plan = load(arguments[0])
    problems = problems_of(plan, names_of(arguments[1]))
    table = table_of(plan)
    if "--table" in arguments:
        path = arguments[arguments.index("--table") + 1]
        with open(path) as file:
            text = file.read()
        begin, end = "<!-- coverage -->\n", "<!-- end -->"
        if table not in text:
            if "--write" in arguments:
                head, rest = text.split(begin)
                text = head + begin + table + "\n" + end + rest.split(end)[1]
                with open(path, "w") as file:
                    file.write(text)
            else:
                problems.append(f"{path} is not of this plan; repair: python3 {' '.join(sys.argv)} --write")
    else:
        print(table)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
