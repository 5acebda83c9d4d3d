// SPDX-License-Identifier: GPL-3.0-or-later
// Disclosures, reading side: what an envelope tells beside the signed body, each bound to it by a
// digest. The writing side: redaction.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

#include "certificate/reading.h"

namespace quietus {

/// One disclosure that belongs to the body.
struct Disclosed {
  std::string pointer;
  std::string text;   ///< as it stands in the envelope
  std::string value;  ///< JSON
};

/// Reads them all. Errors: malformed: the statement's map, a disclosure that is not of the form,
/// that has no digest under its pointer, or that comes twice.
[[nodiscard]] Result<std::vector<Disclosed>> read_disclosures(std::span<const std::string> texts,
                                                              const StatementFacts& facts);

/// Pointers of the statement's map that nothing discloses.
[[nodiscard]] std::vector<std::string> withheld_from(const StatementFacts& facts,
                                                     std::span<const Disclosed> disclosed);

/// The statement with all that was disclosed put in at its place, pretty-printed; as it is where
/// nothing was.
[[nodiscard]] std::string full_statement(const std::string& body,
                                         std::span<const Disclosed> disclosed);

}  // namespace quietus
