// SPDX-License-Identifier: GPL-3.0-or-later
// What the terminal is, and reading a secret from it. Progress and results are not printed here.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "quietus/result.h"

namespace quietus {

[[nodiscard]] bool is_terminal(int descriptor);

/// Columns: of the terminal, else of the variable COLUMNS, else 80.
[[nodiscard]] unsigned terminal_width(int descriptor);
/// Lines: of the terminal, else 24.
[[nodiscard]] unsigned terminal_height(int descriptor);

/// Reads one line without echo from the controlling terminal, after showing the prompt there;
/// without one from standard input, without prompt. Returns the number of bytes put into `out`,
/// without the line end; the caller owns and wipes them. Errors: invalid (longer than `out`),
/// not_found (the input ended before a line), interrupted (Ctrl-C), io.
[[nodiscard]] Result<std::size_t> read_hidden_line(std::string_view prompt,
                                                   std::span<std::byte> out);

/// The same from a descriptor, which need not be a terminal.
[[nodiscard]] Result<std::size_t> read_hidden_line(int descriptor, std::string_view prompt,
                                                   std::span<std::byte> out);

}  // namespace quietus
