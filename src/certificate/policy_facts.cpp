// SPDX-License-Identifier: GPL-3.0-or-later
// What policies look at, after a run: from the signed statement alone. Never reads a member that
// may be withheld, so that a verdict does not change with what is disclosed.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "quietus/category.h"
#include "quietus/certificate_policy.h"
#include "quietus/policy_table.h"
#include "quietus/strict_json.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kCountedPasses = 100;  // as the plan's facts have it
constexpr std::size_t kDateLength = 10;

const Json& none() {
  static const Json kNone;
  return kNone;
}

/// A member, or null where there is none.
const Json& member(const Json& object, const char* key) {
  if (!object.is_object()) return none();
  const auto found = object.find(key);
  return found == object.end() ? none() : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_told(const Json& object, const char* key) { return !text_at(object, key).empty(); }

bool flag_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_boolean() && value.get<bool>();
}

/// Large numbers stand as texts.
std::uint64_t number_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_string()) return decimal_from(value.get_ref<const std::string&>()).value_or(0);
  return 0;
}

std::uint32_t people_in(const Json& list, std::string_view role) {
  const auto count = std::count_if(
      list.begin(), list.end(), [role](const Json& one) { return text_at(one, "role") == role; });
  return static_cast<std::uint32_t>(std::clamp<std::ptrdiff_t>(count, 0, 1000));
}

bool is_complete(const Json& pass, std::uint64_t content_bytes) {
  return number_at(pass, "written_bytes") + number_at(pass, "failed_bytes") +
             number_at(pass, "unknown_bytes") >=
         content_bytes;
}

void add_passes(PolicyFacts& facts, const Json& predicate, std::uint64_t content_bytes) {
  const Json& run = member(predicate, "run");
  std::uint64_t all = number_at(member(run, "passes_not_listed"), "count");
  std::uint64_t random = 0;
  for (const Json& pass : member(run, "passes")) {
    if (!is_complete(pass, content_bytes)) continue;
    ++all;
    if (text_at(member(pass, "content"), "kind") == "keystream") ++random;
  }
  facts.passes = static_cast<std::uint32_t>(std::min(all, kCountedPasses));
  facts.random_passes = static_cast<std::uint32_t>(std::min(random, kCountedPasses));
  facts.scheme = text_at(member(member(predicate, "method"), "scheme"), "id");
  facts.verify = text_at(member(predicate, "verification"), "mode");
  facts.tool_sha256 = text_at(member(run, "tool"), "sha256");
}

/// The enumerator of that name; the default where there is none.
template <class Enum, std::size_t N>
Enum named(std::string_view name, const std::array<Enum, N>& all, Enum otherwise) {
  const auto* const found =
      std::find_if(all.begin(), all.end(), [&](Enum one) { return name_of(one) == name; });
  return found == all.end() ? otherwise : *found;
}

Answer answer_from(std::string_view name) {
  return named(name, std::array{Answer::no, Answer::yes, Answer::unknown}, Answer::unknown);
}

/// The same as went into the certificate's own category.
MethodFacts method_facts_of(const Json& predicate, Method method) {
  constexpr std::array kSets{CommandSet::none, CommandSet::ata, CommandSet::scsi, CommandSet::nvme,
                             CommandSet::mmc};
  constexpr std::array kStorages{Storage::rotational, Storage::flash, Storage::virtual_,
                                 Storage::unknown};
  const Json& asset = member(predicate, "asset");
  const Json& firmware = member(predicate, "firmware");
  const Json& copies = member(predicate, "residual_copies");
  MethodFacts out;
  out.method = method;
  out.commands = named(text_at(firmware, "command_set"), kSets, CommandSet::none);
  out.enhanced = flag_at(firmware, "enhanced");
  out.storage = named(text_at(asset, "storage"), kStorages, Storage::unknown);
  constexpr std::array kParts{DeviceKind::partition, DeviceKind::device_mapper, DeviceKind::raid};
  const std::string kind = text_at(asset, "device_kind");
  out.whole_medium =
      !kind.empty() && std::none_of(kParts.begin(), kParts.end(),
                                    [&](DeviceKind one) { return name_of(one) == kind; });
  out.declared_keys =
      flag_at(member(predicate, "data"), "always_encrypted") && flag_at(copies, "none_known");
  return out;
}

/// Whether the evidence carries a method at all: never on the word of the outcome alone.
bool is_carried(const Json& firmware, Method method) {
  if (method == Method::key_erase) {
    const Json& keys = member(firmware, "keys");
    const std::uint64_t overwritten = number_at(keys, "overwritten_bytes");
    return overwritten > 0 && number_at(keys, "compared_bytes") >= overwritten &&
           number_at(keys, "searched_bytes") > 0 && number_at(keys, "headers_left") == 0;
  }
  const Json& canaries = member(firmware, "canaries");
  return !text_at(firmware, "sent_at").empty() && text_at(firmware, "reported") == "succeeded" &&
         !flag_at(firmware, "reset_seen") && number_at(canaries, "planted_blocks") > 0 &&
         number_at(canaries, "survived_blocks") == 0 &&
         number_at(canaries, "unreadable_blocks") == 0 &&
         number_at(canaries, "checked_blocks") == number_at(canaries, "planted_blocks");
}

void add_method(PolicyFacts& facts, const Json& predicate) {
  const Json& said = member(predicate, "method");
  const Json& firmware = member(predicate, "firmware");
  facts.sanitize_offered = answer_from(text_at(said, "sanitize_offered"));
  facts.method = method_from(text_at(said, "method")).value_or(Method::overwrite);
  if (facts.method == Method::overwrite || !is_carried(firmware, facts.method)) return;
  facts.method_level =
      categorize_method(method_facts_of(predicate, facts.method), *facts.outcome).category;
}

bool has_fact(const Json& predicate, std::string_view code) {
  const Json& facts = member(predicate, "facts");
  return std::any_of(facts.begin(), facts.end(),
                     [code](const Json& fact) { return text_at(fact, "code") == code; });
}

/// What is known afterwards counts; where nothing is, what was known before.
void add_hidden_area(PolicyFacts& facts, const Json& predicate) {
  const std::string before = text_at(member(predicate, "asset"), "hidden_area");
  const std::string after =
      text_at(member(member(predicate, "firmware"), "hidden_after"), "present");
  const bool known_after = after == "yes" || after == "no";
  const bool restored = after == "no" || has_fact(predicate, "hidden_area_restored");
  facts.hidden_area_left = has_fact(predicate, "hidden_area_left") || after == "yes" ||
                           (before == name_of(HiddenArea::present) && !restored);
  const bool covered = has_fact(predicate, "hidden_area_covered");
  facts.hidden_area_unknown = has_fact(predicate, "hidden_area_unknown") ||
                              (!known_after && !covered && before != name_of(HiddenArea::none) &&
                               before != name_of(HiddenArea::present));
}

/// Only where both counts are told.
bool reallocated_grew(const Json& asset) {
  const char* const replaced = "reallocated_sectors";
  const Json& before = member(asset, "health_before");
  const Json& after = member(asset, "health_after");
  return !member(before, replaced).is_null() && !member(after, replaced).is_null() &&
         number_at(after, replaced) > number_at(before, replaced);
}

/// A drive that sanitizes itself does so as a whole; passes reach what was to be overwritten.
bool is_not_whole(const Json& predicate) {
  const Json& passes = member(member(predicate, "run"), "passes");
  if (member(predicate, "firmware").is_object() && passes.empty()) return false;
  const Json& size = member(predicate, "drive");
  const std::uint64_t bytes = number_at(size, "bytes");
  return bytes == 0 || number_at(size, "content_bytes") != bytes;
}

bool has_bad_extent(const Json& extents) {
  return std::any_of(extents.begin(), extents.end(), [](const Json& one) {
    const std::string state = text_at(one, "state");
    return state == "write_failed" || state == "read_failed";
  });
}

void add_exceptions(PolicyFacts& facts, const Json& predicate) {
  const Json& listed = member(predicate, "exceptions");
  const Json& seen = member(predicate, "facts");
  facts.exceptions = facts.outcome == Outcome::sanitized_with_exceptions || !listed.empty() ||
                     number_at(member(predicate, "exceptions_not_listed"), "count") > 0 ||
                     std::any_of(seen.begin(), seen.end(),
                                 [](const Json& fact) { return flag_at(fact, "exception"); });
  facts.bad_sectors =
      has_bad_extent(listed) || std::any_of(listed.begin(), listed.end(), [](const Json& entry) {
        return has_bad_extent(member(entry, "extents"));
      });
}

void add_asset(PolicyFacts& facts, const Json& predicate) {
  const Json& asset = member(predicate, "asset");
  const std::string target = text_at(predicate, "target");
  const std::string device_kind = text_at(asset, "device_kind");
  const std::string bus = text_at(asset, "bus");
  const std::string storage = text_at(asset, "storage");
  facts.medium = policy_medium_of({target, device_kind, bus, storage});
  facts.has_tag = is_told(asset, "tag");
  const bool is_drive = target == "drive";
  if (is_drive) add_hidden_area(facts, predicate);
  facts.not_whole = is_drive && is_not_whole(predicate);
  facts.reallocated_grew = reallocated_grew(asset);
}

void add_administration(PolicyFacts& facts, const Json& predicate) {
  const Json& data = member(predicate, "data");
  const Json& copies = member(predicate, "residual_copies");
  facts.has_organisation = is_told(predicate, "organisation");
  facts.has_authority_ref = is_told(predicate, "authority_ref");
  facts.has_retention_ref = is_told(data, "retention_ref");
  facts.always_encrypted = flag_at(data, "always_encrypted");
  facts.has_destination = is_told(member(predicate, "custody"), "destination");
  facts.has_residual_statement = flag_at(copies, "stated");
  facts.has_final_date = facts.has_residual_statement && is_told(copies, "final_date");
}

void add_people(PolicyFacts& facts, const Json& predicate) {
  const Json& declared = member(predicate, "declared");
  // A plan that was carried out may be one that nobody approved.
  const Json& approvals = member(member(predicate, "method"), "approvals");
  const bool approved = approvals.is_array() && !approvals.empty();
  const std::uint32_t signers = people_in(member(predicate, "people"), "operator");
  facts.operators.declared = std::max(people_in(declared, "operator"), std::min(signers, 1U));
  facts.witnesses.declared = people_in(declared, "witness");
  facts.approvers.declared = std::max(people_in(declared, "approver"), approved ? 1U : 0U);
  facts.asset_owners.declared = people_in(declared, "asset_owner");
  facts.has_approval_ref =
      approved || std::any_of(declared.begin(), declared.end(), [](const Json& one) {
        return text_at(one, "role") == "approver" && is_told(one, "reference");
      });
  for (const Json& one : member(predicate, "overrides")) {
    facts.overridden.push_back(text_at(one, "rule"));
  }
}

Error malformed(const std::string& what) { return {Errc::malformed, 0, "the statement " + what}; }

/// What decides most must be there; the rest may be missing and then counts as not told.
Status add_kind(PolicyFacts& facts, const Json& predicate) {
  const std::string outcome = text_at(predicate, "outcome");
  for (const OutcomeRow& row : outcome_table()) {
    if (row.name == outcome) facts.outcome = row.outcome;
  }
  if (!facts.outcome) return malformed("has no outcome that is known");
  const Json& data = member(predicate, "data");
  const auto classification = classification_from(text_at(data, "classification_before"));
  if (!classification) return malformed("has no classification that is known");
  const auto purpose = purpose_from(text_at(data, "purpose"));
  if (!purpose) return malformed("has no purpose that is known");
  facts.classification = *classification;
  facts.purpose = *purpose;
  return {};
}

/// What can't be decided is not met.
PolicyDecision undecided(const Policy& policy, const Error& why) {
  PolicyDecision out;
  out.id = policy.id;
  out.revision = policy.revision;
  out.digest = policy.digest;
  out.issued = policy.issued;
  out.review = policy.review;
  out.reasons.push_back({"facts_unreadable", why.what, {}});
  return out;
}

}  // namespace

Result<PolicyFacts> policy_facts_of(std::string_view statement) {
  if (Status strict = check_strict_json(statement); !strict) return strict.error();
  const Json parsed = Json::parse(statement, nullptr, false);
  const Json& predicate = member(parsed, "predicate");
  if (text_at(parsed, "predicateType") != kPredicateType || !predicate.is_object()) {
    return malformed("is not one of a certificate");
  }
  PolicyFacts facts;
  if (Status known = add_kind(facts, predicate); !known) return known.error();
  const std::string target = text_at(predicate, "target");
  const bool is_medium = target == "drive" || target == "image";
  const std::uint64_t content =
      is_medium ? number_at(member(predicate, target.c_str()), "content_bytes") : 0;
  add_passes(facts, predicate, content);
  add_method(facts, predicate);
  add_exceptions(facts, predicate);
  add_asset(facts, predicate);
  add_administration(facts, predicate);
  add_people(facts, predicate);
  facts.today = text_at(predicate, "issued_at").substr(0, kDateLength);
  return facts;
}

std::vector<PolicyDecision> decisions_on(std::string_view statement,
                                         std::span<const ChosenPolicy> policies,
                                         std::uint32_t signed_approvers) {
  std::vector<PolicyDecision> out;
  Result<PolicyFacts> facts = policy_facts_of(statement);
  for (const ChosenPolicy& applied : policies) {
    if (facts) facts->approvers.signed_ = signed_approvers;
    out.push_back(facts ? decide(applied.policy, *facts)
                        : undecided(applied.policy, facts.error()));
    out.back().asked_for = applied.asked_for;
  }
  return out;
}

}  // namespace quietus
