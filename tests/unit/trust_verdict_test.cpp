// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a key counts in a role at a time: roles, dates, and revocations with and without a time
// that somebody else proves.
#include <doctest/doctest.h>
#include <set>

#include "quietus/outcome.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

const Time kEarly = time_of("2026-01-01T00:00:00Z");
const Time kBefore = time_of("2026-05-31T23:59:59.999999Z");
const Time kFrom = time_of("2026-06-01T00:00:00Z");
const Time kLate = time_of("2026-12-31T00:00:00Z");

std::string id_of(std::string_view word) { return key_id_of(key_of(word).public_key()); }

TrustedKey line(std::string_view word, std::vector<std::string> namespaces) {
  return {std::string(word), key_of(word).public_key(), std::move(namespaces), {}, {}};
}

TrustStore operators() { return {{line("operator", {"quietus-operator"})}}; }

TrustAnswer answer(const TrustStore& store, std::string_view role, Time claimed,
                   std::optional<Time> proven = {}) {
  const std::string id = id_of("operator");
  const TrustVerdict verdict = judge(store, {id, role, claimed, proven});
  CHECK(verdict.trusted() == (verdict.answer == TrustAnswer::trusted));
  CHECK(verdict.why.empty() == verdict.trusted());
  CHECK((verdict.key == nullptr) == (verdict.answer == TrustAnswer::unknown));
  CHECK((verdict.revocation != nullptr) == (verdict.answer == TrustAnswer::revoked));
  return verdict.answer;
}

TEST_CASE("trust: a key counts in its role alone") {
  const TrustStore store = operators();
  CHECK(answer(store, "operator", kEarly) == TrustAnswer::trusted);
  for (const char* role : {"machine", "log", "witness", "approver", "log-witness", "", "perator"}) {
    CAPTURE(role);
    CHECK(answer(store, role, kEarly) == TrustAnswer::wrong_role);
  }
  CHECK(answer({}, "operator", kEarly) == TrustAnswer::unknown);
  CHECK(answer({{line("witness", {})}}, "operator", kEarly) == TrustAnswer::unknown);
  const TrustStore every{{line("operator", {})}};
  CHECK(answer(every, "witness", kEarly) == TrustAnswer::trusted);
  CHECK(answer(every, "", kEarly) == TrustAnswer::wrong_role);
}

TEST_CASE("trust: dates hold both ends, and any line of the role may hold the time") {
  TrustStore store = operators();
  store.keys[0].valid_after = kEarly;
  store.keys[0].valid_before = kFrom;
  const std::chrono::microseconds tick(1);
  CHECK(answer(store, "operator", kEarly) == TrustAnswer::trusted);
  CHECK(answer(store, "operator", kFrom) == TrustAnswer::trusted);
  CHECK(answer(store, "operator", kEarly - tick) == TrustAnswer::outside_dates);
  CHECK(answer(store, "operator", kFrom + tick) == TrustAnswer::outside_dates);
  TrustedKey renewed = store.keys[0];
  renewed.valid_after = kLate;
  renewed.valid_before = {};
  store.keys.push_back(renewed);
  CHECK(answer(store, "operator", kLate) == TrustAnswer::trusted);
  CHECK(answer(store, "operator", kLate - tick) == TrustAnswer::outside_dates);
  // The later line is of another role: it does not lend its dates.
  store.keys[1].namespaces = {"quietus-witness"};
  CHECK(answer(store, "operator", kLate) == TrustAnswer::outside_dates);
  CHECK(answer(store, "witness", kLate) == TrustAnswer::trusted);
  CHECK(answer(store, "witness", kEarly) == TrustAnswer::outside_dates);
}

TEST_CASE("trust: retired and left keep what was signed before") {
  for (const RevocationReason reason : {RevocationReason::retired, RevocationReason::left}) {
    TrustStore store = operators();
    store.revocations = {{id_of("operator"), kFrom, reason, ""}};
    CHECK(answer(store, "operator", kBefore) == TrustAnswer::trusted);
    CHECK(answer(store, "operator", kFrom) == TrustAnswer::revoked);
    CHECK(answer(store, "operator", kLate) == TrustAnswer::revoked);
    CHECK(answer(store, "operator", kLate, kBefore) == TrustAnswer::revoked);
    CHECK(answer(store, "operator", kBefore, kLate) == TrustAnswer::trusted);
  }
}

TEST_CASE("trust: compromised needs a time that a witness proves") {
  TrustStore store = operators();
  store.revocations = {{id_of("operator"), kFrom, RevocationReason::compromised, ""}};
  CHECK(answer(store, "operator", kEarly) == TrustAnswer::revoked);
  CHECK(answer(store, "operator", kLate) == TrustAnswer::revoked);
  CHECK(answer(store, "operator", kEarly, kBefore) == TrustAnswer::trusted);
  CHECK(answer(store, "operator", kEarly, kFrom) == TrustAnswer::revoked);
  CHECK(answer(store, "operator", kEarly, kLate) == TrustAnswer::revoked);
  // Of several, each holds.
  store.revocations.push_back({id_of("operator"), kEarly, RevocationReason::retired, ""});
  CHECK(answer(store, "operator", kEarly, kBefore) == TrustAnswer::revoked);
  // That of another key is nothing to this one.
  store.revocations = {{id_of("witness"), kEarly, RevocationReason::compromised, ""}};
  CHECK(answer(store, "operator", kLate) == TrustAnswer::trusted);
}

TEST_CASE("trust: every answer has its exit code") {
  CHECK(exit_code_of(TrustAnswer::trusted) == kExitOk);
  CHECK(exit_code_of(TrustAnswer::unknown) == kExitSignerUntrusted);
  CHECK(exit_code_of(TrustAnswer::wrong_role) == kExitSignerUntrusted);
  CHECK(exit_code_of(TrustAnswer::revoked) == kExitKeyNotValid);
  CHECK(exit_code_of(TrustAnswer::outside_dates) == kExitKeyNotValid);
  for (const char* role : {"machine", "log", "operator", "witness", "approver", "log-witness"}) {
    CHECK(is_trust_role(role));
  }
  for (const char* role : {"", "Machine", "quietus-machine", "root"})
    CHECK_FALSE(is_trust_role(role));
}

TEST_CASE("revocations: what is read and written") {
  const std::string id = id_of("operator");
  const std::string text = "# ours\n\n" + id + " 2026-06-01T00:00:00Z compromised stolen laptop\n" +
                           id + " 2026-01-01T00:00:00.5Z left\n" + id_of("witness") +
                           " 2026-01-01T00:00:00Z retired";
  const auto all = revocations_from(text);
  REQUIRE_MESSAGE(all.ok(), all.error().what);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].key_id == id);
  CHECK((*all)[0].from == kFrom);
  CHECK((*all)[0].reason == RevocationReason::compromised);
  CHECK((*all)[0].comment == "stolen laptop");
  CHECK((*all)[1].reason == RevocationReason::left);
  CHECK((*all)[1].comment.empty());
  CHECK((*all)[2].reason == RevocationReason::retired);
  CHECK(to_line((*all)[0]) == id + " 2026-06-01T00:00:00Z compromised stolen laptop\n");
  CHECK(to_line((*all)[1]) == id + " 2026-01-01T00:00:00.500000Z left\n");
  CHECK(revocations_from("")->empty());
}

TEST_CASE("revocations: anything else is refused, with the line") {
  const std::string id = id_of("operator");
  const std::string time = " 2026-06-01T00:00:00Z";
  const std::vector<std::string> bad{id,
                                     id + time,
                                     id + time + " ",
                                     id + time + " Compromised",
                                     id + time + "  left",
                                     id + "  2026-06-01T00:00:00Z left",
                                     " " + id + time + " left",
                                     id + "\t2026-06-01T00:00:00Z left",
                                     id + time + " left\r",
                                     id + time + " left \x1b[2J",
                                     id + time + " left \xff",
                                     id + " 2026-06-01 left",
                                     id + " 2026-06-01T00:00:00+00:00 left",
                                     id + " 2026-02-30T00:00:00Z left",
                                     id.substr(1) + time + " left",
                                     id + "0" + time + " left",
                                     "A" + id.substr(1) + time + " left",
                                     " # no comment"};
  for (const std::string& one : bad) {
    CAPTURE(one);
    const auto all = revocations_from("# first\n" + one + "\n");
    REQUIRE_FALSE(all.ok());
    CHECK(all.error().code == Errc::malformed);
    CHECK(all.error().what.starts_with("revocations, line 2: "));
  }
}

}  // namespace
}  // namespace quietus::test
