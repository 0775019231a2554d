#!/bin/bash
# Whole strips of real writing, five folds over blocks of neighbouring files: how well a network reads them that was carried on
# from a base without them, on four fifths, and reads the last fifth. Answers of all folds are counted as one.
#
# usage: strips_in_five_folds.sh BIN_FOLDER BASE_MODEL WORK_FOLDER
# BIN_FOLDER holds inkfield and inkfield-train; BASE_MODEL is an ONNX file or a checkpoint folder; INKFIELD_DATA names the data.
# WORKERS and DEVICE are inkfield-train's, STEPS its --steps, BFLOAT16=1 its --bfloat16; on two cores it takes an hour and a half, on an accelerator minutes.
set -euo pipefail
[ $# = 3 ] || { sed -n '2,8s/^# \?//p' "$0" >&2; exit 2; }
bin=$1 base=$2 work=$3 here=$(cd "$(dirname "$0")" && pwd)
data=${INKFIELD_DATA:?names the folder of the data sets}
strips=$data/orand_car_a
field=$here/../../examples/fields/amount_without_cents.json
mended=$here/orand_car_a_mended.csv
mkdir -p "$work"

# Names of files without folder and ending, as the ink is named; labels as mended.
awk -F, 'function stem(f) { sub(/.*\//, "", f); sub(/\.[^.]*$/, "", f); return f }
         FNR == NR { if (FNR > 1) right[$1] = $3; next }
         FNR == 1 { print "file,text"; next }
         { name = stem($1); print name "," (name in right ? right[name] : $3) }' "$mended" "$strips/gt.csv" > "$work/truth.csv"
awk -F, 'NR == 1 { print "file,text"; next } { sub(/.*\//, "", $1); sub(/\.[^.]*$/, "", $1); print $1 "," $3 }' \
  "$strips/gt.csv" > "$work/labels.csv"
"$bin/inkfield" ink --field "$field" --crops "$strips/train" --out "$work/ink"

for fold in 1 2 3 4 5; do
  # A fold is every fifth block of 18 files by name, as the trainer divides them.
  sed 1d "$work/truth.csv" | grep -v '?' | cut -d, -f1 | sort | awk -v fold="$fold" 'int((NR - 1) / 18) % 5 == fold - 1' > "$work/fold$fold.txt"
  if [ ! -f "$work/fold$fold.onnx" ]; then
    "$bin/inkfield-train" --recipe strips --init "$base" --crops "$work/ink" --truth "$work/truth.csv" --boxes "$strips/boxes.csv" \
      --fold "$fold" --folds 5 --seed "$fold" --workers "${WORKERS:-2}" --device "${DEVICE:-cpu}" ${BFLOAT16:+--bfloat16} ${STEPS:+--steps "$STEPS"} \
      --checkpoint "$work/fold$fold" --out "$work/fold$fold.part.onnx"
    mv "$work/fold$fold.part.onnx" "$work/fold$fold.onnx"
  fi
  "$bin/inkfield" eval --model "$work/fold$fold.onnx" --field "$field" --crops "$strips/train" --truth "$work/labels.csv" \
    --key file --column text --only "$work/fold$fold.txt" --answers "$work/answers$fold.csv" > /dev/null
done
"$bin/inkfield" eval --field "$field" --pool "$work"/answers[1-5].csv --corrections "$mended" \
  --picture "$work/strips.svg" --errors "$work/errors.csv"
