// SPDX-License-Identifier: GPL-3.0-or-later
// Extent and ExtentMap: which bytes of a medium are in which state.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace quietus {

/// A half-open range of bytes: [offset, offset + length). Never wraps round.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  [[nodiscard]] std::uint64_t end() const { return offset + length; }
  [[nodiscard]] bool empty() const { return length == 0; }
  auto operator<=>(const Extent&) const = default;
};

/// The part that both have; empty if none.
[[nodiscard]] Extent intersection(Extent a, Extent b);

/// Sorts, drops what is empty, and joins what touches or overlaps.
[[nodiscard]] std::vector<Extent> joined(std::vector<Extent> extents);

/// The sum of the lengths.
[[nodiscard]] std::uint64_t total_bytes(const std::vector<Extent>& extents);

/// What is known of a range after a pass, from "nothing" to "read back and equal".
enum class ExtentState {
  untouched,     ///< not reached by this pass
  written,       ///< the write was taken and the flush that followed it succeeded
  verified,      ///< read back from the medium and equal
  write_failed,  ///< the medium refused the write
  read_failed,   ///< written, but could not be read back
  mismatch,      ///< read back and different
  unknown,       ///< written, but the flush that followed failed or did not happen
};

/// The state's name in JSON, certificates and on the terminal, such as "write_failed".
[[nodiscard]] std::string_view name_of(ExtentState state);

/// The states of all bytes of a medium. Starts as "untouched" everywhere; neighbours of the same
/// state are one entry, so that memory grows with the number of changes, not with the medium. Not
/// safe for use by several threads at once.
class ExtentMap {
 public:
  /// Overrides the state of the range.
  void set(Extent extent, ExtentState state);

  /// Moves every byte that is in `from` and inside `within` to `to`.
  void promote(Extent within, ExtentState from, ExtentState to);

  /// The entries that overlap the range, clipped to it, in order, gaps included as "untouched".
  void visit(Extent within, const std::function<void(Extent, ExtentState)>& visitor) const;

  /// All ranges in that state, in order.
  [[nodiscard]] std::vector<Extent> in_state(ExtentState state) const;

  /// The number of bytes in that state; meaningless for "untouched".
  [[nodiscard]] std::uint64_t bytes_in(ExtentState state) const;

 private:
  struct Entry {
    std::uint64_t end;
    ExtentState state;
  };
  void split_at(std::uint64_t offset);
  void join_around(std::uint64_t offset);

  std::map<std::uint64_t, Entry> entries_;  // by start; disjoint; touching entries differ in state
};

}  // namespace quietus
