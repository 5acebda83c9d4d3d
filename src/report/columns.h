// SPDX-License-Identifier: GPL-3.0-or-later
// Columns: how wide a text is on a terminal, and texts cut, filled and wrapped to a width. Takes
// well-formed UTF-8 without control characters: what escaped() returns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quietus {

/// At most so many columns of a terminal does the text take: characters from U+1100 up count twice,
/// since many of them are wide.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// The beginning that takes at most so many columns.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

/// The same, but what was cut shows: the last two columns are dots.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

/// The end of the text, behind two dots where something was cut: of paths, the end tells more.
[[nodiscard]] std::string shortened_in_front(std::string_view text, std::size_t columns);

/// Filled with spaces behind, or in front.
[[nodiscard]] std::string filled(std::string text, std::size_t columns);
[[nodiscard]] std::string filled_in_front(std::string text, std::size_t columns);

/// Broken at spaces into lines of at most so many columns; a longer word has a line of its own.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace quietus
