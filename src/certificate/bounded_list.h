// SPDX-License-Identifier: GPL-3.0-or-later
// BoundedList: a list in a statement that takes no more room than it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace quietus {

/// Takes items until they need more room than there is, in bytes as printed, and counts the rest.
class BoundedList {
 public:
  explicit BoundedList(std::size_t max_bytes);
  BoundedList(const BoundedList&) = delete;
  BoundedList& operator=(const BoundedList&) = delete;
  ~BoundedList();

  /// False once an item did not fit: from then on nothing is taken, so that the list stays a
  /// beginning. `more_bytes`: what it needs elsewhere.
  bool add(nlohmann::ordered_json item, std::size_t more_bytes = 0);
  /// The list; it is empty afterwards.
  [[nodiscard]] nlohmann::ordered_json take();
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  std::unique_ptr<nlohmann::ordered_json> items_;
  std::size_t room_;
  std::uint64_t left_out_ = 0;
};

}  // namespace quietus
