#!/usr/bin/env bash
# Creates the job's topics with Kafka's own tool where `counterweight topics create` cannot run. What
# exists is left alone. Names are the defaults of docs/configuration.md.
#
#   BOOTSTRAP_SERVERS   otherwise localhost:9092
#   PARTITIONS          of each topic; otherwise 4
#   REPLICATION         of each topic; otherwise 1; 3 is usual outside of trials
#   COMMAND_CONFIG      file of client properties, for security
set -euo pipefail

bootstrap=${BOOTSTRAP_SERVERS:-localhost:9092}
tool=$(command -v kafka-topics.sh || echo /opt/kafka/bin/kafka-topics.sh)

create() {
  local topic=$1
  shift
  "$tool" --bootstrap-server "$bootstrap" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    --create --if-not-exists --topic "$topic" \
    --partitions "${PARTITIONS:-4}" --replication-factor "${REPLICATION:-1}" "$@"
}

for topic in events trusted labels predictions scores weights drift rejects; do
  create "$topic"
done
# Snapshots of models: the newest of each key stays; large ones pass Kafka's usual limit.
create models --config cleanup.policy=compact --config max.message.bytes=16777216
