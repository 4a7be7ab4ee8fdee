#!/usr/bin/env bash
# The record on a CPU: nanoGPT's recipe, 600 of its 5,000 iterations, against three short runs of ours, each another
# seed; then bench/record.py scores them all and compares their clocks.
#     bash runs/record_cpu.sh [settings of train.py, for all four runs: a trial in small]
# Stop it with Ctrl-C at any time and start it again: it goes on where it was. On two cores that multiply bf16 about an
# hour (nanoGPT's own float32 loop would need an hour and a half for the baseline alone). It writes data/poetry and
# out-record; the environment variables that name other places stand in steps.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=out-record
train=()
# shellcheck source=runs/steps.sh
source runs/steps.sh
record=$run

# One run to its end: its name, then the words behind `python train.py`.
once() {
    run=$record/$1
    train_until "${@:2}" "--dataset=$dataset" "--out_dir=$run"
}

make_environment
prepare_corpus
once baseline config/train_nanogpt_baseline.py --device=cpu --max_iters=600 --lr_decay_iters=600 --dtype=auto "$@"
for seed in 1337 1 2; do
    once "$seed" config/train_record.py --device=cpu "--seed=$seed" "$@"
done
"$python" bench/record.py --dataset="$dataset" --baseline="$record/baseline" \
    --ours="$record/1337,$record/1,$record/2"
