// SPDX-License-Identifier: GPL-3.0-or-later
// FormDocument: what a human form of a certificate says, before it is a page or a text. Both are
// made from it, so that they never say different things. Its strings are not escaped.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quietus/certificate_page.h"

#include "report/block_map.h"
#include "report/form_json.h"

namespace quietus::report {

/// How an outcome is shown: told apart by title, word and shape, never by colour alone.
struct OutcomeForm {
  std::string_view name;   ///< as in the certificate
  std::string_view title;  ///< of page and text
  std::string_view word;   ///< in capitals
  std::string_view sign;   ///< for terminals
  std::string_view shape;  ///< SVG of a 48 by 48 box
  std::string_view shape_name;
};

/// Anything unknown is shown as failed.
[[nodiscard]] const OutcomeForm& form_of_outcome(std::string_view name);

/// Whether the medium may go, by the certificate's own policy decisions and outcome.
struct Leave {
  std::string_view word;      ///< "RELEASE", "INTERNAL ONLY" or "NOT RELEASABLE"
  std::string_view sentence;  ///< what it means
};

/// The worst of all policies; NOT RELEASABLE where there is none or anything else is not certain.
[[nodiscard]] Leave leave_of(const FormJson& json, const std::vector<PolicyDecision>& now = {});

struct FormTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< the first cell is the row's header
};

struct FormSection {
  std::string id;
  std::string heading;
  std::vector<std::string> paragraphs;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<FormTable> tables;
  std::vector<std::string> verbatim;  ///< blocks of text that keep their lines
  bool in_text = true;                ///< too long for a terminal otherwise

  /// Adds a fact where there is something to say.
  void add(std::string label, std::string value);
};

struct FormDocument {
  std::string marking;
  const OutcomeForm* outcome = nullptr;
  std::string meaning;
  std::string id;
  std::string digest;
  Leave leave;  ///< "NOT CHECKED" where trust is missing
  bool trusted = false;
  std::vector<FormSection> sections;
  BlockMap map;  ///< of the section "evidence"
};

/// Errors: malformed, unsupported (not a certificate of a destruction).
[[nodiscard]] Result<FormDocument> document_of(const FormSource& source);

// Its parts.
void add_asset_sections(FormDocument& document, const FormJson& json);
void add_method_sections(FormDocument& document, const FormJson& json, const Zone& zone);
/// Of another method than overwriting: what the drive was told and said, and what was seen.
void add_firmware_sections(FormDocument& document, const FormJson& json, const Zone& zone);
void add_evidence_sections(FormDocument& document, const FormJson& json);
void add_people_sections(FormDocument& document, const FormJson& json, const FormSource& source);
void add_record_sections(FormDocument& document, const FormJson& json, const FormSource& source);

/// "2026-11-22T01:02:03Z (22 November 2026, 01:02:03 GMT)"; foreign text stays as it is.
[[nodiscard]] std::string with_local(const std::string& rfc3339, const Zone& zone);
/// "1.5 GiB (1610612736 bytes)"
[[nodiscard]] std::string exact_bytes(std::uint64_t bytes);
/// "sanitized_with_exceptions" -> "sanitized with exceptions"
[[nodiscard]] std::string in_words(std::string name);
/// By which method, in words: "sanitize block"; of an overwrite its technique.
[[nodiscard]] std::string method_text(const FormJson& json);
/// Name, title, organisation, location and contact of a person, or "withheld"; empty: not told.
[[nodiscard]] std::string person_text(const FormJson& json, const std::string& place);

}  // namespace quietus::report
