#!/bin/sh
# Remakes models/demo/tramontane-demo.gguf and its evaluation. Debian's python3-torch, -numpy, -regex, -brotli and libopenblas0-pthread.
set -eu
cd "$(dirname "$0")"
# Keep freed memory: without this glibc returns every activation to the kernel and half the time goes into page faults.
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456
# Let waiting threads sleep: on a busy machine they would spin away the time of the one that computes.
export GOMP_SPINCOUNT=0 OMP_WAIT_POLICY=passive
python="${PYTHON:-/usr/bin/python3}"
"$python" check_tokenizer.py
nice -n 15 "$python" train.py "$@"
"$python" export.py
"$python" evaluate.py
