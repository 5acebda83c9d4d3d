// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence as a statement: the JSON of in-toto Statement v1 with our predicate. Layout and meaning
// of every member: quietus-certificate(5). Reads nothing, signs nothing.
#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quietus/category.h"
#include "quietus/certificate.h"
#include "quietus/digest.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

#include "certificate/sentences.h"
#include "certificate/subject.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

// What the lists may take of the statement, in bytes. Their sum is 2.3 MiB; in base64 and with
// everything else that stays below 3 MiB, and leaves the reader's 4 MiB room for receipts.
constexpr std::size_t kPassesBytes = std::size_t{256} << 10U;
constexpr std::size_t kFactsBytes = std::size_t{128} << 10U;
constexpr std::size_t kFileSystemsBytes = std::size_t{64} << 10U;
constexpr std::size_t kRootsBytes = std::size_t{1} << 20U;
constexpr std::size_t kExceptionsBytes = std::size_t{768} << 10U;
constexpr std::size_t kConditionsBytes = std::size_t{128} << 10U;
constexpr std::size_t kEntryExtentsBytes = std::size_t{8} << 10U;

/// Nothing for an empty text: what is not known is left out.
void put_known(Json& object, const std::string& key, const std::string& text) {
  if (!text.empty()) put_text(object, key, text);
}

/// A list that takes items until they need more room than it has, and counts the rest.
class BoundedList {
 public:
  explicit BoundedList(std::size_t max_bytes) : room_(max_bytes) {}

  /// False once an item did not fit: from then on nothing is taken, so that the list stays a
  /// beginning.
  bool add(Json item) {
    const std::size_t size = left_out_ > 0 ? 0 : printed_size(item);
    if (left_out_ > 0 || size > room_) {
      ++left_out_;
      return false;
    }
    room_ -= size;
    items_.push_back(std::move(item));
    return true;
  }
  [[nodiscard]] Json take() { return std::move(items_); }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  // Each line of an item stands up to four levels further in than it would alone.
  static std::size_t printed_size(const Json& item) {
    constexpr std::size_t kFurtherIn = 10;
    const std::string text = item.dump(2, ' ', false, Json::error_handler_t::replace);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return text.size() + (lines + 1) * kFurtherIn;
  }

  Json items_ = Json::array();
  std::size_t room_;
  std::uint64_t left_out_ = 0;
};

std::string_view clock_name(ClockState state) {
  constexpr std::array<std::string_view, 3> kNames{"synchronised", "unsynchronised", "unknown"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view in_place_name(InPlace in_place) {
  constexpr std::array<std::string_view, 6> kNames{"yes",     "no_cow", "copy_on_write",
                                                   "layered", "remote", "unknown"};
  return kNames.at(static_cast<std::size_t>(in_place));
}

Json json_of(const FileSystemFacts& facts) {
  Json out = Json::object();
  put_known(out, "type", facts.type);
  put_known(out, "mount_point", facts.mount_point);
  put_known(out, "source", facts.source);
  put_known(out, "options", facts.options);
  out["in_place"] = in_place_name(facts.in_place);
  out["journals_data"] = facts.journals_data;
  out["volatile"] = facts.is_volatile;
  out["remote"] = facts.remote;
  return out;
}

/// A root's place and identity: exactly what the subject's digest is taken of, and more.
Json json_of(const Root& root) {
  Json out = Json::object();
  put_known(out, "path", root.path);
  out["device"] = json_number(root.identity.device);
  out["inode"] = json_number(root.identity.inode);
  out["mount"] = json_number(root.identity.mount);
  return out;
}

Json obstacles_of(const Root& root) {
  Json out = Json::array();
  for (const Obstacle& obstacle : root.obstacles) out.push_back(obstacle.code);
  return out;
}

Json image_asset(const Target& target) {
  Json out = {{"kind", "virtual"}};
  if (target.roots.empty()) return out;
  const Root& root = target.roots.front();
  out.update(json_of(root));
  out["capacity_bytes"] = json_number(root.size_bytes);
  out["serial_absent"] = true;
  out["serial_absent_reason"] = "a disk image is a file and has no serial number";
  out["file_system"] = json_of(root.file_system);
  out["obstacles"] = obstacles_of(root);
  return out;
}

/// What is on a device, as a probe recognised it.
Json json_of(const std::vector<ContentSignature>& signatures) {
  Json out = Json::array();
  for (const ContentSignature& one : signatures) {
    Json item = {{"offset_bytes", json_number(one.offset)}};
    put_known(item, "usage", one.usage);
    put_known(item, "type", one.type);
    put_known(item, "label", one.label);
    put_known(item, "uuid", one.uuid);
    out.push_back(std::move(item));
  }
  return out;
}

void put_identity(Json& out, const DeviceFacts& device) {
  put_known(out, "vendor", device.vendor);
  put_known(out, "model", device.model);
  if (device.serial.empty()) {
    out["serial_absent"] = true;
    out["serial_absent_reason"] = "the device tells none";
  } else {
    put_text(out, "serial", device.serial);
    put_known(out, "serial_source", device.serial_source);
  }
  put_known(out, "wwn", device.wwn);
  put_known(out, "firmware", device.firmware);
}

Json drive_asset(const Target& target) {
  Json out = {{"kind", "drive"}};
  if (target.roots.empty() || !target.roots.front().device) return out;
  const Root& root = target.roots.front();
  const DeviceFacts& device = *root.device;
  put_known(out, "path", root.path);
  put_known(out, "node", device.path);
  put_known(out, "stable_path", device.stable_path);
  out["device_kind"] = name_of(device.kind);
  out["device"] = json_number(device.number);
  put_identity(out, device);
  out["capacity_bytes"] = json_number(root.size_bytes);
  out["logical_block_bytes"] = device.logical_block_bytes;
  out["physical_block_bytes"] = device.physical_block_bytes;
  put_known(out, "bus", device.bus);
  out["storage"] = name_of(device.storage);
  put_known(out, "zoned", device.zoned);
  out["hidden_area"] = name_of(device.hidden_area);
  if (device.kind == DeviceKind::partition) {
    put_known(out, "disk", device.disk);
    out["offset_bytes"] = json_number(device.place.offset);
  }
  if (device.kind == DeviceKind::loop) {
    put_known(out, "backing_file", device.backing_file);
    out["backing_is_buffered"] = device.backing_is_buffered;
  }
  if (device.content) out["content_before"] = json_of(*device.content);
  return out;
}

/// Many roots, few file systems: these stand in a list of their own, and roots cite their place.
class FileSystems {
 public:
  /// None where the list is full.
  std::optional<std::size_t> place_of(const FileSystemFacts& facts) {
    Json item = json_of(facts);
    const auto known = std::find(seen_.begin(), seen_.end(), item);
    if (known != seen_.end()) return static_cast<std::size_t>(known - seen_.begin());
    if (!listed_.add(item)) return std::nullopt;
    seen_.push_back(std::move(item));
    return seen_.size() - 1;
  }
  [[nodiscard]] Json take() { return listed_.take(); }

 private:
  std::vector<Json> seen_;
  BoundedList listed_{kFileSystemsBytes};
};

Json file_set_asset(const Target& target) {
  FileSystems file_systems;
  BoundedList roots(kRootsBytes);
  for (const Root& root : target.roots) {
    Json item = json_of(root);
    item["kind"] = root.kind == NodeKind::directory ? "directory" : "file";
    item["size_bytes"] = json_number(root.size_bytes);
    if (const auto place = file_systems.place_of(root.file_system)) item["file_system"] = *place;
    item["obstacles"] = obstacles_of(root);
    roots.add(std::move(item));
  }
  return {{"kind", "file_set"},
          {"roots_count", target.roots.size()},
          {"roots", roots.take()},
          {"roots_not_listed", roots.left_out()},
          {"file_systems", file_systems.take()}};
}

Json asset_of(const Target& target) {
  if (target.kind == TargetKind::drive) return drive_asset(target);
  return target.kind == TargetKind::image ? image_asset(target) : file_set_asset(target);
}

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
  if (target.kind == TargetKind::image) return MediumClass::disk_image;
  const bool part = !target.roots.empty() && target.roots.front().device &&
                    target.roots.front().device->kind == DeviceKind::partition;
  return part ? MediumClass::partition : MediumClass::drive;
}

Json method_of(const Plan& plan, const Target& target, const Evidence& evidence,
               const Issuance& issuance) {
  const CategoryVerdict verdict =
      categorize_overwrite(class_of(target), evidence.outcome, is_whole(evidence));
  const Rules& rules = plan.rules;
  return {{"category", name_of(verdict.category)},
          {"category_basis", verdict.basis},
          {"technique", target.kind == TargetKind::files ? "file_overwrite" : "overwrite"},
          {"scheme", json_of(rules.scheme)},
          {"rounds", rules.rounds},
          {"keystream", rules.keystream},
          {"recursive", rules.recursive},
          {"keep", rules.keep},
          {"best_effort", rules.best_effort},
          {"withhold_final_key", rules.withhold_final_key},
          {"plan_sha256", issuance.plan_sha256.empty() ? plan_digest(plan) : issuance.plan_sha256}};
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

/// The machine's id is confidential (machine-id(5)); its digest tells machines apart as well.
Json json_of(const Machine& machine) {
  Json out = Json::object();
  put_known(out, "host_name", machine.host_name);
  put_known(out, "os", machine.os);
  put_known(out, "kernel", machine.kernel);
  if (machine.id.empty()) {
    out["machine_id_absent"] = true;
  } else {
    out["machine_id_sha256"] = to_hex(sha256(bytes_of("quietus-machine-v1\n" + machine.id + "\n")));
  }
  return out;
}

Json json_of(const Account& account) {
  Json out = {{"uid", json_number(account.uid)}};
  put_known(out, "user", account.user);
  if (account.login_uid) out["login_uid"] = json_number(*account.login_uid);
  put_known(out, "sudo_user", account.sudo_user);
  return out;
}

Json run_of(const Evidence& evidence, const Issuance& issuance) {
  Json tool = {{"name", "quietus"}, {"version", issuance.tool_version}};
  if (issuance.tool_sha256.empty()) {
    tool["sha256_absent"] = true;
  } else {
    tool["sha256"] = issuance.tool_sha256;
  }
  Json out = {{"started_at", to_rfc3339(evidence.started)},
              {"finished_at", to_rfc3339(evidence.finished)},
              {"clock_state", clock_name(issuance.clock)},
              {"clock_accepted", issuance.clock_accepted},
              {"host", json_of(issuance.machine)},
              {"account", json_of(issuance.account)},
              {"tool", std::move(tool)}};
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

/// Extents of one entry, or of an image.
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
  for (const EntryException& entry : evidence.exceptions) listed.add(json_of(entry));
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
    out["signatures"] = json_of(*after.signatures);
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
  if (!is_whole(evidence)) return false;
  if (evidence.passes.empty() || evidence.passes.size() != evidence.passes_planned) return false;
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

Json people_of(const Issuance& issuance) {
  Json out = Json::array();
  for (const Signer& signer : issuance.signers) {
    Json person = {{"role", name_of(signer.role)}, {"key_id", signer.key_id}};
    put_known(person, "name", signer.name);
    out.push_back(std::move(person));
  }
  return out;
}

void put_record(Json& predicate, const Issuance& issuance) {
  predicate["people"] = people_of(issuance);
  Json ledger = Json::object();
  put_known(ledger, "origin", issuance.ledger_origin);
  if (issuance.run_event_index) ledger["run_event_index"] = json_number(*issuance.run_event_index);
  predicate["ledger"] = std::move(ledger);
  predicate["key_custody"] = {{"host_binding", issuance.host_bound ? "machine_id" : "none"},
                              {"machine_key", "unencrypted on this machine"}};
  predicate["limits"] = kLimitsSentence;
}

Json verification_of(const Evidence& evidence) {
  Json out = {{"mode", name_of(evidence.verify)},
              {"cache_bypass", name_of(evidence.cache_bypass)},
              {"would_have_missed", would_have_missed(evidence)}};
  if (evidence.sampling) out["sampling"] = json_of(*evidence.sampling);
  return out;
}

Json predicate_of(const Plan& plan, const Target& target, const Evidence& evidence,
                  const Issuance& issuance) {
  const OutcomeRow& row = row_of(evidence.outcome);
  Json out = {{"certificate_id", "urn:uuid:" + issuance.id},
              {"issued_at", to_rfc3339(issuance.issued)},
              {"outcome", row.name},
              {"outcome_meaning", row.sentence},
              {"target", name_of(target.kind)},
              {"asset", asset_of(target)},
              {"method", method_of(plan, target, evidence, issuance)},
              {"run", run_of(evidence, issuance)},
              {"verification", verification_of(evidence)}};
  put_exceptions(out, evidence);
  put_facts(out, evidence);
  put_result(out, evidence);
  put_record(out, issuance);
  return out;
}

}  // namespace

std::string make_statement(const Plan& plan, const Target& target, const Evidence& evidence,
                           const Issuance& issuance) {
  Json subject = {{"name", subject_name(target)}, {"digest", {{"sha256", subject_digest(target)}}}};
  const Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                          {"subject", Json::array({std::move(subject)})},
                          {"predicateType", kPredicateType},
                          {"predicate", predicate_of(plan, target, evidence, issuance)}};
  return statement.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quietus
