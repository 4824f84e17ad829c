"""Scenarios against `touchstone schema`, with a validator that knows nothing of touchstone.

usage: schema_check.py TOUCHSTONE SCENARIOS   exit 77: jsonschema or yaml is not installed
"""
import json
import pathlib
import subprocess
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as error:
    print(f"skipped: {error} (packages.txt, group test)")
    sys.exit(77)


class Yaml12(yaml.SafeLoader):
    """YAML 1.2, as touchstone reads it: `on` is a word, not true."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

# What the shape of a file alone tells; the other bad files need the reader (names, sums, duplicates).
BAD_SHAPES = ["missing_required", "missing_unit", "no_expectation", "out_of_range", "unknown_key", "wrong_unit"]

program, scenarios = sys.argv[1], pathlib.Path(sys.argv[2])


schema = json.loads(subprocess.run([program, "schema"], check=True, capture_output=True, text=True).stdout)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
wrong = 0
good = sorted(p for folder in ("normal", "failures", "attacks", "data") if (scenarios / folder).is_dir() for p in (scenarios / folder).glob("*.yaml"))
for file in good:
    for error in validator.iter_errors(yaml.load(file.read_text(), Yaml12)):
        wrong += 1
        print(f"{file}: refused: {error.json_path}: {error.message}")
for name in BAD_SHAPES:
    file = scenarios / "bad" / f"{name}.yaml"
    if validator.is_valid(yaml.load(file.read_text(), Yaml12)):
        wrong += 1
        print(f"{file}: accepted")
print(f"{len(good)} good and {len(BAD_SHAPES)} bad files, {wrong} judged wrongly")
sys.exit(1 if wrong or len(good) < 6 else 0)
