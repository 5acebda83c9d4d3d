// SPDX-License-Identifier: GPL-3.0-or-later
// Manifest: a line for every entry of a file set, folded into an RFC 6962 root. The lines go to a
// file only if asked for: a list of names just scrubbed is itself a leak.
#pragma once

#include <cstdint>
#include <string>

#include "quietus/medium.h"
#include "quietus/merkle.h"
#include "quietus/outcome.h"
#include "quietus/seams.h"

namespace quietus {

/// Lines {salt, path or path_base64, item, bytes, outcome}. For one thread.
class Manifest {
 public:
  /// `file` null: only the root is kept.
  Manifest(Random& random, Medium* file) : random_(random), file_(file) {}

  /// Errors: io, no_space (the line counts in the root, but is not in the file), io (no
  /// randomness).
  [[nodiscard]] Status add(const std::string& path, std::uint64_t item, std::uint64_t bytes,
                           Outcome outcome);
  [[nodiscard]] Digest root() const { return tree_.root(); }

 private:
  [[nodiscard]] Status write(const std::string& line);

  Random& random_;
  Medium* file_;
  std::uint64_t offset_ = 0;
  MerkleFrontier tree_;
};

}  // namespace quietus
