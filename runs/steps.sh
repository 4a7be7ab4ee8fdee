# What both release scripts do, step by step; sourced by release_cpu.sh and release_gpu.sh (record_cpu.sh takes its
# parts), which set
#   train   the words behind `python train.py`: a config file and settings
#   longer  (may be unset) the same for a second part, in which that run is taken up again and goes on
#   last    (may be unset) the same for a third part; the model is then the average of its end and the second's,
#           $share of it the third's
#   teacher (may be unset) the same for a larger model that is trained first, in $run-teacher, and teaches those
#   run     the folder of the training run
# From the environment (defaults in brackets), for another text, another folder or a small trial:
#   SHICI_PYTHON  a Python that has the package; else .venv is built by make
#   DATASET [poetry]  data/$DATASET, made by prepare.py unless train.bin is there; PREPARE: more options for it
#   RUN  instead of the script's own folder
#   TO [shici/pretrained]  the folder that ships; SAMPLES [1000]  poems of each kind in the report
#   REMARK  a sentence for the model card
# Each step is left out where its result is there and of this very run, so a script that was stopped is started
# again in the same way and goes on.

trap 'exit 130' INT TERM # training catches the signal, saves and ends well: it is not to be started again

dataset=${DATASET:-poetry}
run=${RUN:-$run}
to=${TO:-shici/pretrained}
data=data/$dataset
[[ $dataset = /* ]] && data=$dataset
made=$run # where the model lies that is released
report=$run/evaluation/report.json
places=("--dataset=$dataset" "--out_dir=$run")

say() { printf '\n== %s\n' "$*"; }

# Sets `python`, as an absolute path.
make_environment() {
    if [ -n "${SHICI_PYTHON:-}" ]; then
        python=$SHICI_PYTHON
        return
    fi
    say "环境 environment"
    make --no-print-directory .venv/.installed
    python=$PWD/.venv/bin/python
}

prepare_corpus() {
    [ -f "$data/train.bin" ] && return
    say "语料 corpus"
    read -ra options <<<"${PREPARE:-}"
    "$python" data/poetry/prepare.py --out-dir="$data" ${options[@]+"${options[@]}"}
}

# Whether the run has done all the steps that these words ask for.
trained() { reached "$run/ckpt.pt" "$@"; }

# The same of a checkpoint by itself.
reached() {
    [ -f "$1" ] && "$python" - "$@" <<'PYTHON'
import sys
from pathlib import Path

from shici.checkpoint import read_checkpoint
from shici.config.parse import parse_settings
from shici.config.train import TrainSettings

checkpoint, *words = sys.argv[1:]
settings = parse_settings(TrainSettings, words, prog="train.py")
sys.exit(read_checkpoint(Path(checkpoint))["iter_num"] < settings.max_iters)
PYTHON
}

# One run after another (max_minutes ends each) until the last step of these words.
train_until() {
    until trained "$@"; do
        say "训练 training"
        if [ -f "$run/ckpt.pt" ]; then
            "$python" train.py "$@" --init_from=resume
        else
            "$python" train.py "$@"
        fi
    done
}

# What is trained after it learns from it too.
train_teacher() {
    local student=$run
    run=$run-teacher
    train_until "${teacher[@]}" "--dataset=$dataset" "--out_dir=$run"
    places+=("--teachers=$run")
    run=$student
}

train_model() {
    [ -z "${teacher+set}" ] || train_teacher
    train_until "${train[@]}" "${places[@]}"
    [ -z "${longer+set}" ] || train_until "${longer[@]}" "${places[@]}"
    [ -z "${last+set}" ] || train_and_average
}

# The second part's end is kept before the third goes on from it.
train_and_average() {
    if ! reached "$run/cooled.pt" "${longer[@]}" "${places[@]}"; then
        cp "$run/ckpt.pt" "$run/.cooled.pt"
        mv "$run/.cooled.pt" "$run/cooled.pt"
    fi
    train_until "${last[@]}" "${places[@]}"
    made=$run/averaged
    "$python" -m scripts.average --earlier="$run/cooled.pt" --run="$run" --share="$share" --to="$made"
}

# Whether a part of the folder that ships (weights, heads, report, card) is there and of this run.
stands() {
    "$python" -m scripts.release_stands "$1" --run="$made" --to="$to" --report="$report"
}

# The rounded weights first: the report and the heads' scores are bound to them.
write_weights() {
    stands weights && return
    say "权重 weights"
    "$python" scripts/release.py --run="$made" --to="$to" --weights-only
}

score_heads() {
    stands heads && return
    say "注意力头 heads"
    "$python" scripts/score_heads.py --model="$to"
}

evaluate() {
    stands report && return
    say "评测 evaluation"
    "$python" -c 'from shici.cli import entry; entry()' \
        evaluate --model="$to" --data="$data" --samples="${SAMPLES:-1000}" --out="$run/evaluation"
}

write_card() {
    stands card && return
    say "模型卡 model card"
    "$python" scripts/release.py --run="$made" --to="$to" --dataset="$dataset" --report="$report" --remark="${REMARK:-}"
}

make_release() {
    prepare_corpus
    train_model
    write_weights
    score_heads
    evaluate
    write_card
    say "$to/MODEL_CARD.md"
}
