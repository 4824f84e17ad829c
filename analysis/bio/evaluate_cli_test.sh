#!/bin/sh
# evaluate from the command line: a run and the same again from its cache, and refusals that leave nothing behind.
set -eu
program=$1
out=$2
rm -rf "$out"
mkdir -p "$out"
run() { "$program" evaluate --trait finger --data synthetic --fingers 6 --enrolled 1,4 --impressions 8 --representation classical-code --bootstrap 50 "$@"; }
run --out "$out/run" --html "$out/page.html" --log "$out/log.md" >"$out/first.txt" 2>"$out/errors.txt"
test ! -s "$out/errors.txt"  # no progress in a pipe
cp "$out/run/results.json" "$out/first.json"
run --out "$out/run" --json "$out/second.json" >/dev/null
cmp "$out/first.json" "$out/second.json"
cmp "$out/run/results.json" "$out/second.json"
cmp "$out/run/index.html" "$out/page.html"
grep -q '"population_sha256": "[0-9a-f]' "$out/first.json"
test "$(wc -l <"$out/log.md")" = 1
test -s "$out/run/plots/det_card_enrolled_4.svg"
test -s "$out/run/plots/moisture_card.csv"

refused() {
  word=$1
  shift
  status=0
  "$program" evaluate --out "$out/none" --json "$out/none.json" "$@" >"$out/refusal.txt" 2>&1 || status=$?
  test "$status" = 2
  grep -q -- "$word" "$out/refusal.txt"
  test ! -e "$out/none"
  test ! -e "$out/none.json"
}
refused "is no folder" --data "$out/nowhere"
refused "data is missing"
refused "there are network-code" --data synthetic --representation nothing
refused "impressions" --data synthetic --enrolled 4 --impressions 3
refused "unknown option" --data synthetic --wrong
mkdir -p "$out/set/png"
for file in 1_1 1_2 2_1 2_2; do printf 'no picture' >"$out/set/png/$file.png"; done
refused "not a PNG picture" --data "$out/set" --enrolled 1
