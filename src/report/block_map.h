// SPDX-License-Identifier: GPL-3.0-or-later
// BlockMap: a medium in a few hundred cells, each as bad as the worst byte in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/form_json.h"

namespace quietus::report {

/// From best to worst.
enum class BlockState {
  verified,
  written,
  untold,  ///< the record does not say what became of it
  unknown,
  untouched,
  read_failed,
  mismatch,
  write_failed,
};

[[nodiscard]] std::string_view title_of(BlockState state);

/// Empty where the record is not about one medium.
struct BlockMap {
  std::uint64_t size_bytes = 0;
  std::uint64_t cell_bytes = 0;
  std::vector<BlockState> cells;
  std::vector<std::uint64_t> bytes_by_state;  ///< in the order of BlockState
};

[[nodiscard]] BlockMap block_map_of(const FormJson& json);

/// Inline SVG with title and description: each state has a hatching of its own.
[[nodiscard]] std::string svg_of(const BlockMap& map);

/// The map in one sentence or two.
[[nodiscard]] std::string description_of(const BlockMap& map);

}  // namespace quietus::report
