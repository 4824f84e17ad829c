#!/bin/sh
# train_smoke_test.sh PROGRAM FOLDER: the smoke experiment, from generated fingers to figures, ends clearly below chance (50 %).
set -eu
program=$1 folder=$2
experiments=$(cd "$(dirname "$0")/../experiments/finger" && pwd)
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
"$program" cache --trait finger --config "$experiments/smoke.json" --cache touches --threads 2
"$program" train --trait finger --config "$experiments/smoke.json" --cache touches --out smoke --threads 1 | tee log.txt
awk '/picture:|window:/ { ++lines; for (i = 1; i < NF; ++i) if ($i == "EER" && $(i + 1) > 35) bad = 1 }
     END { exit lines != 2 || bad }' log.txt || { echo "train_smoke_test: an equal error rate above 35 %" >&2; exit 1; }
