#!/usr/bin/env bash
# Prints the folder with Kafka 4.3.1's libraries on the last line, getting them with Maven if the machine has none.
# Order: MASH_KAFKA_LIBS, build/kafka/libs, then Maven (Java 17 or newer).
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here="$top/build/kafka/libs"

is_right() { [ -f "$1/kafka_2.13-4.3.1.jar" ] && [ -f "$1/kafka-server-4.3.1.jar" ]; }

for candidate in "${MASH_KAFKA_LIBS:-}" "$here"; do
    if [ -n "$candidate" ] && is_right "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done

for needed in java mvn; do
    command -v "$needed" >/dev/null || { echo "Kafka 4.3.1 needs $needed, and this machine has none: install Java 17 and Maven." >&2; exit 1; }
done

echo "getting Kafka 4.3.1 with Maven" >&2
mkdir -p "$here"
mvn --quiet --batch-mode --file "$top/infra/kafka/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$here" -DincludeScope=runtime >&2
is_right "$here" || { echo "what Maven got is not Kafka 4.3.1" >&2; exit 1; }
echo "$here"
