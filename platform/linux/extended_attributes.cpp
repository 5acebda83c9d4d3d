// SPDX-License-Identifier: GPL-3.0-or-later
// The f*xattr calls.
#include "linux/extended_attributes.h"

#include <algorithm>
#include <sys/xattr.h>

#include "posix/posix_error.h"

namespace quietus {
namespace {

/// Here and not in the table of all errors: to a block device ENODATA means a bad sector.
Error attribute_error(std::string_view operation, std::string_view name) {
  const int code = errno;
  Error failure = posix_error(operation, name, code);
  if (code == ENODATA) failure.code = Errc::not_found;
  if (code == E2BIG || code == ERANGE) failure.code = Errc::invalid;
  return failure;
}

/// The list grows between the question for its length and that for itself, if somebody adds to it.
Result<std::string> read_list(int descriptor, std::string_view shown) {
  for (;;) {
    const ssize_t length = ::flistxattr(descriptor, nullptr, 0);
    if (length < 0) return attribute_error("list the attributes of", shown);
    std::string list(static_cast<std::size_t>(length), '\0');
    if (length == 0) return list;
    const ssize_t got = ::flistxattr(descriptor, list.data(), list.size());
    if (got < 0 && errno == ERANGE) continue;
    if (got < 0) return attribute_error("list the attributes of", shown);
    list.resize(static_cast<std::size_t>(got));
    return list;
  }
}

}  // namespace

std::vector<std::string> attribute_names(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find('\0'), list.size());
    if (end > 0) names.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<ExtendedAttribute>> list_attributes(int descriptor, std::string_view shown) {
  const Result<std::string> list = read_list(descriptor, shown);
  if (!list) return list.error();
  std::vector<ExtendedAttribute> found;
  for (std::string& name : attribute_names(*list)) {
    const ssize_t size = ::fgetxattr(descriptor, name.c_str(), nullptr, 0);
    if (size < 0 && errno == ENODATA) continue;  // removed meanwhile
    if (size < 0) return attribute_error("measure the attribute", name);
    found.push_back({std::move(name), static_cast<std::uint64_t>(size)});
  }
  return found;
}

Status write_attribute(int descriptor, const std::string& name, std::span<const std::byte> value,
                       AttributeWrite how) {
  const int flags = how == AttributeWrite::add ? XATTR_CREATE : XATTR_REPLACE;
  if (::fsetxattr(descriptor, name.c_str(), value.data(), value.size(), flags) == 0) return {};
  return attribute_error("write the attribute", name);
}

Status remove_attribute(int descriptor, const std::string& name) {
  if (::fremovexattr(descriptor, name.c_str()) == 0) return {};
  return attribute_error("remove the attribute", name);
}

}  // namespace quietus
