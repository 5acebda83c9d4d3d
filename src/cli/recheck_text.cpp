// SPDX-License-Identifier: GPL-3.0-or-later
// How a recheck's end is told: sentences for people, one line of JSON for scripts.
#include "cli/recheck_text.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus::cli {
namespace {

constexpr std::size_t kMostPlaces = 10;  // on a terminal; the statement has more

std::string joined_by_commas(const std::vector<std::string>& texts) {
  std::string line;
  for (const std::string& text : texts) line += (line.empty() ? "" : ", ") + text;
  return line;
}

std::string coverage_text(const RecheckResult& result) {
  const std::string done = human_bytes(result.compared_bytes + result.unreadable_bytes);
  if (!result.sampling) return done + " of " + human_bytes(result.population_bytes) + ", all of it";
  const SamplingEvidence& drawn = result.sampling->drawn;
  return done + " of " + human_bytes(result.population_bytes) + ", " +
         std::to_string(drawn.samples) + " random samples in " + std::to_string(drawn.strata) +
         " strata (seed " + to_hex(drawn.seed) + ")";
}

void print_places(std::ostream& out, const RecheckResult& result) {
  std::uint64_t more = result.place_bytes_not_listed;
  for (std::size_t i = 0; i < result.places.size(); ++i) {
    const BadExtent& place = result.places[i];
    if (i >= kMostPlaces) {
      more += place.extent.length;
      continue;
    }
    out << "  " << (place.state == ExtentState::mismatch ? "differs" : "can't be read") << ": "
        << place.extent.length << " bytes at offset " << place.extent.offset << "\n";
  }
  if (more > 0) out << "  and " << more << " bytes in further places\n";
}

nlohmann::ordered_json places_of(const RecheckResult& result) {
  auto places = nlohmann::ordered_json::array();
  for (const BadExtent& place : result.places) {
    places.push_back({{"offset_bytes", json_number(place.extent.offset)},
                      {"length_bytes", json_number(place.extent.length)},
                      {"state", name_of(place.state)}});
  }
  return places;
}

void put_record(nlohmann::ordered_json& line, const RecheckRecord& record) {
  line["recorded"] = record.problems.empty();
  if (!record.statement_path.empty()) put_text(line, "statement", record.statement_path);
  if (record.ledger_index) line["ledger_index"] = json_number(*record.ledger_index);
  if (!record.unrecorded_statement.empty()) line["envelope"] = record.unrecorded_statement;
}

}  // namespace

void print_recheck(std::ostream& out, const RecheckResult& result, const RecheckRecord& record) {
  const RecheckRow& row = row_of(result.verdict());
  out << row.name << ": " << escaped(result.medium.path) << ": " << row.sentence << ".\n";
  out << "certificate: " << escaped(result.basis.certificate_id) << "\n";
  out << "identity: " << joined_by_commas(result.identity) << " compared and equal\n";
  out << "compared: " << coverage_text(result) << "\n";
  if (result.mismatched_bytes > 0) {
    out << "differing: " << result.mismatched_bytes << " bytes, in whole blocks of "
        << result.medium.logical_block_bytes << "\n";
  }
  if (result.unreadable_bytes > 0) out << "unreadable: " << result.unreadable_bytes << " bytes\n";
  print_places(out, result);
  for (const std::string& sentence : not_covered(result))
    out << "not covered: " << sentence << "\n";
  if (!record.statement_path.empty()) {
    out << "statement: " << escaped(record.statement_path) << "\n";
  } else {
    out << record.unrecorded_statement;
  }
  if (record.ledger_index) out << "ledger: entry " << *record.ledger_index << "\n";
  out << kLimitsSentence << "\n";
}

void print_recheck_json(std::ostream& out, const RecheckResult& result, const RecheckRecord& record,
                        int exit_code) {
  nlohmann::ordered_json line = {
      {"event", "recheck"}, {"exit", exit_code}, {"result", row_of(result.verdict()).name}};
  put_text(line, "medium", result.medium.path);
  line["certificate_id"] = result.basis.certificate_id;
  line["recheck_id"] = "urn:uuid:" + record.id;
  line["identity_compared"] = result.identity;
  line["mode"] = result.sampling ? "sample" : "full";
  if (result.sampling) {
    line["seed_hex"] = to_hex(result.sampling->drawn.seed);
    line["strata"] = json_number(result.sampling->drawn.strata);
    line["detectable_ppm"] = json_number(result.sampling->drawn.detectable_ppm);
  }
  line["population_bytes"] = json_number(result.population_bytes);
  line["left_out_bytes"] = json_number(result.left_out_bytes);
  line["compared_bytes"] = json_number(result.compared_bytes);
  line["mismatched_bytes"] = json_number(result.mismatched_bytes);
  line["unreadable_bytes"] = json_number(result.unreadable_bytes);
  line["cache_bypass"] = name_of(result.cache_bypass);
  line["places"] = places_of(result);
  line["place_bytes_not_listed"] = json_number(result.place_bytes_not_listed);
  line["not_covered"] = not_covered(result);
  put_record(line, record);
  out << to_line(line) << "\n";
}

void print_recheck_refusal_json(std::ostream& out, const std::vector<Finding>& reasons,
                                int exit_code) {
  nlohmann::ordered_json line = {{"event", "recheck"}, {"exit", exit_code}};
  line["reasons"] = nlohmann::ordered_json::array();
  for (const Finding& reason : reasons) line["reasons"].push_back(json_of(reason));
  out << to_line(line) << "\n";
}

}  // namespace quietus::cli
