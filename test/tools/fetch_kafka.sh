#!/usr/bin/env bash
# Fetches the Apache Kafka broker of the integration tests with Maven, once, into
# ${STREAMC_CACHE:-~/.cache/streamc}/kafka-<version>/, and prints that folder.
# A finished folder carries a list of checksums; a damaged one is fetched again.
set -euo pipefail

version=4.1.0
cache=${STREAMC_CACHE:-$HOME/.cache/streamc}
folder=$cache/kafka-$version

verified() { [ -f "$folder/SHA256SUMS" ] && (cd "$folder" && sha256sum --quiet -c SHA256SUMS >/dev/null 2>&1); }

if ! verified; then
  mkdir -p "$cache"
  exec 9>"$cache/.kafka.lock"
  flock 9
fi
if ! verified; then
  work=$(mktemp -d "$cache/.kafka.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>streamc</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
POM
  echo "fetching Apache Kafka $version" >&2
  fetched=no
  for attempt in 1 2 3; do
    if mvn -q -B -f "$work/pom.xml" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DoutputDirectory="$work/jars" -DincludeScope=runtime >"$work/log" 2>&1; then
      fetched=yes
      break
    fi
    echo "fetch_kafka: attempt $attempt of 3 failed" >&2
  done
  if [ "$fetched" = no ] || ! ls "$work/jars/kafka_2.13-$version.jar" >/dev/null; then
    tail -n 20 "$work/log" >&2
    exit 1
  fi
  (cd "$work/jars" && sha256sum -- *.jar >SHA256SUMS)
  rm -rf "$folder"
  mv "$work/jars" "$folder"
fi
echo "$folder"
