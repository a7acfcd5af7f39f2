#!/bin/sh
# Makes what the partnership's processes need: home and root key the first time; the database's roles, OPA's bundle and Kafka's topics each time.
set -eu

if [ ! -e "$MASH_HOME/hub/registry.json" ]; then
    mkdir -p "$(dirname "$MASH_ROOT_KEY_FILE")"
    mash init --root-key "$MASH_ROOT_KEY_FILE"
fi
mash database apply > /dev/null
for kind in hub sequencer release; do
    mash database login "$kind" --password-file "${SECRETS:-/run/secrets}/postgres-$kind"
done
mash policy bundle "${BUNDLE:-/policy/policy.tar.gz}"
# One broker keeps one copy; a partnership in earnest has three.
sed 's/^replicas: .*/replicas: 1/; s/^in_sync: .*/in_sync: 1/' "${TOPICS:-/etc/mash/topics.yaml}" > "${TMPDIR:-/tmp}/topics.yaml"
mash topics apply "${TMPDIR:-/tmp}/topics.yaml"
