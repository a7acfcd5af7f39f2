#!/usr/bin/env bash
# One Kafka broker with TLS, SCRAM and ACLs. Its storage is made the first time, with a user for each file kafka-USER.
# HOST, PORT: how it is reached. LIBRARIES, DATA, SECRETS: folders. CONTROLLER_PORT: another free port of this machine.
set -euo pipefail

secrets=$SECRETS settings=${TMPDIR:-/tmp}/mash-kafka-$PORT.properties
java=(java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$LIBRARIES/*")
one_line() { awk '{printf "%s\\n", $0}' "$1"; }
login="org.apache.kafka.common.security.scram.ScramLoginModule required"

umask 077
cat > "$settings" <<END
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${CONTROLLER_PORT:-9094}
listeners=SASL_SSL://${LISTEN:-0.0.0.0}:$PORT,CONTROLLER://127.0.0.1:${CONTROLLER_PORT:-9094}
advertised.listeners=SASL_SSL://$HOST:$PORT,CONTROLLER://127.0.0.1:${CONTROLLER_PORT:-9094}
controller.listener.names=CONTROLLER
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$login username="admin" password="$(cat "$secrets/kafka-admin")";
ssl.keystore.type=PEM
ssl.keystore.certificate.chain=$(one_line "$secrets/kafka.pem")
ssl.keystore.key=$(one_line "$secrets/kafka.key")
ssl.truststore.type=PEM
ssl.truststore.certificates=$(one_line "$secrets/kafka.pem")
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
allow.everyone.if.no.acl.found=false
auto.create.topics.enable=false
unclean.leader.election.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=${REBALANCE_DELAY_MS:-3000}
log.dirs=$DATA/data
END

if [ ! -e "$DATA/data/meta.properties" ]; then
    users=()
    for file in "$secrets"/kafka-*; do
        users+=(--add-scram "SCRAM-SHA-512=[name=${file##*/kafka-},password=$(cat "$file")]")
    done
    "${java[@]}" kafka.tools.StorageTool format -t bWFzaC1wYXJ0bmVyc2hpcA -c "$settings" --standalone "${users[@]}"
fi
exec "${java[@]}" kafka.Kafka "$settings"
