// SPDX-License-Identifier: GPL-3.0-or-later
// What was destroyed: asset, data, custody, residual copies, overrides.
#include <array>

#include "report/form_document.h"

namespace quietus::report {
namespace {

enum class As { text, words, bytes };

/// One fact: where it stands, and how it is said.
struct FactRow {
  std::string_view label;
  const char* place;
  As as = As::text;
};

constexpr std::array<FactRow, 29> kAsset{{
    {"Asset tag", "/predicate/asset/tag"},
    {"Kind", "/predicate/asset/kind", As::words},
    {"Device kind", "/predicate/asset/device_kind", As::words},
    {"Make", "/predicate/asset/vendor"},
    {"Model", "/predicate/asset/model"},
    {"Serial number", "/predicate/asset/serial"},
    {"Serial number read from", "/predicate/asset/serial_source", As::words},
    {"Serial number absent", "/predicate/asset/serial_absent_reason"},
    {"World Wide Name", "/predicate/asset/wwn"},
    {"Firmware", "/predicate/asset/firmware"},
    {"Capacity", "/predicate/asset/capacity_bytes", As::bytes},
    {"Logical block", "/predicate/asset/logical_block_bytes", As::bytes},
    {"Physical block", "/predicate/asset/physical_block_bytes", As::bytes},
    {"Free when planned", "/predicate/asset/free_bytes", As::bytes},
    {"Bus", "/predicate/asset/bus"},
    {"Storage", "/predicate/asset/storage", As::words},
    {"Hidden area", "/predicate/asset/hidden_area", As::words},
    {"Path", "/predicate/asset/path"},
    {"Device node", "/predicate/asset/node"},
    {"Stable path", "/predicate/asset/stable_path"},
    {"Part of disk", "/predicate/asset/disk"},
    {"Begins at", "/predicate/asset/offset_bytes", As::bytes},
    {"Backing file", "/predicate/asset/backing_file"},
    {"File system", "/predicate/asset/file_system/type"},
    {"Paths named", "/predicate/asset/roots_count"},
    {"Source host", "/predicate/asset/source_host"},
    {"Health unknown", "/predicate/asset/health_unknown"},
    {"Subject", "/subject/0/name"},
    {"Digest of the subject", "/subject/0/digest/sha256"},
}};

constexpr std::array<FactRow, 14> kData{{
    {"Classification before", "/predicate/data/classification_before"},
    {"Classification after", "/predicate/data/classification_after"},
    {"Purpose", "/predicate/data/purpose", As::words},
    {"Backed up", "/predicate/data/backed_up", As::words},
    {"Backed up where", "/predicate/data/backed_up_where"},
    {"Retention reference", "/predicate/data/retention_ref"},
    {"Always encrypted", "/predicate/data/always_encrypted"},
    {"Authority reference", "/predicate/authority_ref"},
    {"Organisation", "/predicate/organisation"},
    {"Location", "/predicate/location"},
    {"Destination", "/predicate/custody/destination", As::words},
    {"Destination detail", "/predicate/custody/detail"},
    {"Instruction reference", "/predicate/custody/instruction_ref"},
    {"Contract reference", "/predicate/custody/contract_ref"},
}};

template <std::size_t N>
void add_facts(FormSection& section, const FormJson& json, const std::array<FactRow, N>& rows) {
  for (const FactRow& row : rows) {
    std::string value = json.text_or_empty(row.place);
    const auto number = json.number(row.place);
    if (row.as == As::bytes && number) value = exact_bytes(*number);
    if (row.as == As::words) value = in_words(value);
    section.add(std::string(row.label), value);
  }
}

/// Health is an object of whatever the drive told; its page in hexadecimal says nothing to people.
void add_health(FormSection& section, const FormJson& json) {
  for (const auto& [label, place] : {std::pair{"Health before", "/predicate/asset/health_before"},
                                     std::pair{"Health after", "/predicate/asset/health_after"}}) {
    std::string value;
    for (const std::string& name : json.members(place)) {
      if (name.starts_with("raw_")) continue;
      const std::string text = json.text_or_empty(std::string(place) + "/" + name);
      if (!text.empty()) value += (value.empty() ? "" : "; ") + in_words(name) + ": " + text;
    }
    section.add(label, value);
  }
}

FormTable roots_of(const FormJson& json) {
  FormTable table{"Paths that were named", {"Path", "Kind", "Size"}, {}};
  for (std::size_t i = 0; i < json.count("/predicate/asset/roots"); ++i) {
    const std::string place = "/predicate/asset/roots/" + std::to_string(i);
    table.rows.push_back({json.text(place + "/path").value_or("not stated"),
                          json.text_or_empty(place + "/kind"),
                          exact_bytes(json.number_or_0(place + "/size_bytes"))});
  }
  return table;
}

FormSection residual_section(const FormJson& json) {
  const std::string place = "/predicate/residual_copies";
  FormSection section{"residual", "Residual copies", {}, {}, {}, {}};
  FormTable table{"Copies that this run did not destroy", {"Copy", "Gone by"}, {}};
  for (std::size_t i = 0; i < json.count(place + "/copies"); ++i) {
    const std::string copy = place + "/copies/" + std::to_string(i);
    table.rows.push_back({json.text(copy + "/what").value_or("not stated"),
                          json.text(copy + "/gone_by").value_or("no date stated")});
  }
  if (!table.rows.empty()) {
    section.paragraphs.emplace_back("Copies remain elsewhere, as declared:");
    section.tables.push_back(std::move(table));
  } else if (json.flag(place + "/none_known")) {
    section.paragraphs.emplace_back("None is known, as declared. The tool did not look for any.");
  } else {
    section.paragraphs.emplace_back(
        "Nothing was stated. Backups and other copies of the data may exist.");
  }
  section.add("All copies gone by", json.text_or_empty(place + "/final_date"));
  return section;
}

FormSection overrides_section(const FormJson& json) {
  FormSection section{"overrides", "Overrides", {}, {}, {}, {}};
  FormTable table{"Rules that somebody let go", {"Rule", "Reason", "By", "Reference"}, {}};
  for (std::size_t i = 0; i < json.count("/predicate/overrides"); ++i) {
    const std::string place = "/predicate/overrides/" + std::to_string(i);
    table.rows.push_back(
        {json.text_or_empty(place + "/rule"), json.text_or_empty(place + "/reason"),
         person_text(json, place + "/person"), json.text_or_empty(place + "/reference")});
  }
  section.paragraphs.emplace_back(table.rows.empty() ? "None is recorded."
                                                     : "Rules of a policy were let go:");
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

void add_asset_sections(FormDocument& document, const FormJson& json) {
  FormSection asset{"asset", "Asset", {}, {}, {}, {}};
  add_facts(asset, json, kAsset);
  add_health(asset, json);
  FormTable roots = roots_of(json);
  if (!roots.rows.empty()) asset.tables.push_back(std::move(roots));
  if (json.number_or_0("/predicate/asset/roots_not_listed") > 0) {
    asset.add("Paths not listed", json.text_or_empty("/predicate/asset/roots_not_listed"));
  }
  document.sections.push_back(std::move(asset));
  FormSection data{"data", "Data and custody, as declared", {}, {}, {}, {}};
  add_facts(data, json, kData);
  if (data.facts.empty()) data.paragraphs.emplace_back("Nothing was stated.");
  document.sections.push_back(std::move(data));
  document.sections.push_back(residual_section(json));
  document.sections.push_back(overrides_section(json));
}

}  // namespace quietus::report
