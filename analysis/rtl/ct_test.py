"""ct_test.py PROGRAM JSON: the proof runs, its file says what it must, and a file that is not there is an error."""
import json
import subprocess
import sys

program, path = sys.argv[1:]
assert subprocess.run([program, "ct", "--top", "/nonexistent.sv"]).returncode == 2
assert subprocess.run([program, "ct", "--json", path]).returncode == 0
with open(path) as file:
    result = json.load(file)
operations = {p["operation"] for p in result["proofs"] if p["proved"] is True}
assert operations == {"k_p", "k_g", "mul_add", "add_mod_n", "mul_mod_n", "inverse_mod_n", "sign_mod_n", "any"}, operations
assert all(p["latches"] > 150 for p in result["proofs"])
taint = result["taint"]
assert taint["clean"] and all(taint["data_in_cone"].values()) and not taint["tainted_control"]
assert len(result["mutants"]) == 5
for mutant in result["mutants"]:
    assert mutant["refuted"] is True, mutant
    assert mutant["cycle"] > 0 and mutant["signal"], mutant
    assert len(mutant["scalar_a"]) == 64 and mutant["scalar_a"] != mutant["scalar_b"], mutant
