// SPDX-License-Identifier: GPL-3.0-or-later
// What people may declare: the words for it, dates, names, and what can't be meant.
#include "quietus/declarations.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxNoteBytes = 500;
constexpr std::size_t kMaxTagBytes = 100;
constexpr std::size_t kMaxListed = 64;

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// Capitals for small letters; no spaces, hyphens or underscores.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : in_capitals(text)) {
    if (c != ' ' && c != '-' && c != '_' && c != '\t') out += c;
  }
  return out;
}

struct ClassificationRow {
  Classification value;
  std::string_view name;
};

constexpr std::array<ClassificationRow, 4> kClassifications{{
    {Classification::official, "OFFICIAL"},
    {Classification::official_sensitive, "OFFICIAL-SENSITIVE"},
    {Classification::secret, "SECRET"},
    {Classification::top_secret, "TOP SECRET"},
}};

/// Besides the names.
constexpr std::array<ClassificationRow, 4> kSpellings{{
    {Classification::official_sensitive, "OFFICIAL_SENSITIVE"},
    {Classification::official_sensitive, "OFFICIAL SENSITIVE"},
    {Classification::top_secret, "TOP-SECRET"},
    {Classification::top_secret, "TOP_SECRET"},
}};

// Of the scheme that ended in April 2014.
constexpr std::array<std::string_view, 4> kOlderMarkings{"UNCLASSIFIED", "PROTECT", "RESTRICTED",
                                                         "CONFIDENTIAL"};

constexpr std::array<std::pair<Purpose, std::string_view>, 4> kPurposes{
    {{Purpose::reuse, "reuse"},
     {Purpose::repair, "repair"},
     {Purpose::disposal, "disposal"},
     {Purpose::destruction, "destruction"}}};

Error invalid(std::string what, std::string hint = {}) {
  return {Errc::invalid, 0, std::move(what), std::move(hint)};
}

/// One text that somebody gave, and how long it may be.
Status check_text(std::string_view what, const std::string& text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return invalid(std::string(what) + " is longer than " + std::to_string(max_bytes) + " bytes");
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
  std::string doubled;  // escaped() doubles backslashes, which are harmless
  for (const char c : text) doubled += c == '\\' ? std::string("\\\\") : std::string(1, c);
  if (control || !is_utf8(text) || escaped(text) != doubled) {
    return invalid(std::string(what) + " has characters that are no plain text");
  }
  return {};
}

Status check_person(std::string_view what, const Person& person) {
  for (const std::string* text :
       {&person.name, &person.title, &person.organisation, &person.location, &person.contact}) {
    if (Status good = check_text(what, *text, kMaxNoteBytes); !good) return good;
  }
  return person.name.empty() ? Status(invalid(std::string(what) + " has no name")) : Status();
}

Status check_notes(const Declarations& declared) {
  const std::pair<std::string_view, const std::string*> notes[] = {
      {"the organisation", &declared.organisation},
      {"the location", &declared.location},
      {"where it is backed up", &declared.backed_up_where},
      {"the retention reference", &declared.retention_ref},
      {"the authority's reference", &declared.authority_ref},
      {"the destination", &declared.custody.destination},
      {"the destination's detail", &declared.custody.detail},
      {"the instruction's reference", &declared.custody.instruction_ref},
      {"the contract's reference", &declared.custody.contract_ref}};
  for (const auto& [what, text] : notes) {
    if (Status good = check_text(what, *text, kMaxNoteBytes); !good) return good;
  }
  return check_text("the asset tag", declared.tag, kMaxTagBytes);
}

Status check_residual_copies(const Declarations& declared) {
  if (declared.no_residual_copies && !declared.residual_copies.empty()) {
    return invalid("residual copies are listed, and it is said that none is known");
  }
  if (declared.residual_copies.size() > kMaxListed) {
    return invalid("more than " + std::to_string(kMaxListed) + " residual copies");
  }
  for (const ResidualCopy& copy : declared.residual_copies) {
    if (Status good = check_text("a residual copy", copy.what, kMaxNoteBytes); !good) return good;
    if (copy.what.empty()) return invalid("a residual copy has no name");
    if (!copy.gone_by.empty() && !is_date(copy.gone_by)) {
      return invalid("not a date: " + copy.gone_by, "dates look like 2027-01-31");
    }
  }
  return {};
}

/// One person, one part: who watches or approves is not who does.
Status check_parts(const Declarations& declared) {
  if (declared.people.size() > kMaxListed) return invalid("too many people are declared");
  for (const DeclaredPerson& one : declared.people) {
    if (Status good = check_person("the " + one.role, one.person); !good) return good;
    if (Status good = check_text("a reference", one.reference, kMaxNoteBytes); !good) return good;
    for (const DeclaredPerson& other : declared.people) {
      if (&one == &other || !same_name(one.person.name, other.person.name)) continue;
      if (one.role == other.role) return invalid(one.person.name + " is declared twice");
      if (one.role == "asset_owner" || other.role == "asset_owner") continue;
      return invalid(one.person.name + " can't be " + one.role + " and " + other.role);
    }
  }
  return {};
}

Status check_overrides(const Declarations& declared) {
  if (declared.overrides.size() > kMaxListed) return invalid("too many overrides");
  for (const Override& one : declared.overrides) {
    for (const std::string* text : {&one.rule, &one.reason, &one.reference}) {
      if (Status good = check_text("an override", *text, kMaxNoteBytes); !good) return good;
    }
    if (one.rule.empty() || one.reason.empty()) {
      return invalid("an override needs a rule and a reason");
    }
    if (Status good = check_person("an override's approver", one.approver); !good) return good;
  }
  return {};
}

}  // namespace

std::string_view name_of(Classification classification) {
  return kClassifications.at(static_cast<std::size_t>(classification)).name;
}

Result<Classification> classification_from(std::string_view text) {
  const std::string wanted = in_capitals(text);
  for (const auto& rows : {kClassifications, kSpellings}) {
    for (const ClassificationRow& row : rows) {
      if (wanted == row.name) return row.value;
    }
  }
  const bool older =
      std::find(kOlderMarkings.begin(), kOlderMarkings.end(), wanted) != kOlderMarkings.end();
  return invalid(std::string(text) + (older ? " is an older marking" : " is no classification"),
                 older ? "it maps to none of today's by itself: ask the data's owner, then say "
                         "OFFICIAL, OFFICIAL-SENSITIVE, SECRET or TOP SECRET"
                       : "OFFICIAL, OFFICIAL-SENSITIVE, SECRET or TOP SECRET");
}

std::string_view name_of(Purpose purpose) {
  return kPurposes.at(static_cast<std::size_t>(purpose)).second;
}

Result<Purpose> purpose_from(std::string_view text) {
  for (const auto& [value, name] : kPurposes) {
    if (text == name) return value;
  }
  return invalid(std::string(text) + " is no purpose", "reuse, repair, disposal or destruction");
}

std::string_view name_of(BackedUp backed_up) {
  constexpr std::array<std::string_view, 3> kNames{"unknown", "no", "yes"};
  return kNames.at(static_cast<std::size_t>(backed_up));
}

bool is_date(std::string_view text) {
  // 2027-01-31, of the calendar.
  constexpr std::size_t kLength = 10;
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return false;
  return from_rfc3339(std::string(text) + "T00:00:00Z").ok();
}

bool same_name(std::string_view a, std::string_view b) { return bare(a) == bare(b); }

Status check_declarations(const Declarations& declared) {
  if (Status good = check_notes(declared); !good) return good;
  if (Status good = check_residual_copies(declared); !good) return good;
  if (Status good = check_parts(declared); !good) return good;
  if (Status good = check_overrides(declared); !good) return good;
  if (!declared.backed_up_where.empty() && declared.backed_up != BackedUp::yes) {
    return invalid("a place of a backup is given, but not that there is one",
                   "--backed-up yes --backed-up-where PLACE");
  }
  return {};
}

}  // namespace quietus
