// SPDX-License-Identifier: GPL-3.0-or-later
// A log in a memory folder "/l", with a fixed key, clock and random source, and the things that
// tests do to it behind its back.
#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quietus/ledger.h"
#include "quietus/text.h"

#include "support/fault_platform.h"
#include "support/fixed_seams.h"
#include "support/memory_platform.h"

namespace quietus::test {

inline SigningKey key_of_seed(std::string_view text) {
  auto key = SigningKey::from_seed(Secret::from(sha256(bytes_of(text))).value());
  return std::move(key).value();
}

/// An event with an asset and a body.
inline LedgerEvent event(const std::string& type, const std::string& detail = "x") {
  return {type, std::string(32, 'a'), "", "{\"detail\":\"" + detail + "\"}", ""};
}

inline LedgerEvent issued(char digit) {
  return {"certificate.issued", "", "", "", std::string(64, digit)};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == text.npos ? text.size() : end + 1;
  }
  return lines;
}

struct LedgerWorld {
  static constexpr const char* kEntries = "/l/entries.jsonl";
  static constexpr const char* kCheckpoint = "/l/checkpoint";
  static constexpr const char* kOrigin = "quietus/test/0011223344556677";

  MemoryPlatform platform;
  FixedClock clock;
  FixedRandom random;
  SigningKey key = key_of_seed("ledger");

  LedgerWorld() {
    platform.add_directory("/l", 0700);
    platform.track_durability();
  }

  [[nodiscard]] NoteKey log() const { return {kOrigin, key.public_key()}; }
  Result<Ledger> try_open(Platform& via) {
    auto folder = via.open_directory("/l");
    if (!folder) return folder.error();
    return Ledger::open(std::move(folder).value(), kOrigin, key, clock, random);
  }
  Ledger open() {
    auto ledger = try_open(platform);
    if (!ledger) FAIL(ledger.error().what);
    return std::move(ledger).value();
  }
  LedgerCheck check() {
    auto folder = platform.open_directory("/l").value();
    auto check = check_ledger(*folder, key.public_key());
    if (!check) FAIL(check.error().what);
    return std::move(check).value();
  }
  /// All that check_ledger finds wrong: "index: what; ".
  std::string damage() {
    std::string all;
    for (const LedgerDamage& one : check().damage) {
      all += std::to_string(one.index) + ": " + one.what + "; ";
    }
    return all;
  }
  std::vector<LedgerEntry> entries() {
    std::vector<LedgerEntry> all;
    auto folder = platform.open_directory("/l").value();
    const Status read = read_ledger(*folder, [&](const LedgerEntry& entry) {
      all.push_back(entry);
      return true;
    });
    if (!read) FAIL(read.error().what);
    return all;
  }
  std::string types() {
    std::string all;
    for (const LedgerEntry& entry : entries()) all += entry.type + " ";
    return all;
  }
  [[nodiscard]] std::string text(const std::string& path) const { return platform.content(path); }
  /// All files, to put back or to compare.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> snapshot() const {
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& path : platform.nodes()) {
      if (platform.node(path)->attributes.kind != NodeKind::regular) continue;
      files.emplace_back(path, platform.content(path));
    }
    return files;
  }
};

}  // namespace quietus::test
