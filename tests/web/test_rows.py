"""Which test holds which row of the threat model and of the CDS Hooks checklist.

The rows are those of the design notes; a row that is renamed, or a test that goes, is noticed here.
"""

import ast
import asyncio
import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.caller import PUBLIC

TESTS = Path(__file__).resolve().parents[1]

THREATS: Mapping[str, str] = {
    "1": "web/test_tokens.py:test_a_forged_token_is_refused_without_a_word"
    " web/test_keys.py:test_the_key_decides_the_algorithm",
    "2": "web/test_tokens.py:test_a_forged_token_is_refused_without_a_word",
    "3": "web/test_tokens.py:test_a_forged_token_is_refused_without_a_word"
    " web/test_tokens.py:test_the_registered_jku_may_be_named",
    "4": "web/test_tokens.py:test_a_forged_token_is_refused_without_a_word"
    " web/test_tokens.py:test_the_host_header_does_not_change_the_audience",
    "5": "web/test_tokens.py:test_a_forged_token_is_refused_without_a_word"
    " web/test_tokens.py:test_clocks_may_differ_by_half_a_minute",
    "6": "web/test_tokens.py:test_a_token_is_good_once"
    " web/test_tokens.py:test_a_token_is_good_once_for_all_workers_and_after_a_restart",
    "7": "web/test_keys.py:test_a_thousand_unknown_kids_cost_one_fetch"
    " web/test_keys.py:test_a_revoked_key_is_gone_after_the_next_fetch"
    " web/test_keys.py:test_keys_stay_good_for_a_day_when_their_place_is_down",
    "8": "web/test_threats_ehr.py:test_8_a_server_that_is_not_registered_is_refused_and_not_called"
    " web/test_threats_ehr.py:test_8_a_name_is_resolved_once_and_that_address_is_connected_to"
    " web/test_threats_ehr.py:test_8_a_redirect_is_not_followed",
    "9": "web/test_threats_ehr.py:test_9_the_access_token_goes_to_the_ehr_and_nowhere_else",
    "10": "web/test_threats_ehr.py:test_10_an_id_that_is_none_is_refused"
    " web/test_threats_ehr.py:test_10_data_of_another_patient_is_never_used_and_a_card_says_so"
    " web/test_threats_ehr.py:test_10_next_links_stay_within_the_registered_base",
    "11": "web/test_ehr.py:test_11_a_broken_ehr_is_never_an_all_clear"
    " web/test_ehr.py:test_11_a_calm_answer_without_the_labs_says_so",
    "12": "web/test_threats_input.py:test_12_json_that_readers_differ_on_is_refused",
    "13": "web/test_threats_input.py:test_13_a_body_over_the_limit_is_refused"
    " web/test_threats_input.py:test_13_a_million_items_are_too_costly"
    " web/test_threats_input.py:test_13_18_21_only_plain_json_is_read",
    "14": "web/test_threats_input.py:test_14_a_questionnaire_of_the_sender_is_not_used"
    " web/test_threats_input.py:test_14_long_texts_take_no_longer",
    "15": "web/test_threats_input.py:test_15_16_foreign_text_is_shown_as_it_is",
    "16": "web/test_threats_input.py:test_15_16_foreign_text_is_shown_as_it_is"
    " web/test_process.py:test_a_log_line_holds_nothing_of_the_patient",
    "17": "test_output.py:test_a_link_is_replaced_and_not_followed"
    " web/test_rows.py:test_17_a_canonical_is_a_name_and_never_a_place",
    "18": "web/test_threats_input.py:test_13_18_21_only_plain_json_is_read",
    "19": "web/test_threats_input.py:test_19_an_error_never_quotes_a_value"
    " web/test_process.py:test_a_log_line_holds_nothing_of_the_patient",
    "20": "web/test_threats_http.py:test_20_an_origin_that_is_not_named_gets_no_header"
    " web/test_threats_http.py:test_20_a_named_origin_may_ask_and_read_errors",
    "21": "web/test_threats_input.py:test_13_18_21_only_plain_json_is_read",
    "22": "web/test_threats_http.py"
    ":test_22_too_many_calls_of_one_client_are_slowed_and_others_are_not"
    " web/test_threats_http.py:test_22_a_body_that_is_not_whole_in_time_is_given_up"
    " web/test_process.py:test_22_a_connection_that_says_nothing_is_closed"
    " failures/test_strangers.py"
    ":test_22_a_client_that_begins_a_thousand_bodies_keeps_no_other_out"
    " failures/test_strangers.py:test_22_whoever_asks_and_does_not_read_keeps_nobody_out",
    "23": "web/test_threats_http.py:test_23_a_header_that_stands_twice_is_refused"
    " web/test_threats_http.py:test_23_both_ways_of_saying_a_length_are_refused",
    "24": "web/test_threats_http.py:test_24_nothing_is_open_by_default",
    "25": "web/test_threats_http.py:test_25_another_body_is_a_conflict"
    " web/test_threats_http.py:test_25_the_same_call_again_gets_the_stored_answer_byte_for_byte",
    "26": "store/test_chain.py:test_row_26_a_change_is_found_at_its_entry"
    " web/test_kill.py:test_26_nothing_acknowledged_is_lost_when_two_workers_are_killed",
    "27": "web/test_process.py:test_27_a_corrupt_pack_is_not_served"
    " web/test_log.py:test_readyz_says_what_is_not_whole",
    "28": "test_packaging.py:test_every_direct_dependency_is_pinned_in_the_lock"
    " web/test_rows.py:test_28_every_pinned_package_has_its_hashes",
    "29": "failures/test_strangers.py"
    ":test_29_bad_tokens_from_one_address_do_not_keep_a_good_one_out",
    "30": "failures/test_strangers.py:test_30_a_body_without_a_token_is_not_read"
    " failures/test_strangers.py:test_30_what_good_callers_send_is_bounded_as_well",
    "31": "failures/test_log_hangs.py"
    ":test_31_with_a_spool_every_answer_comes_in_time_and_is_in_the_log_later"
    " web/test_spool_disk.py:test_a_disk_that_hangs_holds_nobody_up_and_is_told"
    " web/test_spool_disk.py:test_with_a_disk_that_fails_an_emergency_is_shown"
    " failures/test_log_hangs.py"
    ":test_31_a_site_that_refuses_shows_an_emergency_that_says_it_is_not_recorded",
    "32": "store/test_spool.py:test_whatever_befalls_a_line_the_others_are_in_the_log"
    " failures/test_spool_damaged.py"
    ":test_32_a_rotten_line_is_set_aside_and_the_others_are_in_the_log",
    "33": "failures/test_tokens_once.py"
    ":test_33_a_token_is_good_once_while_the_log_is_away_and_when_it_is_back"
    " failures/test_tokens_once.py"
    ":test_33_a_clock_that_jumps_and_comes_back_makes_no_token_good_again",
}

# Row, or first and last row, of the checklist → its test. The prober of the design notes, where it
# is beside the checkout, goes through the same rows from outside.
CHECKLIST: Mapping[str, str] = {
    "D-1..D-16": "web/test_contract.py:test_discovery_keeps_the_specification"
    " web/test_contract.py:test_discovery_is_the_same_each_time_and_takes_nothing",
    "R-1, C-1..C-15": "web/test_cards.py"
    ":test_every_hook_answers_an_emergency_with_one_critical_card",
    "R-2..R-4": "web/test_contract.py:test_a_required_field_that_is_missing_is_named"
    " web/test_contract.py:test_a_required_context_field_that_is_missing_is_named",
    "R-5..R-10": "web/test_contract.py:test_a_field_of_another_type_is_refused"
    " web/test_contract.py:test_what_a_newer_client_adds_does_not_matter",
    "R-11": "web/test_threats_input.py:test_12_json_that_readers_differ_on_is_refused"
    " web/test_nonsense.py:test_nonsense_at_any_place_is_never_a_fault_of_ours",
    "R-12": "web/test_threats_input.py:test_12_the_usual_media_types_are_read",
    "R-13": "web/test_threats_ehr.py:test_10_an_id_that_is_none_is_refused",
    "R-14, R-15": "web/test_rows.py:test_calls_at_the_same_time_are_answered_apart_and_soon",
    "R-16": "web/test_threats_ehr.py:test_9_the_access_token_goes_to_the_ehr_and_nowhere_else",
    "R-17": "web/test_contract.py:test_an_unknown_service_is_404",
    "P-1..P-6": "web/test_prefetch.py:test_every_state_of_every_key_is_answered"
    " web/test_ehr.py:test_what_is_missing_is_fetched_and_what_is_there_is_not",
    "P-7": "web/test_ehr.py:test_what_is_outside_the_scope_is_not_asked_for",
    "P-8": "web/test_prefetch.py:test_nonsense_under_a_key_is_never_a_fault_of_ours",
    "P-9": "web/test_threats_ehr.py"
    ":test_8_a_server_that_is_not_registered_is_refused_and_not_called",
    "F-1..F-5": "web/test_feedback.py:test_feedback_is_taken_in_all_its_forms_and_twice"
    " web/test_feedback.py:test_feedback_that_is_not_whole_is_refused",
    "F-6": "web/test_tokens.py:test_feedback_wants_a_token_for_its_own_address",
    "S-1": "web/test_config.py:test_a_server_that_would_not_be_safe_does_not_start",
    "S-2": "web/test_threats_http.py:test_20_a_named_origin_may_ask_and_read_errors",
    "S-3..S-9": "web/test_tokens.py:test_no_token_is_refused"
    " web/test_tokens.py:test_a_forged_token_is_refused_without_a_word",
    "S-10": "web/test_keys.py:test_a_key_file_that_is_replaced_is_read_again",
}


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", [*THREATS, *CHECKLIST])
def test_the_tests_of_every_row_are_there(row: str) -> None:
    for name in ({**THREATS, **CHECKLIST})[row].split():
        file, _, test = name.partition(":")
        assert test in _tests_in(file), name


def test_all_28_threats_are_here() -> None:
    assert list(THREATS) == [str(number) for number in range(1, 34)]


@pytest.mark.parametrize(
    "canonical",
    ["file:///etc/passwd", "../../etc/passwd", "/etc/passwd", "http://127.0.0.1:9/Questionnaire/x"],
)
def test_17_a_canonical_is_a_name_and_never_a_place(serve: Any, body: Any, canonical: str) -> None:
    sent = body()
    (response,) = (one["resource"] for one in sent["prefetch"]["responses"]["entry"])
    response["questionnaire"] = canonical
    caller = serve()

    shown = caller.hook(sent)
    assessed = caller.post("/fhir/QuestionnaireResponse/$assess", response)

    assert shown.json()["cards"][0]["indicator"] == "critical"  # what was answered tells it
    assert assessed.status_code == 422
    assert "root:" not in shown.text + assessed.text


@pytest.mark.parametrize("lock", sorted((TESTS.parent / "requirements").glob("*.txt")), ids=str)
def test_28_every_pinned_package_has_its_hashes(lock: Path) -> None:
    pins = lock.read_text().replace("\\\n", " ").splitlines()
    packages = [line for line in pins if line and not line.startswith((" ", "#"))]

    assert packages
    for line in packages:
        assert "==" in line.split()[0], line.split()[0]
        assert "--hash=sha256:" in line, line.split()[0]


def test_calls_at_the_same_time_are_answered_apart_and_soon(serve: Any, body: Any) -> None:
    caller = serve()
    sent = [body("no-urine"), body("everyday-night-cramp")] * 16
    alone = {one["hookInstance"]: caller.hook(one).json() for one in sent[:2]}

    async def all_at_once() -> list[httpx.Response]:
        transport = httpx.ASGITransport(caller.app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
            posts = (
                client.post("/cds-services/cramps-patient-view", json=json.loads(json.dumps(one)))
                for one in sent
            )
            return await asyncio.gather(*posts)

    began = time.monotonic()
    answers = asyncio.run(all_at_once())

    assert time.monotonic() - began < 32 * 0.5
    for one, answer in zip(sent, answers, strict=True):
        assert answer.json() == alone[one["hookInstance"]]
