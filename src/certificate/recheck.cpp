// SPDX-License-Identifier: GPL-3.0-or-later
// The statement about a recheck: the JSON of in-toto Statement v1 with its own predicate. Layout
// and meaning of every member: quietus-certificate(5). Reads nothing, signs nothing.
#include "quietus/recheck.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/keystream.h"

#include "certificate/issuance_json.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<RecheckRow, 3> kTable{{
    {RecheckVerdict::matches, "matches", 0,
     "Everything that was compared is as the certificate says"},
    {RecheckVerdict::unreadable, "unreadable", 5,
     "Parts could not be read; everything else that was compared is as the certificate says"},
    {RecheckVerdict::differs, "differs", 4,
     "Content was found that is not what the certificate says"},
}};

Json json_of(const RecheckBasis& basis) {
  return {{"certificate_id", basis.certificate_id},
          {"pae_sha256", basis.digest},
          {"issued_at", basis.issued}};
}

Json json_of(const RecheckedMedium& medium) {
  Json out = {{"kind", medium.is_device ? "device" : "image"}};
  put_known(out, "path", medium.path);
  put_known(out, "model", medium.model);
  if (medium.serial.empty()) {
    out["serial_absent"] = true;
  } else {
    put_text(out, "serial", medium.serial);
  }
  put_known(out, "wwn", medium.wwn);
  out["size_bytes"] = json_number(medium.size_bytes);
  out["logical_block_bytes"] = medium.logical_block_bytes;
  return out;
}

Json json_of(const RecheckSampling& sampling) {
  return {{"seed_hex", to_hex(sampling.drawn.seed)},
          {"strata", json_number(sampling.drawn.strata)},
          {"cells_per_stratum", json_number(sampling.cells_per_stratum)},
          {"cell_bytes", json_number(sampling.cell_bytes)},
          {"samples", json_number(sampling.drawn.samples)},
          {"sample_bytes", json_number(sampling.drawn.sample_bytes)},
          {"detectable_ppm", json_number(sampling.drawn.detectable_ppm)}};
}

Json coverage_of(const RecheckResult& result) {
  const RecheckBasis& basis = result.basis;
  Json out = {{"mode", result.sampling ? "sample" : "full"},
              {"population_bytes", json_number(result.population_bytes)},
              {"planned_bytes", json_number(result.planned_bytes)},
              {"left_out_bytes", json_number(result.left_out_bytes)},
              {"exceptions_not_listed",
               {{"count", json_number(basis.exceptions_not_listed)},
                {"bytes", json_number(basis.exception_bytes_not_listed)}}}};
  if (result.sampling) out["sampling"] = json_of(*result.sampling);
  return out;
}

Json comparison_of(const RecheckResult& result) {
  Json out = {{"started_at", to_rfc3339(result.started)},
              {"finished_at", to_rfc3339(result.finished)},
              {"compared_bytes", json_number(result.compared_bytes)},
              {"mismatched_bytes", json_number(result.mismatched_bytes)},
              {"unreadable_bytes", json_number(result.unreadable_bytes)},
              {"cache_bypass", name_of(result.cache_bypass)}};
  if (result.disk_bytes_read) out["disk_bytes_read"] = json_number(*result.disk_bytes_read);
  Json places = Json::array();
  for (const BadExtent& place : result.places) {
    Json item = {{"offset_bytes", json_number(place.extent.offset)},
                 {"length_bytes", json_number(place.extent.length)},
                 {"state", name_of(place.state)}};
    if (place.os_code != 0) item["os_code"] = place.os_code;
    places.push_back(std::move(item));
  }
  out["places"] = std::move(places);
  out["place_bytes_not_listed"] = json_number(result.place_bytes_not_listed);
  return out;
}

Json predicate_of(const RecheckResult& result, const Issuance& issuance) {
  const RecheckRow& row = row_of(result.verdict());
  Json ledger = Json::object();
  put_known(ledger, "origin", issuance.ledger_origin);
  return {{"recheck_id", "urn:uuid:" + issuance.id},
          {"rechecked_at", to_rfc3339(issuance.issued)},
          {"result", row.name},
          {"result_meaning", row.sentence},
          {"certificate", json_of(result.basis)},
          {"medium", json_of(result.medium)},
          {"identity_compared", result.identity},
          {"coverage", coverage_of(result)},
          {"comparison", comparison_of(result)},
          {"not_covered", not_covered(result)},
          {"run",
           {{"clock_state", name_of(issuance.clock)},
            {"host", json_of(issuance.machine)},
            {"account", json_of(issuance.account)},
            {"tool", tool_of(issuance)}}},
          {"people", people_of(issuance)},
          {"ledger", std::move(ledger)},
          {"key_custody", key_custody_of(issuance)},
          {"limits", kLimitsSentence}};
}

std::string identity_sentence(const RecheckResult& result) {
  const auto has = [&](const char* what) {
    return std::find(result.identity.begin(), result.identity.end(), what) != result.identity.end();
  };
  if (has("serial") || has("wwn")) return {};
  return "That this is the same medium: neither serial number nor WWN could be compared, only the "
         "size and the content. A copy would look the same.";
}

}  // namespace

std::span<const RecheckRow> recheck_table() { return kTable; }

const RecheckRow& row_of(RecheckVerdict verdict) {
  return kTable.at(static_cast<std::size_t>(verdict));
}

RecheckVerdict RecheckResult::verdict() const {
  if (mismatched_bytes > 0) return RecheckVerdict::differs;
  const bool all = unreadable_bytes == 0 && compared_bytes == planned_bytes;
  return all ? RecheckVerdict::matches : RecheckVerdict::unreadable;
}

Result<PassContent> content_of(const ContentFacts& facts) {
  if (facts.kind == ContentFacts::Kind::fixed) {
    return PassContent{FixedContent{facts.bytes, facts.flip_first_bit_every_bytes}, true};
  }
  const Result<const KeystreamBackend*> backend = find_keystream(facts.keystream);
  if (!backend || !facts.key) {
    return Error{Errc::unsupported, 0, "its keystream can't be made again"};
  }
  Result<Secret> key = Secret::from(*facts.key);
  if (!key) return key.error();
  return PassContent{RandomContent{*backend, std::move(*key)}, true};
}

std::vector<std::string> not_covered(const RecheckResult& result) {
  std::vector<std::string> sentences;
  if (result.sampling) {
    sentences.push_back(
        "What was not drawn: " + human_bytes(result.population_bytes - result.planned_bytes) +
        ". Wrong content on " + std::to_string(result.sampling->drawn.detectable_ppm) +
        " ppm or more of the whole would have been seen with a probability of 99 %.");
  }
  if (result.left_out_bytes > 0) {
    sentences.push_back(human_bytes(result.left_out_bytes) +
                        " that the certificate lists as exceptions: they need not hold it.");
  }
  if (result.basis.exceptions_not_listed > 0) {
    sentences.push_back(
        "The certificate counts " + std::to_string(result.basis.exceptions_not_listed) +
        " more exceptions, of " + human_bytes(result.basis.exception_bytes_not_listed) +
        ", without saying where: differences may lie in them.");
  }
  if (std::string sentence = identity_sentence(result); !sentence.empty()) {
    sentences.push_back(std::move(sentence));
  }
  if (result.cache_bypass == CacheBypass::none) {
    sentences.emplace_back(
        "What the medium itself holds: it was read through the operating system's cache.");
  }
  sentences.emplace_back(
      "Places that the medium no longer addresses (copies, remapped and spare blocks), and whether "
      "a device answered from a cache of its own (a loop device over a cached file, a virtual "
      "disk, a controller).");
  return sentences;
}

Statement make_recheck_statement(const RecheckResult& result, const Issuance& issuance) {
  Json subject = {{"name", result.basis.certificate_id},
                  {"digest", {{"sha256", result.basis.digest}}}};
  Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                    {"subject", Json::array({std::move(subject)})},
                    {"predicateType", kRecheckPredicateType},
                    {"predicate", predicate_of(result, issuance)}};
  return finished(std::move(statement), issuance);
}

}  // namespace quietus
