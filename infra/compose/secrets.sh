#!/usr/bin/env bash
# Makes every secret that docker-compose.yml names and that is not there yet: a password each, and a certificate for Kafka.
# What is there stays. The folder is for its owner only; its files may be read by whoever a container runs as.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$top/secrets}
command -v openssl >/dev/null || { echo "openssl is needed to make passwords and a certificate: install it." >&2; exit 1; }
mkdir -p "$folder"
chmod 700 "$folder"

if [ ! -e "$folder/kafka.key" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 825 -subj "/CN=kafka" \
        -addext "subjectAltName=DNS:kafka,IP:127.0.0.1" -keyout "$folder/kafka.key" -out "$folder/kafka.pem" 2>/dev/null
fi
made=0
for name in $(sed -n 's|.*file: \./secrets/\([a-z0-9.-]*\)}.*|\1|p' "$top/docker-compose.yml"); do
    if [ ! -e "$folder/$name" ]; then
        openssl rand -hex 24 | tr -d '\n' > "$folder/$name"
        made=$((made + 1))
    fi
done
chmod 444 "$folder"/*
echo "$made passwords made; all secrets are in $folder. Keep them out of backups of the home, and out of git."
