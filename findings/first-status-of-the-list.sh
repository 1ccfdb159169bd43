#!/usr/bin/env bash
# fhir-models@0.3.2 of samply's golang-fhir-models (Go): FHIR R4 as structs, read by its Unmarshal functions, written by
#   encoding/json.
# One expects: what is read is written again. Where a status has no value and an extension that says why (data-absent-reason, which
#   R4 allows on a required status), it stays so or is refused; of value[x] and medication[x] there is one.
# Seen: the first code of a list takes its place: a result is registered, an answer sheet in-progress, a vaccination in preparation
#   (which R4 has not for it), an allergy list current; a medicine's is "". Each medicine gets an empty medicationReference beside its
#   code, each dated vaccination the occurrenceString "". An answer that is said to be unknown is an empty one, a masked name is "".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH="$folder/go" GOFLAGS="-mod=mod -modcacherw"
go mod init look 2>/dev/null
go get github.com/samply/golang-fhir-models/fhir-models@v0.3.2 2>/dev/null
cat >look.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/samply/golang-fhir-models/fhir-models/fhir"
)

const why = `{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}`

func told[T any](read func([]byte) (T, error), resource string) {
	one, refused := read([]byte(strings.ReplaceAll(resource, "WHY", why)))
	if refused != nil {
		fmt.Println("refused:", refused)
		return
	}
	again, _ := json.Marshal(one)
	fmt.Println(string(again))
}

func main() {
	told(fhir.UnmarshalObservation, `{"resourceType": "Observation", "_status": WHY, "code": {"text": "Potassium"},
		"valueQuantity": {"value": 2.50, "unit": "mmol/L"}}`)
	told(fhir.UnmarshalQuestionnaireResponse, `{"resourceType": "QuestionnaireResponse", "_status": WHY, "item": [{"linkId": "fever",
		"answer": [{"_valueBoolean": WHY}]}]}`)
	told(fhir.UnmarshalMedicationStatement, `{"resourceType": "MedicationStatement", "_status": WHY,
		"medicationCodeableConcept": {"text": "Quinine"}, "subject": {"reference": "Patient/1"}}`)
	told(fhir.UnmarshalImmunization, `{"resourceType": "Immunization", "_status": WHY, "vaccineCode": {"text": "Tetanus"},
		"patient": {"reference": "Patient/1"}, "occurrenceDateTime": "2026"}`)
	told(fhir.UnmarshalList, `{"resourceType": "List", "_status": WHY, "mode": "snapshot", "title": "Allergies"}`)
	told(fhir.UnmarshalPatient, `{"resourceType": "Patient", "name": [{"given": [null, "B."], "_given": [WHY, null]}]}`)
}
END
go mod tidy 2>/dev/null
seen=$(go run .)
expected=$(cat <<'END'
{"status":"registered","code":{"text":"Potassium"},"valueQuantity":{"value":2.50,"unit":"mmol/L"},"resourceType":"Observation"}
{"status":"in-progress","item":[{"linkId":"fever","answer":[{}]}],"resourceType":"QuestionnaireResponse"}
{"status":"","medicationCodeableConcept":{"text":"Quinine"},"medicationReference":{},"subject":{"reference":"Patient/1"},"resourceType":"MedicationStatement"}
{"status":"preparation","vaccineCode":{"text":"Tetanus"},"patient":{"reference":"Patient/1"},"occurrenceDateTime":"2026","occurrenceString":"","resourceType":"Immunization"}
{"status":"current","mode":"snapshot","title":"Allergies","resourceType":"List"}
{"name":[{"given":["","B."]}],"resourceType":"Patient"}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
