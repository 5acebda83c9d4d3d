// SPDX-License-Identifier: GPL-3.0-or-later
// The built-in schemes as rows of constants. Inside scheme only.
#pragma once

#include <span>
#include <string_view>

#include "quietus/scheme.h"

namespace quietus {

struct SchemeRow {
  std::string_view id;
  std::string_view title;
  std::string_view standard;
  std::string_view clause;
  SchemeStatus status;
  std::string_view note;
  std::string_view passes;  ///< as passes_from() reads them
  PassOrder order = PassOrder::as_listed;
};

/// In the order to list them.
[[nodiscard]] std::span<const SchemeRow> scheme_rows();

}  // namespace quietus
