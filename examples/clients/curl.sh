#!/bin/sh
# Asks the penguins model of `make serve` through one door after another. Run it, or paste a call:
#   sh curl.sh
# ISOMORPH=http://... in the environment names another server; bundles are read from artifacts/.
set -eu
S=${ISOMORPH:-http://127.0.0.1:8080}
GOLDEN=$(dirname "$0")/../../artifacts/penguins/1/golden.json
ADELIE='{"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181,
         "body_mass_g": 3750, "year": 2007, "island": "Torgersen", "sex": "male"}'
LARGE='{"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 230,
        "body_mass_g": 3750, "year": 2007, "island": "Torgersen", "sex": null}'

# Is it ready? Only when each bundle has answered its golden rows on this machine.
curl -sS -w '\n' "$S/v2/health/ready"

# Native: one penguin is an object, many are an array; a version may be named.
curl -sS -w '\n' "$S/models/penguins/predict" -d "$ADELIE"
curl -sS -w '\n' "$S/models/penguins/versions/1/predict" -d "[$ADELIE, $LARGE]"

# What is wrong comes as a problem (RFC 9457): row, column, what would be right.
curl -sS -w '\n' "$S/models/penguins/predict" -d "[$ADELIE, {\"island\": \"Torgersen\"}]"

# Open Inference Protocol V2 (Triton, KServe): a bundle's golden rows are a request as they are.
curl -sS -w '\n' "$S/v2/models/penguins/infer" -d "@$GOLDEN"

# V1 (TensorFlow Serving, KServe).
curl -sS -w '\n' "$S/v1/models/penguins:predict" -d "{\"instances\": [$ADELIE, $LARGE]}"

# MLflow, and SageMaker's CSV, whose rows have no header.
JSON='Content-Type: application/json' CSV='Content-Type: text/csv'
curl -sS -w '\n' "$S/endpoints/penguins/invocations" -H "$JSON" \
  -d "{\"dataframe_records\": [$ADELIE, $LARGE]}"
curl -sS "$S/endpoints/penguins/invocations" -H "$CSV" -H 'Accept: text/csv' \
  --data-binary '39.1,18.7,181,3750,2007,Torgersen,male
39.1,18.7,230,3750,2007,Torgersen,'

# Openscoring (PMML over REST).
curl -sS -w '\n' "$S/model/penguins" -H "$JSON" -d "{\"id\": \"7\", \"arguments\": $ADELIE}"
