#!/usr/bin/env bash
# What a bare GPU machine can tell of this project: Node, Dawn and the command come with it, nothing is installed.
#   bash run.sh [OUTPUT]     (default: ./gpu-output)
# Each part has a time limit; what it says is written to OUTPUT as it comes, and each part's end to OUTPUT/summary.txt.
#   PARTS="adapter verify kernels bench profile pytorch train"   what to do, in this order
#   MODELS="resnet20:128 resnet56:128 resnet110:128 resnet18:64 resnet50:64"   what is measured, as model:batch
#   BENCH_FLAGS="10 both"    stretches that are measured; recorded steps (true), op by op (false), or both
#   NETS="resnet20 plain20"   what is trained, one after the other; resnet20+plain20 side by side
#   STEPS=64000               iterations of a training
#   WORKERS=6                 threads that make its batches
#   BACKEND=webgpu            what it computes on
#   DATA=FOLDER               CIFAR-10's binary files; generated shapes without them
#   SECONDS_LEFT=600          when all of it must be over; trainings stop with a checkpoint, and go on at the next call
#   WORK=FOLDER               where things are unpacked and runs are kept (default: ./gpu-work)
#   SOFTWARE=1                takes an adapter that computes on the CPU
#   DAWN_FLAGS=…              for Dawn, separated by semicolons, as enable-dawn-features=disable_robustness,skip_validation
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-gpu-output}" && cd "${1:-gpu-output}" && pwd)
work=$(mkdir -p "${WORK:-gpu-work}" && cd "${WORK:-gpu-work}" && pwd)
models=${MODELS:-resnet20:128 resnet56:128 resnet110:128 resnet18:64 resnet50:64}
begin=$SECONDS
limit=${SECONDS_LEFT:-100000}
export HOME=${HOME:-$work} DAWN_FLAGS=${DAWN_FLAGS:-} SOFTWARE=${SOFTWARE:-}

left() { echo $((limit - (SECONDS - begin))); }
say() { echo "$*" | tee -a "$out/summary.txt"; }

# part NAME SECONDS COMMAND…: its output to NAME.txt, a line about its end to summary.txt.
part() {
  local name=$1 most=$2 started=$SECONDS code
  shift 2
  [ "$(left)" -lt "$most" ] && most=$(left)
  if [ "$most" -le 5 ]; then say "$name: no time left"; return 124; fi
  # SIGTERM first: a training writes a checkpoint then.
  timeout --kill-after=10 "$most" "$@" >>"$out/$name.txt" 2>&1
  code=$?
  say "$name: exit $code after $((SECONDS - started)) s"
  return $code
}

unpack() {
  [ -x "$work/node" ] && return
  if command -v xz >/dev/null; then tar -C "$work" -xJf "$here/runtime.tar.xz"
  else python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$here/runtime.tar.xz" "$work"; fi
}

# Libraries and drivers that the system does not name itself.
complete_system() {
  local missing="$work/missing" name
  mkdir -p "$missing"
  for name in $(cd "$work/lib" && ls); do
    ldconfig -p 2>/dev/null | grep -q "$name .*x86-64" || cp "$work/lib/$name" "$missing/"
  done
  export LD_LIBRARY_PATH="$missing${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && ! ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*.json >/dev/null 2>&1; then
    local found=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
    [ -e "$found" ] && export VK_DRIVER_FILES=$found
  fi
}

node() { "$work/node" "$@"; }
resnet() { echo "$work/node" --import "$work/app/dist/dawn.js" "$work/app/dist/resnet.js" "$@"; }
program() { echo "$work/node" --import "$work/app/dist/dawn.js" "$work/app/dist/$1.js"; }
software() { [ -n "$SOFTWARE" ] && echo --software; }

# What a training has so far, as one file that can be taken away at any time.
keep() {
  [ -d "$work/runs/$1" ] || return
  tar -C "$work/runs" --exclude="*tfevents*" -czf "$out/$1.tar.gz.part" "$1" 2>/dev/null
  [ -s "$out/$1.tar.gz.part" ] && mv "$out/$1.tar.gz.part" "$out/$1.tar.gz"
}

train() {
  local net=$1 run="$work/runs/$1" keeper
  local data=${DATA:+cifar10 --data $DATA}
  mkdir -p "$work/runs"
  (while sleep 30; do keep "$net"; done) &
  keeper=$!
  if [ -e "$run/recipe.json" ]; then
    part "train-$net" 100000 $(resnet train --resume "$run" $(software))
  else
    part "train-$net" 100000 $(resnet train ${data:-shapes10} --model "$net" --backend "${BACKEND:-webgpu}" --workers "${WORKERS:-6}" --steps "${STEPS:-64000}" --hold-out 0 \
      --validate-every 0 --checkpoint-every 2000 --out "$run" $(software) ${TRAIN_FLAGS:-})
  fi
  kill "$keeper" 2>/dev/null
  keep "$net"
}

train_together() {
  local net others=()
  for net in "$@"; do train "$net" & others+=($!); done
  wait "${others[@]}"
}

unpack || { say "runtime.tar.xz could not be unpacked"; exit 1; }
complete_system
say "packed from $(cat "$work/version.txt")"
for step in ${PARTS:-adapter verify kernels bench profile pytorch train}; do
  case $step in
    adapter) part adapter 60 $(program adapter) || { say "No adapter that can be used: see adapter.txt."; cat "$out/adapter.txt"; exit 1; } ;;
    verify) part verify 120 $(resnet verify --backend webgpu $(software)) ;;
    kernels) part kernels 120 $(program kernels) ;;
    bench) for model in $models; do part bench 90 $(program bench) "${model%:*}" "${model#*:}" ${BENCH_FLAGS:-}; done ;;
    profile) for model in ${PROFILE:-resnet20:128 resnet50:64}; do part profile 60 $(program profile) "${model%:*}" "${model#*:}"; done ;;
    pytorch) part pytorch 180 python3 "$work/pytorch.py" $models ;;
    train) for nets in ${NETS:-resnet20 plain20}; do train_together ${nets//+/ }; done ;;
    *) say "$step: no such part" ;;
  esac
done
cat "$out/summary.txt"
