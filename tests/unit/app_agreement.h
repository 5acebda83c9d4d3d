// SPDX-License-Identifier: GPL-3.0-or-later
// Whether all that a run of the program said is the same: terminal or JSON lines, ledger,
// certificate.
#pragma once

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/ledger.h"

#include "app_world.h"

namespace quietus::test {

using Json = nlohmann::json;

/// What the program said, whichever way.
struct Said {
  std::optional<Outcome> outcome;
  bool recorded = true;
  std::string envelope;  ///< the certificate, where it could be written nowhere
  std::size_t times = 0;
};

inline std::optional<Outcome> outcome_called(std::string_view word, bool title) {
  for (const OutcomeRow& row : outcome_table()) {
    if ((title ? row.title : row.name) == word) return row.outcome;
  }
  return std::nullopt;
}

inline Said said_in_json(const std::string& out) {
  Said said;
  std::istringstream lines(out);
  for (std::string text; std::getline(lines, text);) {
    const Json line = Json::parse(text);
    if (line["event"] == "certificate") said.envelope = line["envelope"];
    if (line["event"] != "finished") continue;
    said.outcome = outcome_called(line["outcome"].get<std::string>(), false);
    said.recorded = line["recorded"];
    CHECK(line["exit"] == TargetResult{*said.outcome, said.recorded}.exit_code());
    ++said.times;
  }
  return said;
}

inline Said said_on_terminal(const AppWorld& world, const std::string& target) {
  Said said;
  std::istringstream lines(world.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("{\"payload\"")) said.envelope = line + "\n";
    for (const std::string& who : {target + ": ", std::string("the command: ")}) {
      if (!line.starts_with(who)) continue;
      said.outcome = outcome_called(line.substr(who.size()), true);
      ++said.times;
    }
  }
  said.recorded = world.err.find("could not be written") == std::string::npos;
  return said;
}

/// What the ledger tells of this run, read without faults.
struct Logged {
  bool exists = false;
  std::size_t started = 0;
  std::size_t refused = 0;
  std::optional<std::string> outcome;
  std::string certificate;
};

inline Logged read_log(AppWorld& world, std::uint64_t entries_before) {
  Logged logged;
  const std::string folder_path = std::string(kState) + "/ledger";
  const std::string key_path = std::string(kState) + "/keys/log.pem";
  if (!world.memory.exists(folder_path) || !world.memory.exists(key_path)) return logged;
  const auto key = from_pem(world.memory.content(key_path));
  auto folder = world.memory.open_directory(folder_path);
  REQUIRE(key.ok());
  REQUIRE(folder.ok());
  const auto check = check_ledger(**folder, *key);
  if (!check) {
    CHECK(check.error().code == Errc::not_found);
    return logged;
  }
  logged.exists = true;
  for (const LedgerDamage& damage : check->damage) FAIL_CHECK(damage.what);
  const Status read = read_ledger(**folder, [&](const LedgerEntry& entry) {
    if (entry.index < entries_before) return true;
    if (entry.type == "sanitize.started") ++logged.started;
    if (entry.type == "sanitize.refused") ++logged.refused;
    if (entry.type == "certificate.issued") logged.certificate = entry.certificate;
    const bool end = entry.type == "sanitize.finished" || entry.type == "sanitize.failed" ||
                     entry.type == "sanitize.interrupted";
    if (end && entry.body) logged.outcome = Json::parse(*entry.body)["outcome"];
    return true;
  });
  CHECK(read.ok());
  return logged;
}

inline void check_log(const Said& said, const Logged& logged) {
  if (*said.outcome == Outcome::refused) {
    CHECK(logged.certificate.empty());
    CHECK_FALSE(logged.outcome.has_value());
    return;
  }
  CHECK(logged.exists);
  CHECK(logged.started == 1);
  CHECK(logged.refused == 0);
  if (logged.outcome) CHECK(*logged.outcome == row_of(*said.outcome).name);
  if (said.recorded) {
    CHECK(logged.outcome.has_value());
    CHECK_FALSE(logged.certificate.empty());
  }
}

inline void check_said_certificate(const AppWorld& world, const std::string& text, const Said& said,
                                   const Logged& logged) {
  if (*said.outcome == Outcome::refused) {
    CHECK(text.empty());
    return;
  }
  REQUIRE_FALSE(text.empty());
  const auto trust = trust_from(world.memory.content(std::string(kState) + "/keys/machine.pem"));
  REQUIRE(trust.ok());
  const CertificateCheck check = check_certificate(text, *trust);
  CHECK(check.exit_code == 0);
  CHECK(check.outcome == row_of(*said.outcome).name);
  if (!logged.certificate.empty()) CHECK(check.digest == logged.certificate);
}

}  // namespace quietus::test
