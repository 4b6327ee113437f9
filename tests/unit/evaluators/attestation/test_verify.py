"""A signed result is believed when it is whole, of the key given, of a time of that key, and of the file given."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.evaluators.attestation.made import NOON, PREDICTIONS, SCORES, Signing, predicate

from farfield.cli import main
from farfield_evaluators.attestation.refused import NotBelieved
from farfield_evaluators.attestation.statement import STATEMENT, canonical, digest_of, statement_of
from farfield_evaluators.attestation.verify import verified

HOUR = timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path) -> Signing:
    return Signing(folder=tmp_path)


def refusal(result: Path, keys: Path, predictions: Path | None = None) -> str:
    with pytest.raises(NotBelieved) as refused:
        verified(result, keys, predictions)
    return refused.value.code


def test_a_whole_result_is_believed_with_the_pem_and_with_the_list(site: Signing) -> None:
    result = site.result()
    for keys in (site.key(), site.listed(), site.listed(valid_from=NOON - HOUR, valid_to=NOON + HOUR)):
        assert verified(result, keys)["predicate"]["scores"] == SCORES


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_of_what_is_signed_can_be_changed(site: Signing, data: st.DataObject) -> None:
    envelope = json.loads(site.result().read_text())
    payload = bytearray(base64.b64decode(envelope["payload"]))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    envelope["payload"] = base64.b64encode(payload).decode()
    assert refusal(site.write("changed.json", json.dumps(envelope)), site.key()) == "attestation.changed"


def test_the_type_of_the_payload_is_signed_too(site: Signing) -> None:
    envelope = json.loads(site.result().read_text())
    envelope["payloadType"] = "text/plain"
    assert refusal(site.write("typed.json", json.dumps(envelope)), site.key()) == "attestation.changed"


def test_the_key_of_another_site_is_another_key(site: Signing, tmp_path: Path) -> None:
    result = site.result()
    assert refusal(result, Signing(folder=tmp_path).key()) == "attestation.other_key"


def test_a_signature_under_the_name_of_another_key_does_not_fit(site: Signing, tmp_path: Path) -> None:
    other = Signing(folder=tmp_path)
    envelope = json.loads(site.result().read_text())
    envelope["signatures"][0]["keyid"] = other.public.keyid
    assert refusal(site.write("named.json", json.dumps(envelope)), other.key()) == "attestation.changed"


@pytest.mark.parametrize("bounds", [{"valid_to": NOON}, {"valid_to": NOON - HOUR}, {"valid_from": NOON + HOUR}])
def test_a_key_signs_in_its_time_only(site: Signing, bounds: dict[str, Any]) -> None:
    assert refusal(site.result(), site.listed(**bounds)) == "attestation.expired_key"


def test_a_file_of_predictions_is_the_one_or_another(site: Signing, tmp_path: Path) -> None:
    result = site.result({"predictions": hashlib.sha256(PREDICTIONS).hexdigest()})
    mine, other = tmp_path / "mine.npz", tmp_path / "other.npz"
    mine.write_bytes(PREDICTIONS)
    other.write_bytes(PREDICTIONS + b"!")
    assert verified(result, site.key(), mine)
    assert refusal(result, site.key(), other) == "attestation.other_predictions"
    assert refusal(site.result(), site.key(), mine) == "attestation.other_predictions"


def test_scores_are_those_of_their_digest(site: Signing) -> None:
    statement = statement_of(predicate(), {})
    statement["predicate"]["scores"] = [{**SCORES[0], "value": 0.99}]
    assert refusal(site.sign(statement), site.key()) == "attestation.scores"


@pytest.mark.parametrize(
    "statement",
    [
        {},
        [1],
        {**statement_of(predicate(), {}), "predicateType": "https://slsa.dev/provenance/v1"},
        {**statement_of(predicate(), {}), "subject": [{"name": "scores.json"}]},
        {"_type": STATEMENT, "predicateType": statement_of(predicate(), {})["predicateType"], "predicate": {}},
        statement_of({"scores": [], "signedOn": NOON.isoformat()}, {}),
        statement_of(predicate(signedOn="yesterday"), {}),
        statement_of(predicate(signedOn="2026-11-30T12:00:00"), {}),
    ],
)
def test_what_else_the_key_signed_is_no_result(site: Signing, statement: Any) -> None:
    keys = site.listed(valid_from=NOON - HOUR)
    assert refusal(site.sign(statement), keys) == "attestation.other_kind"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"payload": 1}', "[" * 100_000, "\x00", '{"payload": "a"}',
    '{"payload": "", "payloadType": "", "signatures": [{"keyid": "a", "sig": "?"}]}',
    '{"payload": "", "payloadType": "", "signatures": [{"keyid": 1, "sig": 2}]}',
    '{"payload": "", "payloadType": "", "signatures": 3}',
])  # fmt: skip
def test_files_of_another_form_are_no_signed_results(site: Signing, text: str) -> None:
    assert refusal(site.write("odd.json", text), site.key()) == "attestation.not_a_result"


def test_an_envelope_that_nobody_signed_is_not_believed(site: Signing) -> None:
    envelope: Mapping[str, Any] = {**json.loads(site.result().read_text()), "signatures": []}
    assert refusal(site.write("unsigned.json", json.dumps(envelope)), site.key()) == "attestation.other_key"


def test_files_of_another_form_are_no_keys(site: Signing) -> None:
    result = site.result()
    private = site.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    elliptic = generate_private_key(SECP256R1()).public_key()
    other = elliptic.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    no_zone = json.dumps({"keys": [{**site.public.as_json(), "valid_to": "2026-11-30T12:00:00"}]})
    for text in ("", "{}", "[]", '{"keys": 3}', '{"keys": [{}]}', "-----BEGIN", private, other, no_zone, "[" * 99_999):
        assert refusal(result, site.write("odd", text)) == "attestation.bad_key", text[:40]


def test_canonical_json_is_that_of_rfc_8785() -> None:
    """Section 3.2.3's example of sorting, and 3.2.2.3's of numbers."""
    assert canonical({"\u20ac": 1, "\r": 2, "1": 3}).decode() == '{"\\r":2,"1":3,"\u20ac":1}'
    assert canonical([333333333.33333329, 1e30, 4.50, 2e-3]) == b"[333333333.3333333,1e+30,4.5,0.002]"
    assert digest_of({"a": 1.0, "b": []}) == hashlib.sha256(b'{"a":1,"b":[]}').hexdigest()
    with pytest.raises(ValueError, match=r"nan"):
        canonical(float("nan"))


def test_the_command_says_what_it_is_a_result_of(site: Signing, capsys: pytest.CaptureFixture[str]) -> None:
    result = site.result(entry={"state": "taken off the boards", "reason": "trained on\x1b[2J test data"})
    assert main(["verify", str(result), "--key", str(site.key())]) == 0
    told = capsys.readouterr().out
    assert "signed by https://site.example" in told
    assert "taken off the boards: trained on" in told
    assert "\x1b" not in told
    assert "0.9123" in told
    assert main(["verify", str(result), "--key", str(site.key()), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["predicate"]["scores"] == SCORES


def test_the_command_refuses_with_a_code_and_a_status(site: Signing, capsys: pytest.CaptureFixture[str]) -> None:
    result = site.write("odd.json", "{}")
    assert main(["verify", str(result), "--key", str(site.key())]) == 1
    assert "[attestation.not_a_result]" in capsys.readouterr().err
