#!/usr/bin/env bash
# bench/ncu_counts.sh [DEVICE]: what the emulator counts of three kernels, beside what NVIDIA's
# profiler counts of the same launches on a GPU.
#
# The cases are so small that the emulator cuts nothing of them. ADJOINT names another launcher than
# ./adjoint, NCU another profiler than ncu. Ends with 77 where there is no profiler, or it may not
# read the GPU's counters, and with 1 where a figure is off by more than 2 %.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
adjoint="${ADJOINT:-./adjoint}" ncu="${NCU:-ncu}" device="${1:-cuda:0}"
command -v "$ncu" >/dev/null || {
  echo "ncu_counts: no $ncu here; it comes with CUDA's toolkit, and NCU may name it" >&2
  exit 77
}
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

sectors=l1tex__t_sectors_pipe_lsu_mem_global_op
conflicts=l1tex__data_bank_conflicts_pipe_lsu_mem_shared
off=0

# counted FIGURE: of the one row of the emulator's results.
counted() {
  grep -oE "\"$1\" *: *[0-9]+" "$work/emulator.json" | grep -oE '[0-9]+$' | head -n 1
}

# profiled METRIC...: the sum of some metrics, in the launch where it is largest: the checks before
# run the same kernel on smaller shapes.
profiled() {
  python3 - "$work/ncu.csv" "$@" <<'PYTHON'
import csv, sys
sums = {}
for row in csv.DictReader(line for line in open(sys.argv[1]) if line.startswith('"')):
    if row["Metric Name"] in sys.argv[2:]:
        launch = row["Process ID"], row["ID"]
        sums[launch] = sums.get(launch, 0) + float(row["Metric Value"].replace(",", ""))
print(int(max(sums.values(), default=-1)))
PYTHON
}

# beside KERNEL FIGURE COUNTED PROFILED
beside() {
  awk -v kernel="$1" -v figure="$2" -v ours="$3" -v theirs="$4" 'BEGIN {
    close_enough = ours == theirs || (theirs > 0 && ours / theirs > 0.98 && ours / theirs < 1.02)
    printf "%-24s %-10s emulator %12d   ncu %12d   %s\n", kernel, figure, ours, theirs,
      close_enough ? "same" : "OFF"
    exit !close_enough
  }' || off=1
}

# compare OPERATION VARIANT SIZES KERNEL
compare() {
  local case=(bench kernels "$1" --variants "$2" --shapes "$3" --dtype F32)
  "$adjoint" "${case[@]}" --device emulator --json "$work/emulator.json" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
  "$ncu" --csv --target-processes all --kernel-name "$4" --cache-control none \
    --metrics "${sectors}_ld.sum,${sectors}_st.sum,$conflicts.sum" \
    "$adjoint" "${case[@]}" --device "$device" >"$work/ncu.csv" 2>"$work/log" || true
  if grep -q ERR_NVGPUCTRPERM "$work/ncu.csv" "$work/log"; then
    echo "ncu_counts: this user may not read the GPU's counters (ERR_NVGPUCTRPERM)" >&2
    exit 77
  fi
  beside "$4" "moved" "$(counted moved)" \
    $((32 * $(profiled "${sectors}_ld.sum" "${sectors}_st.sum")))
  beside "$4" "conflicts" "$(counted conflicts)" "$(profiled "$conflicts.sum")"
}

compare softmax block 64x1024 softmax_held_f32
compare row_norm held 64x1024 row_norm_held_f32
compare sum each 64x1024 sum_each_f32
exit $off
