// SPDX-License-Identifier: GPL-3.0-or-later
// The check that JSON from outside passes before anything parses it: two readers must never see two
// different things in one text, and no text may exhaust the reader.
#pragma once

#include <cstddef>
#include <string_view>

#include "quietus/result.h"

namespace quietus {

/// How large and how deep a text may be. A lone array or object has depth 1, a lone number 0.
struct JsonLimits {
  std::size_t max_bytes = std::size_t{4} << 20U;
  std::size_t max_depth = 16;
};

/// Whether the text is one JSON value (RFC 8259) and more narrowly: UTF-8 without a byte order
/// mark; no two keys of one object that are equal once escapes are resolved and ASCII letters are
/// taken as lower case; whole numbers only, within +-(2^53 - 1), no "-0"; no escape of half a
/// surrogate pair; after the value nothing but one optional LF. One pass, without recursion.
/// Errors: malformed (what says at which byte).
[[nodiscard]] Status check_strict_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace quietus
