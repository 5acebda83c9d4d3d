// SPDX-License-Identifier: GPL-3.0-or-later
// Letter: the draft of the letter by which a person confirms a destruction (the confirmation letter
// of the Ministry of Justice's security guidance). Not signed, and it says so.
#pragma once

#include <string>
#include <vector>

namespace quietus {

/// One certificate that the letter rests on.
struct LetterRecord {
  std::string certificate_id;
  std::string digest;  ///< hex SHA-256 of the PAE
  std::string asset;   ///< what was destroyed, in words
  std::string outcome;
  std::string issued;
  std::string method = {};     ///< by what: "sanitize block: SANITIZE DEVICE, ..."
  std::string counts_as = {};  ///< the category and its basis: "purge: IEEE 2883 ..."
};

struct Letter {
  std::string date;  ///< YYYY-MM-DD
  std::string addressee;
  std::string organisation;
  std::string contract_ref;  ///< empty: to be filled in
  std::string final_date;    ///< by which the last residual copy is gone
  bool copies_remain = false;
  std::string signatory;  ///< empty: to be filled in
  std::string position;   ///< empty: to be filled in
  std::vector<LetterRecord> records;
};

/// Foreign text is escaped.
[[nodiscard]] std::string letter_text(const Letter& letter);
/// A page that needs nothing else.
[[nodiscard]] std::string letter_html(const Letter& letter);

}  // namespace quietus
