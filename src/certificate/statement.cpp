// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence as a statement: the JSON of in-toto Statement v1 with our predicate. Layout and meaning
// of every member: quietus-certificate(5). Reads nothing, signs nothing.
#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "quietus/category.h"
#include "quietus/certificate.h"
#include "quietus/certificate_policy.h"
#include "quietus/declarations_json.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

#include "certificate/asset_json.h"
#include "certificate/bounded_list.h"
#include "certificate/firmware_json.h"
#include "certificate/issuance_json.h"
#include "certificate/redaction.h"
#include "certificate/sentences.h"
#include "certificate/space_json.h"
#include "certificate/subject.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

// What the lists may take of the statement and its disclosures, in bytes. Their sum, with those of
// asset_json.h and space_json.h, is 2.4 MiB; in base64, with everything else and the largest plan,
// that stays below 3.8 MiB, and leaves the reader's 4 MiB room for receipts and countersignatures.
// The lists of firmware_json.h stand where there are none of a file set.
constexpr std::size_t kPassesBytes = std::size_t{256} << 10U;
constexpr std::size_t kFactsBytes = std::size_t{128} << 10U;
constexpr std::size_t kExceptionsBytes = std::size_t{768} << 10U;
constexpr std::size_t kConditionsBytes = std::size_t{128} << 10U;
constexpr std::size_t kEntryExtentsBytes = std::size_t{8} << 10U;

Json json_of(const Scheme& scheme) {
  Json out = Json::object();
  put_known(out, "id", scheme.id);
  put_known(out, "title", scheme.title);
  put_known(out, "standard", scheme.standard);
  put_known(out, "clause", scheme.clause);
  out["status"] = name_of(scheme.status);
  return out;
}

/// Every byte of it was to be overwritten: no holes.
bool is_whole(const Evidence& evidence) {
  return evidence.size_bytes > 0 && evidence.content_bytes == evidence.size_bytes;
}

MediumClass class_of(const Target& target) {
  if (target.kind == TargetKind::files) return MediumClass::file_set;
  if (target.kind == TargetKind::free_space) return MediumClass::free_space;
  if (target.kind == TargetKind::image) return MediumClass::disk_image;
  const bool part = !target.roots.empty() && target.roots.front().device &&
                    (target.roots.front().device->kind == DeviceKind::partition ||
                     target.roots.front().device->kind == DeviceKind::device_mapper);
  return part ? MediumClass::partition : MediumClass::drive;
}

std::string_view technique_of(TargetKind kind, const Evidence& evidence) {
  constexpr std::array<std::string_view, 4> kNames{"file_overwrite", "overwrite", "overwrite",
                                                   "free_space_overwrite"};
  if (!evidence.firmware) return kNames.at(static_cast<std::size_t>(kind));
  return is_firmware(evidence.firmware->method) ? "firmware" : "key_destruction";
}

/// Passes that came to their end over all of it: after another method they may count as more.
bool has_all_passes(const Evidence& evidence) {
  return !evidence.passes.empty() && evidence.passes.size() == evidence.passes_planned;
}

/// A drive's own method counts where it was sent, and seen to have done something: what a later
/// overwrite hid says nothing of it.
bool is_seen_gone(const FirmwareEvidence& firmware) {
  if (!is_firmware(firmware.method)) return true;
  const std::optional<DriveCanaries>& canaries = firmware.canaries;
  return firmware.sent && canaries && canaries->planted_blocks > 0 &&
         canaries->survived_blocks == 0 && canaries->unreadable_blocks == 0 &&
         canaries->checked_blocks == canaries->planted_blocks;
}

CategoryVerdict category_of(const Plan& plan, const Target& target, const Evidence& evidence) {
  const CategoryVerdict passes =
      categorize_overwrite(class_of(target), evidence.outcome, is_whole(evidence));
  if (!evidence.firmware) return passes;
  CategoryVerdict method = categorize_method(
      method_facts_of(target, *evidence.firmware, plan.declarations), evidence.outcome);
  if (!is_seen_gone(*evidence.firmware) && method.category != Category::none) {
    method = {Category::none,
              "None: the marks that were planted before the command were not all seen to be gone "
              "after it"};
  }
  const bool better = has_all_passes(evidence) && passes.category > method.category;
  return better ? passes : method;
}

void put_passes_asked_for(Json& out, const Rules& rules, const Evidence& evidence) {
  if (evidence.firmware && !rules.then_overwrite) return;
  out["scheme"] = json_of(rules.scheme);
  out["rounds"] = rules.rounds;
  out["keystream"] = rules.keystream;
}

void put_file_rules(Json& out, const Rules& rules) {
  out["names"] = name_of(rules.names);
  out["links"] = name_of(rules.links);
  out["clear_attributes"] = rules.clear_attributes;
  out["deep"] = rules.deep;
  out["chase"] = rules.chase;
}

void put_space_rules(Json& out, const Rules& rules) {
  out["slack"] = rules.slack;
  out["prove"] = rules.prove;
  out["to_the_last_block"] = rules.to_the_last_block;
}

Json method_of(const Plan& plan, const Target& target, const Evidence& evidence,
               const Issuance& issuance) {
  const CategoryVerdict verdict = category_of(plan, target, evidence);
  const Rules& rules = plan.rules;
  Json out = {{"category", name_of(verdict.category)},
              {"category_basis", verdict.basis},
              {"technique", technique_of(target.kind, evidence)}};
  put_choice(out, plan, target, evidence);
  put_passes_asked_for(out, rules, evidence);
  out.update(
      {{"recursive", rules.recursive},
       {"keep", rules.keep},
       {"best_effort", rules.best_effort},
       {"withhold_final_key", rules.withhold_final_key},
       {"plan_sha256", issuance.plan_sha256.empty() ? plan_digest(plan) : issuance.plan_sha256}});
  if (!issuance.approved_plan.empty()) {
    const Result<std::string> digest = certificate_digest(issuance.approved_plan);
    if (digest) out["approved_plan_sha256"] = *digest;
    if (digest && !issuance.approval_digests.empty()) out["approvals"] = issuance.approval_digests;
  }
  if (target.kind == TargetKind::files) put_file_rules(out, rules);
  if (target.kind == TargetKind::free_space) put_space_rules(out, rules);
  return out;
}

Json json_of(const ContentFacts& content) {
  if (content.kind == ContentFacts::Kind::fixed) {
    Json out = {{"kind", "fixed"}, {"byte_hex", to_hex(content.bytes)}};
    if (content.flip_first_bit_every_bytes != 0) {
      out["flip_first_bit_every_bytes"] = content.flip_first_bit_every_bytes;
    }
    return out;
  }
  Json out = {{"kind", "keystream"}, {"name", content.keystream}};
  if (content.key) {
    out["key_hex"] = to_hex(*content.key);
    out["how"] = how_to_recompute(content.keystream);
  } else {
    out["key_withheld"] = true;
  }
  return out;
}

Json verification_of(const PassEvidence& pass) {
  Json out = {{"compared_bytes", json_number(pass.compared_bytes)},
              {"mismatched_bytes", json_number(pass.mismatched_bytes)},
              {"unreadable_bytes", json_number(pass.unreadable_bytes)}};
  if (pass.disk_bytes_read) out["disk_bytes_read"] = json_number(*pass.disk_bytes_read);
  return out;
}

Json json_of(const PassEvidence& pass, std::size_t pass_number) {
  Json out = {{"number", pass_number},
              {"content", json_of(pass.content)},
              {"written_bytes", json_number(pass.written_bytes)},
              {"failed_bytes", json_number(pass.failed_bytes)},
              {"unknown_bytes", json_number(pass.unknown_bytes)},
              {"flushed", pass.flushed},
              {"started_at", to_rfc3339(pass.started)},
              {"finished_at", to_rfc3339(pass.finished)}};
  if (pass.verified) out["verification"] = verification_of(pass);
  return out;
}

/// What the passes that are not listed came to.
Json sum_of(const std::vector<PassEvidence>& passes, std::size_t count) {
  PassEvidence sum;
  for (std::size_t i = 0; i < count; ++i) {
    sum.written_bytes += passes[i].written_bytes;
    sum.failed_bytes += passes[i].failed_bytes;
    sum.unknown_bytes += passes[i].unknown_bytes;
    sum.compared_bytes += passes[i].compared_bytes;
    sum.mismatched_bytes += passes[i].mismatched_bytes;
    sum.unreadable_bytes += passes[i].unreadable_bytes;
  }
  return {{"count", count},
          {"written_bytes", json_number(sum.written_bytes)},
          {"failed_bytes", json_number(sum.failed_bytes)},
          {"unknown_bytes", json_number(sum.unknown_bytes)},
          {"compared_bytes", json_number(sum.compared_bytes)},
          {"mismatched_bytes", json_number(sum.mismatched_bytes)},
          {"unreadable_bytes", json_number(sum.unreadable_bytes)}};
}

/// The last ones, where not all of them have room: they decide what is on the medium.
void put_passes(Json& run, const Evidence& evidence) {
  BoundedList listed(kPassesBytes);
  for (std::size_t i = evidence.passes.size(); i > 0; --i) {
    listed.add(json_of(evidence.passes[i - 1], i));
  }
  Json passes = listed.take();
  std::reverse(passes.begin(), passes.end());
  run["passes_planned"] = evidence.passes_planned;
  run["passes"] = std::move(passes);
  run["passes_not_listed"] = sum_of(evidence.passes, static_cast<std::size_t>(listed.left_out()));
}

/// Rate and temperature over time, and when the run was taken up again.
void put_conditions(Json& run, const Evidence& evidence) {
  BoundedList listed(kConditionsBytes);
  for (const Condition& one : evidence.conditions) {
    Json item = {{"at", to_rfc3339(one.at)},
                 {"pass", one.pass},
                 {"kind", name_of(one.kind)},
                 {"done_bytes", json_number(one.done_bytes)},
                 {"bytes_per_second", json_number(one.bytes_per_second)}};
    if (one.temperature_millicelsius) {
      item["temperature_millicelsius"] = *one.temperature_millicelsius;
    }
    listed.add(std::move(item));
  }
  if (!evidence.conditions.empty()) run["conditions"] = listed.take();
  for (const Time& at : evidence.resumed) run["resumed_at"].push_back(to_rfc3339(at));
}

Json run_of(const Evidence& evidence, const Issuance& issuance) {
  Json out = {{"started_at", to_rfc3339(evidence.started)},
              {"finished_at", to_rfc3339(evidence.finished)}};
  if (issuance.duration_ms) out["duration_ms"] = json_number(*issuance.duration_ms);
  out.update({{"clock_state", name_of(issuance.clock)},
              {"clock_accepted", issuance.clock_accepted},
              {"host", json_of(issuance.machine)},
              {"account", json_of(issuance.account)},
              {"tool", tool_of(issuance)}});
  put_passes(out, evidence);
  put_conditions(out, evidence);
  return out;
}

Json json_of(const BadExtent& bad) {
  Json out = {{"offset_bytes", json_number(bad.extent.offset)},
              {"length_bytes", json_number(bad.extent.length)},
              {"state", name_of(bad.state)},
              {"passes", bad.passes}};
  if (bad.os_code != 0) out["os_code"] = bad.os_code;
  return out;
}

Json json_of(const Fact& fact) {
  Json out = {{"code", fact.code}};
  put_known(out, "text", fact.text);
  out["exception"] = fact.exception;
  return out;
}

Json counted(std::uint64_t count, std::uint64_t bytes) {
  return {{"count", json_number(count)}, {"bytes", json_number(bytes)}};
}

/// Extents of one entry, or of a medium.
std::pair<Json, Json> listed_extents(const std::vector<BadExtent>& extents, std::size_t max_bytes,
                                     std::uint64_t count = 0, std::uint64_t bytes = 0) {
  BoundedList listed(max_bytes);
  for (const BadExtent& bad : extents) {
    if (!listed.add(json_of(bad))) bytes += bad.extent.length;
  }
  return {listed.take(), counted(count + listed.left_out(), bytes)};
}

Json json_of(const EntryException& entry) {
  Json out = {{"item", json_number(entry.item)}};
  put_known(out, "path", entry.path);
  out["outcome"] = row_of(entry.outcome).name;
  auto [extents, rest] = listed_extents(entry.extents, kEntryExtentsBytes);
  out["extents"] = std::move(extents);
  out["extents_not_listed"] = std::move(rest);
  Json facts = Json::array();
  for (const Fact& fact : entry.facts) facts.push_back(json_of(fact));
  out["facts"] = std::move(facts);
  return out;
}

void put_exceptions(Json& predicate, const Evidence& evidence) {
  if (evidence.kind != TargetKind::files) {
    auto [extents, rest] =
        listed_extents(evidence.extents, kExceptionsBytes, evidence.extents_not_listed,
                       evidence.extent_bytes_not_listed);
    predicate["exceptions"] = std::move(extents);
    predicate["exceptions_not_listed"] = std::move(rest);
    return;
  }
  BoundedList listed(kExceptionsBytes);
  for (const EntryException& entry : evidence.exceptions)
    listed.add(json_of(entry), kRedactableBytes);
  predicate["exceptions"] = listed.take();
  predicate["exceptions_not_listed"] = {
      {"count", json_number(evidence.exceptions_not_listed + listed.left_out())}};
}

void put_facts(Json& predicate, const Evidence& evidence) {
  BoundedList listed(kFactsBytes);
  for (const Fact& fact : evidence.facts) listed.add(json_of(fact));
  predicate["facts"] = listed.take();
  predicate["facts_not_listed"] = listed.left_out();
}

Json files_of(const Evidence& evidence) {
  Json by_outcome = Json::object();
  for (const auto& [outcome, count] : evidence.entries_by_outcome) {
    by_outcome[std::string(row_of(outcome).name)] = json_number(count);
  }
  Json out = {{"entries", json_number(evidence.entries)},
              {"bytes", json_number(evidence.size_bytes)},
              {"content_bytes", json_number(evidence.content_bytes)},
              {"by_outcome", std::move(by_outcome)},
              {"names_removed", json_number(evidence.names_removed)}};
  if (!evidence.manifest_root.empty()) {
    out["manifest_root"] = {{"alg", "rfc6962_sha256"}, {"root", evidence.manifest_root}};
  }
  return out;
}

Json json_of(const SamplingEvidence& sampling) {
  return {{"seed_hex", to_hex(sampling.seed)},
          {"strata", json_number(sampling.strata)},
          {"cells_per_stratum", json_number(sampling.cells_per_stratum)},
          {"cell_bytes", json_number(sampling.cell_bytes)},
          {"samples", json_number(sampling.samples)},
          {"sample_bytes", json_number(sampling.sample_bytes)},
          {"population_bytes", json_number(sampling.population_bytes)},
          {"detectable_ppm", json_number(sampling.detectable_ppm)},
          {"detectable_with_percent", 99}};
}

Json json_of(const DeviceAfterwards& after) {
  Json out = Json::object();
  put_known(out, "partition_table", after.partition_table);
  if (after.signatures) {
    out["signatures"] = signatures_json(*after.signatures);
  } else {
    out["signatures_unknown"] = true;
  }
  return out;
}

/// Only a run that came to the end of its last pass, over all of the medium, says what the medium
/// holds now; exceptions are listed beside it.
bool has_final_content(const Evidence& evidence) {
  constexpr std::array kEnded{Outcome::sanitized, Outcome::sanitized_with_exceptions,
                              Outcome::unverified};
  const bool is_medium = evidence.kind == TargetKind::image || evidence.kind == TargetKind::drive;
  if (!is_medium || !is_whole(evidence)) return false;
  if (!has_all_passes(evidence)) return false;
  const bool wrote = evidence.passes.back().written_bytes > 0;
  return wrote && std::find(kEnded.begin(), kEnded.end(), evidence.outcome) != kEnded.end();
}

void put_result(Json& predicate, const Evidence& evidence) {
  if (evidence.kind == TargetKind::files) {
    predicate["files"] = files_of(evidence);
    return;
  }
  predicate[std::string(name_of(evidence.kind))] = {
      {"bytes", json_number(evidence.size_bytes)},
      {"content_bytes", json_number(evidence.content_bytes)}};
  if (evidence.afterwards) predicate["afterwards"] = json_of(*evidence.afterwards);
  if (has_final_content(evidence)) {
    predicate["final_content"] = json_of(evidence.passes.back().content);
  }
}

void put_record(Json& predicate, const Issuance& issuance) {
  Json ledger = Json::object();
  put_known(ledger, "origin", issuance.ledger_origin);
  if (issuance.run_event_index) ledger["run_event_index"] = json_number(*issuance.run_event_index);
  predicate["ledger"] = std::move(ledger);
  predicate["key_custody"] = key_custody_of(issuance);
  predicate["limits"] = kLimitsSentence;
}

Json verification_of(const Evidence& evidence) {
  Json out = {{"mode", name_of(evidence.verify)},
              {"cache_bypass", name_of(evidence.cache_bypass)},
              {"would_have_missed", would_have_missed(evidence)}};
  if (evidence.sampling) out["sampling"] = json_of(*evidence.sampling);
  return out;
}

/// The target, and what is said of it.
Json asset_of(const Plan& plan, const Target& target, const Evidence& evidence,
              const Issuance& issuance) {
  Json out = asset_of(target);
  put_health(out, evidence);
  put_known(out, "tag", plan.declarations.tag);
  put_known(out, "source_host", issuance.machine.host_name);
  out["subject_salt"] = subject_salt(issuance.disclosure_seed);
  return out;
}

void put_declarations(Json& predicate, const Declarations& declared, const Issuance& issuance) {
  constexpr std::size_t kDateLength = 10;
  Json said = json_of(declared, to_rfc3339(issuance.issued).substr(0, kDateLength));
  said.erase("tag");  // stands with the asset
  predicate.update(said);
}

/// What each policy says of the statement as it stands: nothing else is looked at, so that anybody
/// can decide again.
void put_policies(Json& statement, const Issuance& issuance) {
  const std::string text = statement.dump(-1, ' ', false, Json::error_handler_t::replace);
  Json decisions = Json::array();
  for (const PolicyDecision& one :
       decisions_on(text, issuance.policies, issuance.signed_approvers)) {
    decisions.push_back(json_of(one));
  }
  statement["predicate"]["policies"] = std::move(decisions);
}

Json predicate_of(const Plan& plan, const Target& target, const Evidence& evidence,
                  const Issuance& issuance) {
  const OutcomeRow& row = row_of(evidence.outcome);
  Json out = {{"certificate_id", "urn:uuid:" + issuance.id},
              {"issued_at", to_rfc3339(issuance.issued)},
              {"outcome", row.name},
              {"outcome_meaning", meaning_of(evidence)},
              {"target", name_of(target.kind)},
              {"asset", asset_of(plan, target, evidence, issuance)},
              {"method", method_of(plan, target, evidence, issuance)},
              {"run", run_of(evidence, issuance)},
              {"verification", verification_of(evidence)}};
  out["people"] = people_of(issuance);
  put_declarations(out, plan.declarations, issuance);
  put_places(out, evidence);
  put_firmware(out, evidence, plan.declarations);
  put_exceptions(out, evidence);
  put_facts(out, evidence);
  put_result(out, evidence);
  put_record(out, issuance);
  return out;
}

}  // namespace

Statement make_statement(const Plan& plan, const Target& target, const Evidence& evidence,
                         const Issuance& issuance) {
  const std::string salt = subject_salt(issuance.disclosure_seed);
  Json subject = {{"name", subject_name(target, plan.declarations.tag)},
                  {"digest", {{"sha256", subject_digest(target, salt)}}}};
  Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                    {"subject", Json::array({std::move(subject)})},
                    {"predicateType", kPredicateType},
                    {"predicate", predicate_of(plan, target, evidence, issuance)}};
  put_policies(statement, issuance);
  return finished(std::move(statement), issuance);
}

}  // namespace quietus
