// SPDX-License-Identifier: GPL-3.0-or-later
// The closed list of what may be withheld, and the writing side of it.
#include "certificate/redaction.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPeople = "people";
constexpr std::string_view kPaths = "paths";
constexpr std::string_view kSubjectSalt = "/predicate/asset/subject_salt";
constexpr std::string_view kBase64 = "_base64";

constexpr std::array<RedactableRow, 23> kTable{{
    {"/predicate/people/N/person", kPeople},
    {"/predicate/declared/N/person", kPeople},
    {"/predicate/overrides/N/person", kPeople},
    {"/predicate/person", kPeople},
    {"/predicate/asset/path", kPaths},
    {"/predicate/asset/node", kPaths},
    {"/predicate/asset/stable_path", kPaths},
    {"/predicate/asset/backing_file", kPaths},
    {kSubjectSalt, kPaths},
    {"/predicate/asset/roots/N/path", kPaths},
    {"/predicate/asset/file_system/mount_point", kPaths},
    {"/predicate/asset/file_system/source", kPaths},
    {"/predicate/asset/file_system/options", kPaths},
    {"/predicate/asset/file_systems/N/mount_point", kPaths},
    {"/predicate/asset/file_systems/N/source", kPaths},
    {"/predicate/asset/file_systems/N/options", kPaths},
    {"/predicate/exceptions/N/path", kPaths},
    {"/predicate/medium/path", kPaths},
    {"/predicate/method/plan_sha256", kPaths},  // a guessed path can be tried on it
    {"/predicate/run/host", "host"},
    {"/predicate/asset/source_host", "host"},
    {"/predicate/run/account", "account"},
    {"/predicate/location", "location"},
}};

/// The next segment of a pointer, without its slash.
std::string_view take_segment(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  const std::string_view segment = pointer.substr(0, end);
  pointer.remove_prefix(end);
  return segment;
}

bool is_index(std::string_view segment) { return decimal_from(segment).has_value(); }

bool matches(std::string_view pattern, std::string_view pointer) {
  while (!pattern.empty() && !pointer.empty()) {
    if (!pattern.starts_with('/') || !pointer.starts_with('/')) return false;
    const std::string_view wanted = take_segment(pattern);
    const std::string_view found = take_segment(pointer);
    if (wanted == "N" ? !is_index(found) : wanted != found) return false;
  }
  return pattern.empty() && pointer.empty();
}

/// Takes members out of one statement.
class Taker {
 public:
  Taker(Json& statement, std::span<const std::byte> seed) : statement_(statement), seed_(seed) {}

  /// Every member that the pattern names. Objects and lists on the way stay.
  void take(std::string_view pattern) { descend(statement_, {}, pattern); }

  [[nodiscard]] Json digests() { return std::move(digests_); }
  [[nodiscard]] std::vector<std::string> disclosures() { return std::move(disclosures_); }

 private:
  void descend(Json& at, const std::string& place, std::string_view pattern) {
    const std::string segment(take_segment(pattern));
    if (segment == "N") {
      if (!at.is_array()) return;
      for (std::size_t i = 0; i < at.size(); ++i) {
        descend(at[i], place + "/" + std::to_string(i), pattern);
      }
      return;
    }
    if (!at.is_object()) return;
    const auto found = at.find(segment);
    if (found == at.end()) return;
    if (!pattern.empty()) return descend(*found, place + "/" + segment, pattern);
    add(place + "/" + segment, *found);
    at.erase(found);
  }

  void add(const std::string& pointer, const Json& value) {
    std::string source = "quietus-salt-v1";
    source.push_back('\0');
    source += text_of(seed_) + pointer;
    const Digest digest = sha256(bytes_of(source));
    std::string text = disclosure_of(std::span(digest).first<kSaltBytes>(), pointer, value);
    digests_.push_back({pointer, disclosure_digest(text)});
    disclosures_.push_back(std::move(text));
  }

  Json& statement_;
  std::span<const std::byte> seed_;
  Json digests_ = Json::object();
  std::vector<std::string> disclosures_;
};

}  // namespace

std::span<const RedactableRow> redactable_table() { return kTable; }

std::optional<std::string_view> redaction_group(std::string_view pointer) {
  for (const RedactableRow& row : redactable_table()) {
    if (matches(row.pattern, pointer)) return row.group;
    if (!pointer.ends_with(kBase64)) continue;
    if (matches(row.pattern, pointer.substr(0, pointer.size() - kBase64.size()))) return row.group;
  }
  return std::nullopt;
}

std::string to_base64url(std::span<const std::byte> bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string disclosure_of(std::span<const std::byte, kSaltBytes> salt, std::string_view pointer,
                          const Json& value) {
  const Json triple = Json::array({to_base64url(salt), pointer, value});
  return to_base64url(bytes_of(triple.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

std::string disclosure_digest(std::string_view disclosure) {
  std::string text = "quietus-disclosure-v1";
  text.push_back('\0');
  text.append(disclosure);
  return to_hex(sha256(bytes_of(text)));
}

std::vector<std::string> take_redactable(Json& statement, std::span<const std::byte> seed) {
  if (seed.empty()) return {};
  Taker taker(statement, seed);
  // A drive's subject says nothing of paths: its salt is for everybody.
  const bool drive = statement["predicate"].value("target", "") == "drive";
  for (const RedactableRow& row : redactable_table()) {
    if (drive && row.pattern == kSubjectSalt) continue;
    taker.take(row.pattern);
    taker.take(std::string(row.pattern) + std::string(kBase64));
  }
  statement["predicate"]["redactable"] = taker.digests();
  return taker.disclosures();
}

}  // namespace quietus
