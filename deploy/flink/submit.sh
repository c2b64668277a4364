#!/usr/bin/env bash
# Submits the job to a session cluster, unless a job is already there. It goes on from the newest
# retained checkpoint, as `bin/counterweight run` does.
#
#   submit.sh [JOB.yaml]
#
#   CHECKPOINTS   folder of the checkpoints; otherwise /data/checkpoints
#   JOB_JAR       otherwise /opt/flink/usrlib/counterweight-job.jar
set -euo pipefail

config=${1:-/opt/counterweight/job.yaml}
checkpoints=${CHECKPOINTS:-/data/checkpoints}
jar=${JOB_JAR:-/opt/flink/usrlib/counterweight-job.jar}

jobs=$(flink list)
if grep -Eq ' : [0-9a-f]{32} : ' <<<"$jobs"; then
  echo "A job is there already:"
  echo "$jobs"
  exit 0
fi

newest=$(find "$checkpoints" -path '*/chk-*/_metadata' -exec ls -1t {} + 2>/dev/null | sed -n 1p) || newest=''
newest=${newest%/_metadata}
if [[ -n $newest ]]; then
  echo "Going on from $newest"
  exec flink run --detached --fromSavepoint "file://$newest" "$jar" --config "$config"
fi
echo "Starting with empty learners"
exec flink run --detached "$jar" --config "$config"
