// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest parts of HTML pages. For src/report alone.
#pragma once

#include <string>
#include <string_view>

namespace quietus::report {

/// Foreign text made harmless for a page: first as for a terminal, then markup.
[[nodiscard]] std::string html(std::string_view text);

/// <TAG>text</TAG>, the text made harmless.
[[nodiscard]] std::string element(std::string_view tag, std::string_view text);

/// One line of page head: document type to body, with a policy that lets nothing load and no script
/// run, and one style sheet whose digest the policy names.
struct PageHead {
  std::string title;         ///< foreign
  std::string style;         ///< our own
  std::string style_digest;  ///< base64 of its SHA-256
};
[[nodiscard]] std::string head_of(const PageHead& head);

}  // namespace quietus::report
