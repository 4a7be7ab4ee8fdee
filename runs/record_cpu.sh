#!/usr/bin/env bash
# The record on a CPU, against two recipes of nanoGPT, each with three short runs of ours, every one another seed:
# its README's for a laptop, whole (2,000 iterations of a 4 x 128 model), and its 6 x 384 one, 600 of 5,000 iterations.
# Then bench/record.py scores them all and compares their clocks.
#     bash runs/record_cpu.sh [settings of train.py, for all eight runs: a trial in small]
# Stop it with Ctrl-C at any time and start it again: it goes on where it was. On two cores that multiply bf16 about an
# hour and a quarter (nanoGPT's own float32 loop would need an hour and a half for the larger baseline alone). It writes
# data/poetry and out-record; the environment variables that name other places stand in steps.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=out-record
train=()
# shellcheck source=runs/steps.sh
source runs/steps.sh
record=$run

# the words of all runs
rest=("$@")

# One run to its end: its name, then the words behind `python train.py`.
once() {
    run=$record/$1
    train_until "${@:2}" --device=cpu ${rest[@]+"${rest[@]}"} "--dataset=$dataset" "--out_dir=$run"
}

# Three runs of ours beside a baseline, their loops timed over so many steps: what their names begin with, the number of
# steps, then the words.
thrice() {
    for seed in 1337 1 2; do
        once "$1$seed" config/train_record.py "--seed=$seed" "${@:3}"
    done
    "$python" bench/record.py --dataset="$dataset" --baseline="$record/$1baseline" --rounds="$2" \
        --ours="$record/${1}1337,$record/${1}1,$record/${1}2"
}

make_environment
prepare_corpus

laptop=(--n_layer=4 --n_head=4 --n_embd=128)
once laptop-baseline config/train_nanogpt_baseline.py "${laptop[@]}" --block_size=64 --batch_size=12 --dropout=0 \
    --max_iters=2000 --lr_decay_iters=2000
# the baseline sees no fields, so these see none either
thrice laptop- 60 "${laptop[@]}" --batch_size=4 --max_iters=380 --warmup_iters=30 --cooldown_iters=230 \
    --learning_rate=8e-3 --bare_share=1.0

once baseline config/train_nanogpt_baseline.py --max_iters=600 --lr_decay_iters=600 --dtype=auto
thrice "" 6
