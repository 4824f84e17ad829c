"""ct_test.py PROGRAM JSON EXAMPLE: the proof runs, its file says what it must; a core of the user's own is proved, or refuted when it
leaves early; and a file that is not there is an error."""
import json
import pathlib
import subprocess
import sys

program, path, example = sys.argv[1:]
assert subprocess.run([program, "ct", "--top", "/nonexistent.sv"]).returncode == 2
assert subprocess.run([program, "ct", "--json", path]).returncode == 0
with open(path) as file:
    result = json.load(file)
operations = {p["operation"] for p in result["proofs"] if p["proved"] is True}
assert operations == {"k_p", "k_g", "mul_add", "add_mod_n", "mul_mod_n", "inverse_mod_n", "sign_mod_n", "any"}, operations
assert all(p["latches"] > 150 for p in result["proofs"])
assert {s["name"] for s in result["shapes"] if s["proved"] is True and s["latches"] > 150} == {"digit_32", "tree"}, result["shapes"]
taint = result["taint"]
assert taint["clean"] and all(taint["data_in_cone"].values()) and not taint["tainted_control"]
assert len(result["mutants"]) == 5
for mutant in result["mutants"]:
    assert mutant["refuted"] is True, mutant
    assert mutant["cycle"] > 0 and mutant["signal"], mutant
    assert len(mutant["scalar_a"]) == 64 and mutant["scalar_a"] != mutant["scalar_b"], mutant

own = pathlib.Path(path).with_name("own_core.sv")
text = pathlib.Path(example).read_text()
assert "EarlyExit = 1'b0" in text
for early in (False, True):
    own.write_text(text.replace("EarlyExit = 1'b0", "EarlyExit = 1'b1") if early else text)
    assert subprocess.run([program, "ct", "--top", own, "--json", path]).returncode == (1 if early else 0)
    with open(path) as file:
        proofs = json.load(file)["proofs"]
    assert all(p["proved"] is not early for p in proofs), proofs
    if early:
        found = next(p for p in proofs if p["operation"] == "k_p")["counterexample"]
        assert found["signal"] and found["scalar_a"] != found["scalar_b"], found
