// SPDX-License-Identifier: GPL-3.0-or-later
// Disclosures are checked by their digest before they are parsed.
#include "certificate/disclosures.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "quietus/strict_json.h"
#include "quietus/text.h"

#include "certificate/json_reading.h"
#include "certificate/redaction.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

/// RFC 4648 §5 without padding, in its one form.
std::optional<std::string> from_base64url(std::string text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const Result<Bytes> bytes = from_base64(text);
  return bytes ? std::optional(text_of(*bytes)) : std::nullopt;
}

/// None: it is not ["salt","pointer",value].
std::optional<Disclosed> disclosed_from(const std::string& text) {
  const auto decoded = from_base64url(text);
  if (!decoded || !decoded->starts_with('[') || !decoded->ends_with(']')) return std::nullopt;
  if (!check_strict_json(*decoded)) return std::nullopt;
  const Json json = Json::parse(*decoded, nullptr, false);
  constexpr std::size_t kParts = 3;
  if (!json.is_array() || json.size() != kParts) return std::nullopt;
  const auto* salt = json[0].get_ptr<const std::string*>();
  const auto* pointer = json[1].get_ptr<const std::string*>();
  if (salt == nullptr || pointer == nullptr) return std::nullopt;
  const auto bytes = from_base64url(*salt);
  if (!bytes || bytes->size() != kSaltBytes) return std::nullopt;
  return Disclosed{*pointer, text, json[2].dump()};
}

const std::string* digest_in(const StatementFacts& facts, const std::string& pointer) {
  const auto found = std::find_if(facts.redactable.begin(), facts.redactable.end(),
                                  [&](const auto& entry) { return entry.first == pointer; });
  return found == facts.redactable.end() ? nullptr : &found->second;
}

}  // namespace

Result<std::vector<Disclosed>> read_disclosures(std::span<const std::string> texts,
                                                const StatementFacts& facts) {
  if (!facts.redactable_problem.empty()) return malformed(facts.redactable_problem);
  std::vector<Disclosed> out;
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    auto disclosed = disclosed_from(text);
    if (!disclosed) return malformed("a disclosure is not of the form that it has to be");
    const std::string* digest = digest_in(facts, disclosed->pointer);
    if (digest == nullptr || *digest != disclosure_digest(text)) {
      return malformed("what is disclosed as " + disclosed->pointer + " is not what was signed");
    }
    if (!seen.insert(disclosed->pointer).second) {
      return malformed(disclosed->pointer + " is disclosed twice");
    }
    out.push_back(std::move(*disclosed));
  }
  return out;
}

std::vector<std::string> withheld_from(const StatementFacts& facts,
                                       std::span<const Disclosed> disclosed) {
  std::vector<std::string> withheld;
  for (const auto& entry : facts.redactable) {
    const bool shown = std::any_of(disclosed.begin(), disclosed.end(), [&](const Disclosed& one) {
      return one.pointer == entry.first;
    });
    if (!shown) withheld.push_back(entry.first);
  }
  return withheld;
}

std::string full_statement(const std::string& body, std::span<const Disclosed> disclosed) {
  if (disclosed.empty()) return body;
  Json json = Json::parse(body, nullptr, false);
  for (const Disclosed& one : disclosed) {
    json[Json::json_pointer(one.pointer)] = Json::parse(one.value, nullptr, false);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quietus
