#!/bin/sh
# train_cli_test.sh PROGRAM FOLDER: touchstone-bio train from outside. Trainings and sweeps killed at any point end with the same
# bytes as one that ran through; what is wrong is refused with exit code 2 and leaves nothing.
set -eu
program=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fail() { echo "train_cli_test: $*" >&2; exit 1; }
train() { "$program" train --trait finger --cache touches --threads 1 "$@" >>log.txt 2>&1; }
# refused WORDS ARGUMENT...
refused() {
  words=$1
  shift
  code=0
  "$program" "$@" >refused.txt 2>&1 || code=$?
  [ "$code" -eq 2 ] || fail "exit code $code, not 2: $*"
  grep -q -e "$words" refused.txt || fail "no '$words' in: $(cat refused.txt)"
}
# killed FILE ARGUMENT...: starts a training and kills it once FILE is there
killed() {
  awaited=$1
  shift
  # Not through train(): a shell's process would be killed in its place.
  "$program" train --trait finger --cache touches --threads 1 "$@" >>log.txt 2>&1 &
  pid=$!
  tries=0
  until [ -e "$awaited" ]; do
    kill -0 "$pid" 2>/dev/null || fail "it ended before it could be killed: $*"
    tries=$((tries + 1))
    [ "$tries" -lt 6000 ] || fail "no $awaited"
    sleep 0.01
  done
  kill -9 "$pid"
  wait "$pid" && fail "it ended before it could be killed: $*"
  return 0
}

cat >tiny.json <<'JSON'
{
  "seed": 1,
  "data": {"seed": 1, "fingers": 30, "impressions": 2, "statistics": 8, "held_out": 6,
           "kinds": {"optical": 0.5, "press": 0, "capacitive": 0, "sweep": 0, "card": 0.5}, "scale": 0},
  "model": {"channels": [2, 3, 4], "descriptor": 6, "dimensions": 8},
  "optimiser": {"steps": 150, "fingers": 8, "learning_rate": 0.01, "proxy_factor": 5, "weight_decay": 0.001, "warm_up": 0.1},
  "loss": {"proxy": 1, "proxy_scale": 16, "proxy_margin": 0.1, "minutia": 1, "minutia_pairs": 50, "set": 0, "covariance": 0},
  "augmentation": {"card_window": 0.3, "card_shift_px": 10, "drop": 0.1, "most_minutiae": 12, "mirror": 0.5, "scale": 0.05,
                   "touch_scale": 0, "turn_rad": 0.05, "shift_samples": 0.3, "patch_scale": 0.02},
  "whitening": {"dimensions": 5, "shrinkage": 0.05},
  "schedule": {"log_every": 5, "checkpoint_every": 10, "evaluate_every": 50}
}
JSON
echo '{"base": "tiny.json", "trials": [{"name": "a", "changes": {"seed": 2}}, {"name": "b", "changes": {"loss": {"set": 1}}}]}' >sweep.json

train --config tiny.json --out whole || fail "$(cat log.txt)"
killed resumed/checkpoint.tsnt --config tiny.json --out resumed
[ ! -e resumed/weights.tsnt ] || fail "weights before the end"
train --config tiny.json --out resumed
cmp whole/weights.tsnt resumed/weights.tsnt
grep -q '"command": "touchstone bio train' whole/weights.json || fail "no command in the log"

# Killed while touches are made: the files that are whole are used, the rest is made.
rm -rf touches
killed touches --config tiny.json --out again
train --config tiny.json --out again
cmp whole/weights.tsnt again/weights.tsnt

train --sweep sweep.json --out swept
killed broken/b/checkpoint.tsnt --sweep sweep.json --out broken
train --sweep sweep.json --out broken
for trial in a b; do cmp "swept/$trial/weights.tsnt" "broken/$trial/weights.tsnt"; done

sed 's/"drop"/"dropp"/' tiny.json >wrong.json
refused 'wrong.json: augmentation.drop' train --trait finger --config wrong.json --out wrong
refused '--trait finger or --trait face is needed' train --config tiny.json --out wrong
refused '--trait finger or --trait face is needed' train --trait iris --config tiny.json --out wrong
refused '--out is missing' train --trait finger --config tiny.json
refused 'no such file' train --trait finger --config absent.json --out wrong
sed 's/^  "seed": 1/  "seed": 3/' tiny.json >other.json
refused 'of another experiment' train --trait finger --config other.json --cache touches --out whole
face="train --trait face --embeddings a.npy --labels a.csv --set lfw --out wrong"
refused '--scheme is missing' $face
refused '--scheme is head, n0 or n1' $face --scheme r1
refused '--part is tune or report' $face --scheme n0 --part all
refused 'settings are chosen on the tuning part' $face --scheme n0 --part report --sweep sweep.json
refused 'the file of vectors cannot be read' $face --scheme n1
[ ! -e wrong ] || fail "something was written for a refused command"
