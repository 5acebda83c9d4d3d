// SPDX-License-Identifier: GPL-3.0-or-later
// The record of a recheck: its signed statement beside the certificates, and the ledger's entry.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/recheck.h"

#include "cli/app.h"
#include "cli/state.h"

namespace quietus::cli {

/// What became of it.
struct RecheckRecord {
  std::string id;                             ///< of the statement: a UUID
  std::string statement_path;                 ///< empty: it could not be written
  std::optional<std::uint64_t> ledger_index;  ///< none: no entry could be written
  std::vector<Error> problems;                ///< empty: all is recorded
  std::string unrecorded_statement;           ///< the envelope, where it could be written nowhere
};

/// Holds state and keys open from before the first read to the record.
class RecheckRecorder {
 public:
  /// Errors: as State::open and the operator's key have them.
  [[nodiscard]] static Result<RecheckRecorder> open(const Options& options, Seams& seams);

  [[nodiscard]] RecheckRecord record(const RecheckResult& result);

 private:
  explicit RecheckRecorder(Seams& seams) : seams_(&seams) {}
  [[nodiscard]] Issuance issuance() const;
  void append(const RecheckResult& result, const std::string& digest, RecheckRecord& record);

  Seams* seams_;
  std::optional<State> state_;
  std::unique_ptr<NamedKey> operator_key_;
};

}  // namespace quietus::cli
