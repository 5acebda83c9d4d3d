// SPDX-License-Identifier: GPL-3.0-or-later
// What a drive did itself, in words: what it was told and said, canaries, hidden area, keys.
#include <array>

#include "report/form_document.h"

namespace quietus::report {
namespace {

constexpr const char* kFirmware = "/predicate/firmware";

std::string at(const char* rest) { return std::string(kFirmware) + rest; }

/// What was sent, and what came of it, as sentences.
void add_story(FormSection& section, const FormJson& json, const Zone& zone) {
  const std::string command =
      json.text("/predicate/method/command").value_or("a command that is not stated");
  if (json.flag(at("/never_sent"))) {
    section.paragraphs.push_back("Nothing was sent to the drive: " + command + " was planned.");
    return;
  }
  section.paragraphs.push_back("The drive was told once: " + command + ". Sent at " +
                               with_local(json.text_or_empty(at("/sent_at")), zone) + ".");
  const std::string reported = in_words(json.text_or_empty(at("/reported")));
  const std::string ended = json.text_or_empty(at("/ended_at"));
  const std::string said = json.text_or_empty(at("/reported_text"));
  if (reported.empty()) {
    section.paragraphs.emplace_back("What the drive said of it is not recorded.");
    return;
  }
  section.paragraphs.push_back(
      "The drive reported: " + reported + (said.empty() ? "" : ": " + said) +
      (ended.empty() ? "." : ". Ended at " + with_local(ended, zone) + "."));
}

std::string canaries_text(const FormJson& json) {
  const auto of = [&](const char* name) { return json.number_or_0(at("/canaries") + "/" + name); };
  const std::uint64_t survived = of("survived_blocks");
  const std::uint64_t unreadable = of("unreadable_blocks");
  std::string text = "Before it, " + std::to_string(of("planted_blocks")) +
                     " blocks of random bytes were written to the medium and read back (" +
                     exact_bytes(of("planted_bytes")) + " in all). ";
  if (of("checked_blocks") == 0) return text + "Afterwards NONE OF THEM was looked at.";
  text += "Afterwards " + std::to_string(of("checked_blocks")) + " of them were looked at: ";
  text += survived == 0 ? "none of these was there any more."
                        : std::to_string(survived) + " WERE STILL THERE, bit for bit.";
  if (unreadable > 0) {
    text += " " + std::to_string(unreadable) +
            " could not be read, which does not show that they are gone.";
  }
  return text;
}

void add_sample(FormSection& section, const FormJson& json) {
  const std::string sample = at("/sample");
  if (!json.has(sample)) return;
  section.add("Read afterwards", exact_bytes(json.number_or_0(sample + "/read_bytes")) +
                                     (json.flag(sample + "/whole_medium") ? ", all of the medium"
                                                                          : ", a random sample"));
  section.add("It holds", in_words(json.text_or_empty(sample + "/looks")));
  section.add("Not what the drive should give",
              exact_bytes(json.number_or_0(sample + "/differing_bytes")));
  section.add("Could not be read", exact_bytes(json.number_or_0(sample + "/unreadable_bytes")));
}

std::string hidden_text(const FormJson& json, const std::string& place) {
  const std::string present = json.text_or_empty(place + "/present");
  std::string text = present == "no" ? "none" : present == "yes" ? "there is one" : "not known";
  for (std::size_t i = 0; i < json.count(place + "/kinds"); ++i) {
    text += ", " + json.text_or_empty(place + "/kinds/" + std::to_string(i));
  }
  if (const auto reached = json.number(place + "/accessible_bytes")) {
    text += "; reachable: " + exact_bytes(*reached);
  }
  if (const auto all = json.number(place + "/native_bytes")) {
    text += "; with everything opened up: " + exact_bytes(*all);
  }
  const std::string why = json.text_or_empty(place + "/why");
  return why.empty() ? text : text + "; " + why;
}

void add_identity(FormSection& section, const FormJson& json) {
  struct Row {
    const char* label;
    const char* place;
  };
  constexpr std::array<Row, 7> kRows{{{"Model, as the drive answered", "/identity/model"},
                                      {"Serial number, as it answered", "/identity/serial"},
                                      {"Firmware, as it answered", "/identity/firmware"},
                                      {"WWN, as it answered", "/identity/wwn"},
                                      {"Namespace", "/identity/namespace_id"},
                                      {"NGUID", "/identity/nguid"},
                                      {"EUI-64", "/identity/eui64"}}};
  for (const Row& row : kRows) section.add(row.label, json.text_or_empty(at(row.place)));
}

void add_facts(FormSection& section, const FormJson& json) {
  section.add("Spoken to by", json.text_or_empty(at("/command_set")));
  add_identity(section, json);
  section.add("The drive's own estimate, in seconds", json.text_or_empty(at("/estimate_s")));
  section.add("Reset seen meanwhile", json.text_or_empty(at("/reset_seen")));
  if (json.flag(at("/no_deallocate"))) section.add("Deallocation", "left out by the drive");
  section.add("Nothing written since, as the drive says",
              json.text_or_empty(at("/global_data_erased")));
  add_sample(section, json);
  section.add("Hidden area before", hidden_text(json, at("/hidden_before")));
  section.add("Hidden area afterwards", hidden_text(json, at("/hidden_after")));
  if (json.flag(at("/hidden_restored"))) section.add("Opened up", "yes, before the command");
}

FormTable siblings_of(const FormJson& json) {
  FormTable table{
      "Reached by the same command, and not looked at", {"Name", "What it is", "Size"}, {}};
  for (std::size_t i = 0; i < json.count("/predicate/method/siblings"); ++i) {
    const std::string place = "/predicate/method/siblings/" + std::to_string(i);
    const std::uint64_t size = json.number_or_0(place + "/size_bytes");
    table.rows.push_back({json.text_or_empty(place + "/name"),
                          in_words(json.text_or_empty(place + "/what")),
                          size == 0 ? std::string() : exact_bytes(size)});
  }
  return table;
}

/// The bytes themselves stand in the record.
FormTable answers_of(const FormJson& json) {
  FormTable table{"Answers of the drive that the record holds byte for byte",
                  {"Answer", "When", "Asked at (UTC)", "Bytes"},
                  {}};
  for (const char* when : {"before", "after"}) {
    const std::string list = at("/") + when;
    for (std::size_t i = 0; i < json.count(list); ++i) {
      const std::string place = list + "/" + std::to_string(i);
      table.rows.push_back({in_words(json.text_or_empty(place + "/what")), when,
                            json.text_or_empty(place + "/at"),
                            std::to_string(json.text_or_empty(place + "/hex").size() / 2)});
    }
  }
  return table;
}

void put(FormSection& section, FormTable table) {
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
}

void add_volume(FormSection& section, const FormJson& json, const std::string& keys) {
  section.add("Encrypted volume", json.text_or_empty(keys + "/volume/type") + " " +
                                      json.text_or_empty(keys + "/volume/uuid"));
  section.add("Label", json.text_or_empty(keys + "/volume/label"));
  section.add("Cipher", json.text_or_empty(keys + "/volume/cipher"));
  section.add("Key slots that were in use", std::to_string(json.count(keys + "/volume/key_slots")));
  section.add("Detached header", json.text_or_empty(keys + "/volume/detached"));
}

FormSection keys_section(const FormJson& json) {
  const std::string keys = at("/keys");
  FormSection section{"keys", "What was done to the key", {}, {}, {}, {}};
  if (!json.has(keys)) {
    section.paragraphs.emplace_back("No key was destroyed.");
    return section;
  }
  section.paragraphs.push_back(json.text_or_empty(keys + "/rests_on/meaning") + ".");
  section.add("Declared: always encrypted",
              json.text_or_empty(keys + "/rests_on/always_encrypted"));
  section.add("Declared: no copies elsewhere",
              json.text_or_empty(keys + "/rests_on/no_residual_copies"));
  add_volume(section, json, keys);
  section.add("Key slots destroyed", json.text_or_empty(keys + "/slots_destroyed"));
  section.add("Header overwritten", exact_bytes(json.number_or_0(keys + "/overwritten_bytes")));
  section.add("Header compared", exact_bytes(json.number_or_0(keys + "/compared_bytes")));
  section.add("Searched for other headers",
              exact_bytes(json.number_or_0(keys + "/searched_bytes")));
  section.add("Other headers found", json.text_or_empty(keys + "/copies_found_count"));
  section.add("Headers left", json.text_or_empty(keys + "/headers_left"));
  return section;
}

}  // namespace

std::string method_text(const FormJson& json) {
  const std::string method = json.text_or_empty("/predicate/method/method");
  return in_words(method.empty() ? json.text_or_empty("/predicate/method/technique") : method);
}

void add_firmware_sections(FormDocument& document, const FormJson& json, const Zone& zone) {
  if (!json.has(kFirmware)) return;
  if (json.text_or_empty("/predicate/method/technique") == "key_destruction") {
    return document.sections.push_back(keys_section(json));
  }
  FormSection section{"firmware", "What the drive did itself", {}, {}, {}, {}};
  add_story(section, json, zone);
  if (json.has(at("/canaries"))) section.paragraphs.push_back(canaries_text(json));
  add_facts(section, json);
  put(section, siblings_of(json));
  put(section, answers_of(json));
  document.sections.push_back(std::move(section));
}

}  // namespace quietus::report
