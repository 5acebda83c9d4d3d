// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: leaves of the ledger and strict JSON. Whatever the text, nothing crashes; a leaf
// that is read is strict JSON of just this text; strict JSON is JSON for others too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "quietus/ledger.h"
#include "quietus/strict_json.h"
#include "quietus/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_entry(std::string_view text) {
  const auto entry = quietus::ledger_entry_from(text);
  if (!entry) return require(entry.error().code == quietus::Errc::malformed);
  require(entry->line == text && text.size() <= 65'535);
  require(quietus::check_strict_json(text).ok());
  const auto json = nlohmann::json::parse(text);
  require(json.at("type") == entry->type && json.at("at") == entry->at);
  require(json.at("asset") == entry->asset && json.at("prev") == entry->prev);
  require(json.at("body") == entry->body_commitment && json.at("by") == entry->by);
  require(json.value("certificate", "") == entry->certificate);
  require(entry->certificate.empty() == (entry->type != "certificate.issued"));
}

void check_json(std::string_view text) {
  const auto strict = quietus::check_strict_json(text);
  if (!strict) return require(strict.error().code == quietus::Errc::malformed);
  require(quietus::is_utf8(text));
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  require(!json.is_discarded());
  // What it prints is strict again: nothing was lost between two readings.
  require(quietus::check_strict_json(json.dump(), {.max_bytes = ~std::size_t{0}}).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_entry(text);
  check_json(text);
  return 0;
}
