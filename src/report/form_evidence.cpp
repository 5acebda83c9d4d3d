// SPDX-License-Identifier: GPL-3.0-or-later
// How it was destroyed and what was seen: method, run, passes, verification, exceptions, remarks.
#include <algorithm>

#include "report/form_document.h"

namespace quietus::report {
namespace {

std::string content_text(const FormJson& json, const std::string& place) {
  const std::string kind = json.text_or_empty(place + "/kind");
  if (kind == "fixed") {
    std::string out = "bytes (hex) " + json.text_or_empty(place + "/byte_hex");
    const std::string flip = json.text_or_empty(place + "/flip_first_bit_every_bytes");
    return flip.empty() ? out : out + ", first bit flipped every " + flip + " bytes";
  }
  const std::string key = json.text_or_empty(place + "/key_hex");
  return "random, " + json.text_or_empty(place + "/name") +
         (key.empty() ? ", key not in the record" : ", key " + key);
}

std::string bytes_at(const FormJson& json, const std::string& place) {
  const auto number = json.number(place);
  return number ? std::to_string(*number) : std::string("not stated");
}

FormTable passes_of(const FormJson& json) {
  FormTable table{"Passes, in bytes",
                  {"Pass", "Content", "Written", "Failed", "Unknown", "Compared", "Different",
                   "Unreadable", "Finished (UTC)"},
                  {}};
  for (std::size_t i = 0; i < json.count("/predicate/run/passes"); ++i) {
    const std::string place = "/predicate/run/passes/" + std::to_string(i);
    const std::string seen = place + "/verification";
    const bool compared = json.has(seen);
    const auto of = [&](const char* name) {
      return compared ? bytes_at(json, seen + name) : std::string("not read back");
    };
    table.rows.push_back(
        {json.text_or_empty(place + "/number"), content_text(json, place + "/content"),
         bytes_at(json, place + "/written_bytes"), bytes_at(json, place + "/failed_bytes"),
         bytes_at(json, place + "/unknown_bytes"), of("/compared_bytes"), of("/mismatched_bytes"),
         of("/unreadable_bytes"), json.text_or_empty(place + "/finished_at")});
  }
  return table;
}

FormTable skipped_of(const FormJson& json) {
  FormTable table{"Methods that come before it and were not taken", {"Method", "Why"}, {}};
  const std::string at = "/predicate/method/chosen/skipped";
  for (std::size_t i = 0; i < json.count(at); ++i) {
    const std::string place = at + "/" + std::to_string(i);
    table.rows.push_back(
        {in_words(json.text_or_empty(place + "/method")), json.text_or_empty(place + "/why")});
  }
  return table;
}

/// Of a drive: by what it was done, at best, and why.
void add_choice(FormSection& section, const FormJson& json) {
  const std::string at = "/predicate/method";
  section.add("Method", in_words(json.text_or_empty(at + "/method")));
  section.add("Command", json.text_or_empty(at + "/command"));
  section.add("Counts at best as", json.text_or_empty(at + "/level/at_best"));
  section.add("Because", json.text_or_empty(at + "/level/basis"));
  if (json.has(at + "/chosen/automatic")) {
    section.add("Chosen", json.flag(at + "/chosen/automatic") ? "by the order of the policy"
                                                              : "by who ran the tool");
  }
  section.add("Why this one", json.text_or_empty(at + "/chosen/why"));
  section.add("Then overwritten", json.text_or_empty(at + "/then_overwrite"));
  FormTable skipped = skipped_of(json);
  if (!skipped.rows.empty()) section.tables.push_back(std::move(skipped));
}

FormSection method_section(const FormJson& json) {
  const std::string at = "/predicate/method";
  FormSection section{"method", "Method", {}, {}, {}, {}};
  section.add("Category", json.text_or_empty(at + "/category"));
  section.add("Basis of the category", json.text_or_empty(at + "/category_basis"));
  section.add("Technique", in_words(json.text_or_empty(at + "/technique")));
  add_choice(section, json);
  if (json.has(at + "/scheme")) {
    section.add("Scheme", json.text_or_empty(at + "/scheme/id") + ", " +
                              json.text_or_empty(at + "/scheme/title"));
  }
  section.add("Standard", json.text_or_empty(at + "/scheme/standard"));
  section.add("Clause", json.text_or_empty(at + "/scheme/clause"));
  section.add("Status of the scheme", json.text_or_empty(at + "/scheme/status"));
  section.add("Rounds", json.text_or_empty(at + "/rounds"));
  section.add("Best effort", json.text_or_empty(at + "/best_effort"));
  section.add("Digest of the plan", json.text_or_empty(at + "/plan_sha256"));
  section.add("Digest of the approved plan", json.text_or_empty(at + "/approved_plan_sha256"));
  section.add("Passes planned", json.text_or_empty("/predicate/run/passes_planned"));
  if (json.number_or_0("/predicate/run/passes_not_listed/count") > 0) {
    section.add("Passes summed up and not listed",
                json.text_or_empty("/predicate/run/passes_not_listed/count"));
  }
  FormTable passes = passes_of(json);
  if (!passes.rows.empty() || !json.has("/predicate/firmware")) {
    section.tables.push_back(std::move(passes));
  }
  return section;
}

std::string duration_text(const FormJson& json) {
  const auto ms = json.number("/predicate/run/duration_ms");
  if (!ms) return {};
  const std::string rest = std::to_string(*ms % 1000);
  return std::to_string(*ms / 1000) + "." + std::string(3 - rest.size(), '0') + rest +
         " seconds, by a clock that never goes back";
}

FormSection run_section(const FormJson& json, const Zone& zone) {
  const std::string at = "/predicate/run";
  FormSection section{"run", "Run", {}, {}, {}, {}};
  section.add("Started", with_local(json.text_or_empty(at + "/started_at"), zone));
  section.add("Finished", with_local(json.text_or_empty(at + "/finished_at"), zone));
  section.add("Duration", duration_text(json));
  section.add("Certificate issued", with_local(json.text_or_empty("/predicate/issued_at"), zone) +
                                        ", as that machine's clock said");
  section.add("Clock", in_words(json.text_or_empty(at + "/clock_state")));
  section.add("Host", json.text(at + "/host").value_or(json.text_or_empty(at + "/host/host_name")));
  section.add("System", json.text_or_empty(at + "/host/os"));
  section.add("Kernel", json.text_or_empty(at + "/host/kernel"));
  section.add("Account",
              json.text(at + "/account").value_or(json.text_or_empty(at + "/account/user")));
  section.add("Account number", json.text_or_empty(at + "/account/uid"));
  section.add("Logged in as number", json.text_or_empty(at + "/account/login_uid"));
  section.add("Through sudo by", json.text_or_empty(at + "/account/sudo_user"));
  section.add("Tool", json.text_or_empty(at + "/tool/name") + " " +
                          json.text_or_empty(at + "/tool/version"));
  section.add("Digest of the tool", json.text_or_empty(at + "/tool/sha256"));
  return section;
}

FormTable conditions_of(const FormJson& json) {
  FormTable table{"Rate and temperature over time",
                  {"At (UTC)", "Pass", "Doing", "Bytes done", "Bytes a second", "Temperature"},
                  {}};
  for (std::size_t i = 0; i < json.count("/predicate/run/conditions"); ++i) {
    const std::string place = "/predicate/run/conditions/" + std::to_string(i);
    const auto heat = json.number(place + "/temperature_millicelsius");
    table.rows.push_back({json.text_or_empty(place + "/at"), json.text_or_empty(place + "/pass"),
                          json.text_or_empty(place + "/kind"),
                          bytes_at(json, place + "/done_bytes"),
                          bytes_at(json, place + "/bytes_per_second"),
                          heat ? std::to_string(*heat / 1000) + " °C" : "not told"});
  }
  return table;
}

FormSection verification_section(const FormJson& json) {
  const std::string at = "/predicate/verification";
  FormSection section{"evidence", "Evidence", {}, {}, {}, {}};
  section.add("Verification asked for", json.text_or_empty(at + "/mode"));
  const std::string bypass = json.text_or_empty(at + "/cache_bypass");
  const bool passes = json.count("/predicate/run/passes") > 0;
  if (passes || !json.has("/predicate/firmware")) {
    section.add("Read back past the cache",
                bypass == "direct_io" ? "yes, all of it" : "no, not all");
  }
  section.add(passes || !json.has("/predicate/firmware") ? "Would have missed" : "What verifies it",
              json.text_or_empty(at + "/would_have_missed"));
  if (json.has(at + "/sampling")) {
    section.add("Sample", bytes_at(json, at + "/sampling/sample_bytes") + " bytes of " +
                              bytes_at(json, at + "/sampling/population_bytes"));
    section.add("Sample would find with 99 %", "wrong content of " +
                                                   bytes_at(json, at + "/sampling/detectable_ppm") +
                                                   " parts per million or more");
  }
  section.add("Partition table afterwards",
              in_words(json.text_or_empty("/predicate/afterwards/partition_table")));
  section.add("Entries", json.text_or_empty("/predicate/files/entries"));
  for (const std::string& name : json.members("/predicate/files/by_outcome")) {
    section.add("Entries " + in_words(name),
                json.text_or_empty("/predicate/files/by_outcome/" + name));
  }
  section.add("Names removed", json.text_or_empty("/predicate/files/names_removed"));
  section.add("Root of the manifest", json.text_or_empty("/predicate/files/manifest_root/root"));
  return section;
}

/// The map's numbers, for those who can't see it.
FormTable map_table(const BlockMap& map) {
  FormTable table{"The map's states in numbers", {"State", "Bytes", "Cells"}, {}};
  for (std::size_t i = 0; i < map.bytes_by_state.size(); ++i) {
    const auto state = static_cast<BlockState>(i);
    const auto cells = std::count(map.cells.begin(), map.cells.end(), state);
    if (map.bytes_by_state[i] == 0) continue;
    table.rows.push_back({std::string(title_of(state)), std::to_string(map.bytes_by_state[i]),
                          std::to_string(cells)});
  }
  return table;
}

std::string passes_text(const FormJson& json, const std::string& place) {
  std::string out;
  for (std::size_t i = 0; i < json.count(place); ++i) {
    out += (out.empty() ? "" : ", ") + json.text_or_empty(place + "/" + std::to_string(i));
  }
  return out;
}

FormTable exceptions_of(const FormJson& json) {
  const bool files = json.text_or_empty("/predicate/target") == "files";
  FormTable table{"Exceptions", {"Offset in bytes", "Length in bytes", "State", "Passes"}, {}};
  if (files) table.columns = {"Item", "Path", "Outcome", "Why"};
  for (std::size_t i = 0; i < json.count("/predicate/exceptions"); ++i) {
    const std::string place = "/predicate/exceptions/" + std::to_string(i);
    if (!files) {
      table.rows.push_back(
          {bytes_at(json, place + "/offset_bytes"), bytes_at(json, place + "/length_bytes"),
           in_words(json.text_or_empty(place + "/state")), passes_text(json, place + "/passes")});
      continue;
    }
    std::string why;
    for (std::size_t j = 0; j < json.count(place + "/facts"); ++j) {
      why += (why.empty() ? "" : "; ") +
             json.text_or_empty(place + "/facts/" + std::to_string(j) + "/text");
    }
    table.rows.push_back({json.text_or_empty(place + "/item"), json.text_or_empty(place + "/path"),
                          in_words(json.text_or_empty(place + "/outcome")), why});
  }
  return table;
}

FormTable remarks_of(const FormJson& json) {
  FormTable table{"Remarks", {"Code", "Lowers the outcome", "What it says"}, {}};
  for (std::size_t i = 0; i < json.count("/predicate/facts"); ++i) {
    const std::string place = "/predicate/facts/" + std::to_string(i);
    table.rows.push_back({json.text_or_empty(place + "/code"),
                          json.flag(place + "/exception") ? "yes" : "no",
                          json.text_or_empty(place + "/text")});
  }
  return table;
}

FormSection exceptions_section(const FormJson& json) {
  FormSection section{"exceptions", "Exceptions and remarks", {}, {}, {}, {}};
  FormTable exceptions = exceptions_of(json);
  FormTable remarks = remarks_of(json);
  const auto not_listed = json.number("/predicate/exceptions_not_listed/count");
  section.paragraphs.push_back(
      exceptions.rows.empty() && not_listed.value_or(0) == 0
          ? "No exceptions are recorded."
          : "What is listed here was not destroyed as planned, or not shown to be.");
  if (!exceptions.rows.empty()) section.tables.push_back(std::move(exceptions));
  if (!remarks.rows.empty()) section.tables.push_back(std::move(remarks));
  if (not_listed.value_or(0) > 0) {
    section.add("Exceptions not listed", std::to_string(*not_listed));
  }
  if (json.number_or_0("/predicate/facts_not_listed") > 0) {
    section.add("Remarks not listed", json.text_or_empty("/predicate/facts_not_listed"));
  }
  return section;
}

}  // namespace

void add_method_sections(FormDocument& document, const FormJson& json, const Zone& zone) {
  document.sections.push_back(method_section(json));
  document.sections.push_back(run_section(json, zone));
}

void add_evidence_sections(FormDocument& document, const FormJson& json) {
  FormSection evidence = verification_section(json);
  if (document.map.size_bytes > 0) evidence.tables.push_back(map_table(document.map));
  document.sections.push_back(std::move(evidence));
  FormTable conditions = conditions_of(json);
  if (!conditions.rows.empty()) {
    FormSection section{"conditions", "Conditions", {}, {}, {}, {}};
    section.tables.push_back(std::move(conditions));
    section.in_text = false;
    document.sections.push_back(std::move(section));
  }
  document.sections.push_back(exceptions_section(json));
}

}  // namespace quietus::report
