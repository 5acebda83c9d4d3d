// SPDX-License-Identifier: GPL-3.0-or-later
// Canaries: marks of every kind of residue that are planted and deleted before a fill, and searched
// for on the block devices afterwards. A mark is text that nobody can guess: its kind's beginning,
// and a part of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/directory.h"
#include "quietus/secret.h"
#include "quietus/space_evidence.h"

namespace quietus {

/// Characters of a mark: what all have in common, what its kind has, and its own.
inline constexpr std::size_t kMarkCommon = 6;
inline constexpr std::size_t kMarkKind = 4;
inline constexpr std::size_t kMarkBytes = 32;

/// Makes marks from a key. Pure.
class MarkMaker {
 public:
  explicit MarkMaker(Secret key) : key_(std::move(key)) {}
  [[nodiscard]] std::string mark(std::uint32_t kind, std::uint64_t number) const;

 private:
  Secret key_;
};

class Canaries {
 public:
  /// Keyed by the job's secret. Errors: no_space (locked memory).
  [[nodiscard]] static Result<Canaries> make(const Secret& job);

  /// Plants all kinds in a directory of our own and deletes them again; all of it durable. What is
  /// to stay, a directory whose names were removed, is "kept" in it. Errors: as the directory has
  /// them.
  [[nodiscard]] Status plant(Directory& folder, std::uint32_t block_bytes, const StopFlag& stop);
  /// Reads the block devices below `anywhere` from end to end and counts the marks that are left.
  [[nodiscard]] CanaryEvidence search(Directory& anywhere, const Workbench& bench) const;

  [[nodiscard]] std::uint64_t planted() const;
  [[nodiscard]] const MarkMaker& maker() const { return maker_; }

 private:
  explicit Canaries(Secret key) : maker_(std::move(key)) {}

  MarkMaker maker_;
  std::vector<std::uint64_t> planted_;  // by kind
};

/// Directory of the folder given to Canaries::plant() whose names are to be filled.
inline constexpr const char* kKeptCanaries = "kept";

}  // namespace quietus
