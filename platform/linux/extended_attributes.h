// SPDX-License-Identifier: GPL-3.0-or-later
// Extended attributes (xattr(7)) of an open file or directory. Values are written and sized, never
// read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"
#include "quietus/storage.h"

namespace quietus {

/// The names in a list as flistxattr(2) gives it: each one ends in a zero byte.
[[nodiscard]] std::vector<std::string> attribute_names(std::string_view list);

/// All that this process may see, in order of name; access control lists are
/// "system.posix_acl_access" and "system.posix_acl_default". `shown` is for messages. Errors:
/// unsupported, permission, io.
[[nodiscard]] Result<std::vector<ExtendedAttribute>> list_attributes(int descriptor,
                                                                     std::string_view shown);

enum class AttributeWrite { add, replace };

/// Errors: exists (add), not_found (replace), permission, read_only, unsupported, invalid (too
/// long, or not of the form that this one needs), no_space.
[[nodiscard]] Status write_attribute(int descriptor, const std::string& name,
                                     std::span<const std::byte> value, AttributeWrite how);

/// Errors: not_found, permission, read_only, unsupported.
[[nodiscard]] Status remove_attribute(int descriptor, const std::string& name);

}  // namespace quietus
