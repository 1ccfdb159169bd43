#!/usr/bin/env bash
# spezi-data-pipeline 0.1.1 (PyPI; with pandas 2.2.3, numpy 2.2.6 and fhir.resources 8.3.0): scores of QuestionnaireResponses to
#   the PHQ-9.
# One expects: a score for each response, with its user: the flattened table has both. Where seven of nine answers are missing,
#   no score, or one that says so.
# Seen: answers are added up by the time of authoring and the title alone. After the package's own select_data_by_dates, which
#   leaves the day of each time, and where authored is a day, which FHIR's dateTime allows, two people with 8 points (mild) are
#   one with 16 (moderately severe), whose user is NaN. A response that holds two of the nine questions is "None-minimal".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check spezi-data-pipeline==0.1.1 pandas==2.2.3 numpy==2.2.6 fhir.resources==8.3.0
seen=$(cd "$folder" && "$folder/env/bin/python" -W ignore - <<'END'
import json
from pathlib import Path

from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from spezi_data_pipeline.data_flattening.fhir_resources_flattener import QuestionnaireResponseFlattener
from spezi_data_pipeline.data_processing.data_processor import select_data_by_dates
from spezi_data_pipeline.data_processing.questionnaire_processor import calculate_risk_score

DAY = "2026-11-30"
Path("form.json").write_text(json.dumps({
    "resourceType": "Questionnaire", "status": "active", "title": "PHQ-9",
    "item": [{"linkId": str(n), "text": f"Question {n}", "type": "integer"} for n in range(1, 10)],
}))


def response(user, authored, answers):
    return QuestionnaireResponse.model_validate({
        "resourceType": "QuestionnaireResponse", "id": user, "status": "completed", "authored": authored,
        "questionnaire": "http://example.org/phq-9", "subject": {"id": user, "reference": f"Patient/{user}"},
        "item": [{"linkId": str(n), "answer": [{"valueInteger": answer}]} for n, answer in answers.items()],
    })


def show(text, *responses, selected=False):
    table = QuestionnaireResponseFlattener().flatten(list(responses), "form.json")
    users = ", ".join(dict.fromkeys(table.df["UserId"]))
    scores = calculate_risk_score(select_data_by_dates(table, DAY, DAY) if selected else table, "PHQ-9").df
    for _, one in scores.iterrows():
        print(f"{text}, of {users}: user {one['UserId']}, {one['RiskScore']}, {one['ScoreInterpretation']}")


mild = dict.fromkeys(range(1, 9), 1) | {9: 0}
show("two hours", response("anna", f"{DAY}T09:00:00Z", mild), response("ben", f"{DAY}T15:00:00Z", mild))
show("two hours, day selected", response("anna", f"{DAY}T09:00:00Z", mild), response("ben", f"{DAY}T15:00:00Z", mild), selected=True)
show("authored by day", response("anna", DAY, mild), response("ben", DAY, mild))
show("two of nine answers", response("cleo", f"{DAY}T09:00:00Z", {1: 2, 2: 2}))
END
)
expected=$(cat <<'END'
two hours, of anna, ben: user nan, 8, Mild depression
two hours, of anna, ben: user nan, 8, Mild depression
two hours, day selected, of anna, ben: user nan, 16, Moderately severe depression
authored by day, of anna, ben: user nan, 16, Moderately severe depression
two of nine answers, of cleo: user nan, 4, None-minimal depression
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
