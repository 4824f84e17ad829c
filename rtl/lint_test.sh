#!/bin/sh
# lint_test.sh VERILATOR FOLDER WAIVERS SOURCE...: no source gives a warning under -Wall, in any shape, but for the waivers; and the same
# command fails on a source that deserves one.
set -eu
verilator=$1 folder=$2 waivers=$3
shift 3
mkdir -p "$folder"

lint() { "$verilator" --lint-only -Wall --top-module secp_accel "$@" >"$folder/lint.txt" 2>&1; }

for digit in 64 32; do
  for shape in "0 0" "1 0" "2 0" "1 1"; do
    style=${shape% *} tree=${shape#* }
    lint "-GDigitBits=$digit" "-GStyle=$style" "-GTree=1'b$tree" "$waivers" "$@" && [ ! -s "$folder/lint.txt" ] || {
      cat "$folder/lint.txt"
      echo "lint_test: warnings of DigitBits $digit, Style $style, Tree $tree" >&2
      exit 1
    }
  done
done

cat >"$folder/bad.sv" <<'END'
module secp_accel (
  input  logic [7:0] a_i,
  output logic [3:0] b_o
);
  logic nobody_reads;
  assign nobody_reads = a_i[0];
  assign b_o = a_i;
endmodule
END
if lint "$waivers" "$folder/bad.sv"; then
  echo "lint_test: the control passed" >&2
  exit 1
fi
for warning in WIDTH UNUSEDSIGNAL; do
  grep -q "%Warning-$warning" "$folder/lint.txt" || {
    echo "lint_test: the control gives no $warning" >&2
    exit 1
  }
done
