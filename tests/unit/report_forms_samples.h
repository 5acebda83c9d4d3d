// SPDX-License-Identifier: GPL-3.0-or-later
// Statements as human forms read them, with every member that they show.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "quietus/certificate_page.h"
#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus::test {

using Json = nlohmann::ordered_json;

inline constexpr const char* kSampleId = "urn:uuid:01a20d0a-1227-72bb-a1bd-f5d64375b884";

inline std::string content_digest(std::string_view text) {
  return to_base64(sha256(bytes_of(text)));
}

/// A drive of 1,000,000 bytes: two passes, the last compared, a place that could not be written.
inline Json sample_statement(const std::string& outcome = "sanitized") {
  return Json::parse(R"({
  "_type": "https://in-toto.io/Statement/v1",
  "subject": [{"name": "MOJ-0042", "digest": {"sha256": ")" +
                     std::string(64, 'a') + R"("}}],
  "predicateType": "urn:uuid:ad9dde0e-5985-4fd8-9304-431e7970e299",
  "predicate": {
    "certificate_id": ")" +
                     std::string(kSampleId) + R"(",
    "issued_at": "2026-06-01T10:00:00Z", "outcome": ")" +
                     outcome + R"(", "outcome_meaning": "What it means",
    "target": "drive",
    "asset": {"kind": "drive", "tag": "MOJ-0042", "vendor": "ACME", "model": "Disk 9000",
      "serial": "S3RIAL-7", "capacity_bytes": 1000000, "hidden_area": "unknown",
      "health_before": {"reallocated_sectors": 0}, "health_after": {"reallocated_sectors": 2}},
    "data": {"classification_before": "OFFICIAL-SENSITIVE", "classification_after": "OFFICIAL",
      "purpose": "disposal", "backed_up": "no", "retention_ref": "RET-1", "always_encrypted": false},
    "organisation": "Ministry of Examples", "location": "Room 4",
    "custody": {"destination": "recycle", "contract_ref": "C-77"},
    "residual_copies": {"stated": true, "none_known": false, "final_date": "2026-12-31",
      "copies": [{"what": "backup tape 12", "gone_by": "2026-12-31"}]},
    "overrides": [{"rule": "witness_missing", "reason": "nobody there", "reference": "O-1",
      "person": {"name": "C. Green"}}],
    "method": {"category": "clear", "category_basis": "NIST SP 800-88", "technique": "overwrite",
      "scheme": {"id": "moj-3r", "title": "MoJ: three random passes", "status": "current"},
      "rounds": 1, "plan_sha256": ")" +
                     std::string(64, 'b') + R"("},
    "run": {"started_at": "2026-06-01T09:00:00Z", "finished_at": "2026-06-01T09:59:00Z",
      "duration_ms": 3540042, "clock_state": "synchronised", "host": {"host_name": "bench-1"},
      "account": {"uid": 0, "user": "root", "sudo_user": "asmith"},
      "tool": {"name": "quietus", "version": "0.1.0", "sha256": ")" +
                     std::string(64, 'c') + R"("},
      "passes_planned": 2, "passes_not_listed": {"count": 0},
      "passes": [
        {"number": 1, "content": {"kind": "fixed", "byte_hex": "55"}, "written_bytes": 999488,
         "failed_bytes": 512, "unknown_bytes": 0, "finished_at": "2026-06-01T09:30:00Z"},
        {"number": 2, "content": {"kind": "keystream", "name": "aes_256_ctr", "key_hex": ")" +
                     std::string(64, 'd') + R"("}, "written_bytes": 999488,
         "failed_bytes": 512, "unknown_bytes": 0, "finished_at": "2026-06-01T09:59:00Z",
         "verification": {"compared_bytes": 999488, "mismatched_bytes": 0, "unreadable_bytes": 0}}],
      "conditions": [{"at": "2026-06-01T09:10:00Z", "pass": 1, "kind": "write",
        "done_bytes": 500000, "bytes_per_second": 1000, "temperature_millicelsius": 31500}]},
    "verification": {"mode": "full", "cache_bypass": "direct_io",
      "would_have_missed": "Old data in remapped blocks"},
    "exceptions": [{"offset_bytes": 512000, "length_bytes": 512, "state": "write_failed",
      "passes": [1, 2]}],
    "exceptions_not_listed": {"count": 0, "bytes": 0},
    "facts": [{"code": "hidden_area_unknown", "text": "Hidden areas were not asked for",
      "exception": true}],
    "facts_not_listed": 0,
    "drive": {"bytes": 1000000, "content_bytes": 1000000},
    "policies": [{"id": "uk-moj", "revision": "1", "digest": ")" +
                     std::string(64, 'e') + R"(", "review": "2027-01-01", "review_overdue": false,
      "met": true, "permits": "release", "basis": "OFFICIAL-SENSITIVE, HDD, disposal",
      "reasons": [{"code": "passes", "text": "Three passes are needed", "source": "MoJ",
        "unmet": false}]}],
    "people": [{"role": "machine", "key_id": ")" +
                     std::string(64, '1') + R"(", "name": "bench-1"},
      {"role": "operator", "key_id": ")" +
                     std::string(64, '2') + R"(", "person": {"name": "A. Smith", "title": "Tech"}}],
    "declared": [{"role": "witness", "person": {"name": "B. Jones"}, "reference": "W-9"}],
    "ledger": {"origin": "quietus/bench-1/0123456789abcdef", "run_event_index": 7},
    "key_custody": {"host_binding": "machine_id", "machine_key": "unencrypted on this machine",
      "state_folder": "lasting"},
    "limits": "see below"
  }})");
}

inline FormSource sample_source(const Json& statement) {
  FormSource source;
  source.statement = statement.dump(2) + "\n";
  source.envelope = R"({"payload":"e30=","receipts":["c2sp.org/tlog-proof@v1\nindex 3\n)"
                    R"(\nquietus/bench-1/0123456789abcdef\n4\nroot=\n\n— log sig\n"]})"
                    "\n";
  source.digest = std::string(64, 'f');
  source.trusted = true;
  source.signers = {{std::string(64, '1'), "machine", "bench-1.example", true},
                    {std::string(64, '2'), "operator", "a.smith", true}};
  source.zone = [](Time) { return ZoneOffset{60, "BST"}; };
  return source;
}

}  // namespace quietus::test
