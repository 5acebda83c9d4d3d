// SPDX-License-Identifier: GPL-3.0-or-later
// Scheme, Pass and Pattern: what an overwrite consists of, as data. The built-in table cites
// standard and clause.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

/// What one pass writes.
struct Pattern {
  enum class Kind {
    fixed,       ///< `bytes`, repeated, anchored at offset 0 of the medium
    drawn,       ///< one random byte, chosen once for the run; `slot` tells several apart
    complement,  ///< the complement of the byte drawn for `slot`
    random,      ///< an independent keystream
  };
  Kind kind = Kind::random;
  Bytes bytes = {};
  /// With `fixed`: the first bit of every block of that many bytes is flipped (coreutils' shred:
  /// 512); 0: none.
  std::uint32_t flip_first_bit_every_bytes = 0;
  std::uint32_t slot = 0;

  bool operator==(const Pattern&) const = default;
};

/// "00", "~C1", "random", "92 49 24": as `quietus schemes` and the plan show it.
[[nodiscard]] std::string to_text(const Pattern& pattern);

/// One sweep over the whole medium.
struct Pass {
  Pattern pattern;
  bool verify = false;  ///< the scheme itself asks to read this pass back and compare it

  bool operator==(const Pass&) const = default;
};

/// How the order of passes comes about.
enum class PassOrder {
  as_listed,
  gutmann,  ///< passes 5-31 in random order (Gutmann 1996, section 3)
  shred,    ///< chosen and mixed as coreutils' shred does, from the number of passes
};

enum class SchemeStatus { current, historic, custom };

struct Scheme {
  std::string id;
  std::string title;
  std::string standard;  ///< document
  std::string clause;    ///< place in it; empty for a custom scheme
  SchemeStatus status = SchemeStatus::current;
  std::string note;          ///< the sentence that a user should read before choosing it
  std::vector<Pass> passes;  ///< in listed order, or, for `shred`, one possible order
  PassOrder order = PassOrder::as_listed;

  bool operator==(const Scheme&) const = default;
};

[[nodiscard]] std::string_view name_of(SchemeStatus status);

/// All built-in schemes, in the order to list them. "shred-3" stands for shred-N.
[[nodiscard]] std::span<const Scheme> built_in_schemes();

/// Built-in by id; "shred-N" for N from 1 to 1,000. Errors: not_found, with the nearest id as a
/// hint.
[[nodiscard]] Result<Scheme> find_scheme(std::string_view id);

/// A stream of unbiased choices that depends on a key alone.
class Draw {
 public:
  /// `key` must outlive the object.
  explicit Draw(std::span<const std::byte, 32> key) : key_(key) {}
  /// Uniform in [0, bound); bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);

 private:
  std::span<const std::byte, 32> key_;
  std::uint64_t position_ = 0;
};

/// The passes of one run in the order they are carried out: the scheme's own, arranged by its
/// order, `rounds` times over (each round arranged anew).
[[nodiscard]] std::vector<Pass> arrange(const Scheme& scheme, std::uint32_t rounds, Draw& draw);

/// A scheme file (TOML, quietus-scheme(5)). `file` is for messages: "file:line: key: what was
/// expected". Errors: malformed.
[[nodiscard]] Result<Scheme> scheme_from_toml(std::string_view text, const std::string& file);

}  // namespace quietus
