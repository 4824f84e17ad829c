#!/bin/sh
# tvla_cli_test.sh PROGRAM FOLDER: touchstone-rtl tvla from outside. Interrupted, killed and sharded assessments end with the same bytes as
# one that ran through; what does not fit is refused.
set -eu
program=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fail() { echo "tvla_cli_test: $*" >&2; exit 1; }
tvla() { "$program" tvla "$@" >>log.txt 2>&1; }
# expect CODE ARGUMENT...
expect() {
  wanted=$1
  shift
  got=0
  tvla "$@" || got=$?
  [ "$got" -eq "$wanted" ] || fail "exit code $got, not $wanted: tvla $*"
}
# The unprotected core leaks within a few hundred traces, and must: it is a control. Its sum of scalars is short.
control="--variant unprotected_64 --operation sign_mod_n"
sums=unprotected_64-sign_mod_n-scalar.sums
svg=unprotected_64-sign_mod_n-scalar.svg

expect 0 $control --traces 300 --out whole --json whole.json
grep -q '"confirmed_points": [1-9]' whole.json || fail "no confirmed point in the JSON"
grep -q '"pass": true' whole.json || fail "no pass in the JSON"

tvla $control --traces 110 --out resumed || true  # few traces: either verdict
expect 0 $control --traces 300 --out resumed
cmp whole/$sums resumed/$sums
cmp whole/$svg resumed/$svg

# Killed while it works, after every trace a checkpoint.
"$program" tvla $control --traces 100000000 --checkpoint-s 0 --out killed >/dev/null 2>&1 &
working=$!
until [ -e killed/$sums ]; do kill -0 $working || fail "it ended before it was killed"; done
kill -9 $working
wait $working 2>/dev/null || true
done=$(head -n 1 killed/$sums | sed 's/.*"done":\([0-9]*\),.*/\1/')
expect 0 $control --traces $((done + 300)) --out killed
expect 0 $control --traces $((done + 300)) --out unharmed
cmp killed/$sums unharmed/$sums

for i in 1 2 3; do expect 0 $control --traces 300 --shard $i/3 --out shard$i; done
expect 0 --merge shard1 shard2 shard3 --out merged --json merged.json
cmp whole/$sums merged/$sums
cmp whole/$svg merged/$svg
cmp whole.json merged.json
expect 2 --merge shard1 shard2
expect 2 --merge shard1 shard2 shard2

expect 2 $control --traces 300 --seed 2 --out whole
expect 2 $control --traces 200 --out whole
expect 2 $control --traces 300 --shard 1/2 --out whole
printf 'x' >>merged/$sums
expect 2 $control --traces 300 --out merged
expect 2 --merge merged
expect 2 --variant nobody
expect 2 --operation sign_mod_n --what point
expect 2 --shard 3/2 --out whole
expect 2 --traces

# Too few traces to see a leak: a control that shows none is a failure.
expect 1 $control --traces 2
