// SPDX-License-Identifier: GPL-3.0-or-later
// Extended attributes and access control lists of what is removed.
#include "engine/attributes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "quietus/text.h"

namespace quietus {
namespace {

/// What attributes of a name space hold, and so what is lost if one can't be overwritten.
struct KindRow {
  std::string_view prefix;
  std::string_view kind;
  bool content = false;  ///< somebody's data: what remains of it is an exception
  bool kept = false;     ///< a label of the system's own, which is left alone
};

// The first that fits counts.
constexpr std::array<KindRow, 7> kKinds{{
    {"user.", "user", true, false},
    {"trusted.", "trusted", true, false},
    {"system.posix_acl_", "access control list", false, false},
    {"security.capability", "capabilities", false, false},
    {"security.", "security label", false, true},
    {"system.", "system", false, true},
    {"", "unknown", true, false},
}};

const KindRow& kind_of(const std::string& name) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [&](const KindRow& row) { return name.starts_with(row.prefix); });
}

// A POSIX access control list as the kernel takes it (linux/posix_acl_xattr.h): a version, then
// entries of tag, permissions and id, in order of tag and id. All little endian.
constexpr std::size_t kListHeadBytes = 4;
constexpr std::size_t kListEntryBytes = 8;
constexpr std::uint8_t kListVersion = 2;
constexpr std::uint8_t kOwner = 0x01;
constexpr std::uint8_t kUser = 0x02;
constexpr std::uint8_t kGroupOwner = 0x04;
constexpr std::uint8_t kMask = 0x10;
constexpr std::uint8_t kOther = 0x20;
constexpr std::uint8_t kReadWrite = 6;

/// A list of as many entries that allows nobody but the owner anything. Empty: none can be that
/// long.
Bytes random_list(std::size_t bytes, Random& random) {
  constexpr std::size_t kLeast = 4;  // fewer are no list but permission bits
  if (bytes < kListHeadBytes || (bytes - kListHeadBytes) % kListEntryBytes != 0) return {};
  const std::size_t count = (bytes - kListHeadBytes) / kListEntryBytes;
  if (count < kLeast) return {};
  Bytes list(bytes);
  if (!random.fill(list)) return {};
  std::fill_n(list.begin(), kListHeadBytes, std::byte{0});
  list[0] = std::byte{kListVersion};
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<std::byte> entry =
        std::span(list).subspan(kListHeadBytes + i * kListEntryBytes, kListEntryBytes);
    const bool named = i > 0 && i + 3 < count;
    const std::uint8_t tag = i == 0           ? kOwner
                             : named          ? kUser
                             : i + 3 == count ? kGroupOwner
                             : i + 2 == count ? kMask
                                              : kOther;
    entry[0] = std::byte{tag};
    entry[1] = entry[3] = std::byte{0};
    entry[2] = std::byte{i == 0 ? kReadWrite : std::uint8_t{0}};
    if (named) {  // ids ascend, and are no special ones
      entry[7] = std::byte{0};
      entry[6] = static_cast<std::byte>((i >> 8U) & 0xffU);
      entry[5] = static_cast<std::byte>(i & 0xffU);
    } else {
      std::fill_n(entry.begin() + 4, 4, std::byte{0xff});
    }
  }
  return list;
}

Bytes random_value(const ExtendedAttribute& attribute, Random& random) {
  if (attribute.name.starts_with("system.posix_acl_")) {
    return random_list(attribute.size_bytes, random);
  }
  Bytes value(attribute.size_bytes);
  if (!random.fill(value)) return {};
  return value;
}

void note(AttributeTraces& traces, Fact fact) {
  if (std::find(traces.facts.begin(), traces.facts.end(), fact) == traces.facts.end()) {
    traces.facts.push_back(std::move(fact));
  }
}

template <class Holder>
AttributeTraces overwrite_all(Holder& holder, Random& random) {
  AttributeTraces traces;
  const auto all = holder.extended_attributes();
  if (!all) {
    if (all.error().code == Errc::unsupported) return traces;
    note(traces, {"attributes_unknown",
                  "extended attributes could not be listed: " + all.error().what, true});
    return traces;
  }
  for (const ExtendedAttribute& attribute : *all) {
    const KindRow& kind = kind_of(attribute.name);
    if (kind.kept) continue;
    traces.names.push_back(attribute.name);
    if (attribute.size_bytes == 0) continue;
    const Bytes value = random_value(attribute, random);
    const bool replaced = !value.empty() && holder.replace_attribute(attribute.name, value).ok();
    traces.overwritten = traces.overwritten || replaced;
    if (!replaced) {
      note(traces, {"attributes_not_overwritten",
                    "values of extended attributes (" + std::string(kind.kind) +
                        ") could not be overwritten before they were removed",
                    kind.content});
    }
  }
  if (traces.overwritten) {
    note(traces,
         {"attributes_may_remain",
          "overwritten extended attributes may remain in the file system's journal", false});
  }
  return traces;
}

template <class Holder>
void remove_all(Holder& holder, AttributeTraces& traces) {
  for (const std::string& name : traces.names) {
    const Status removed = holder.remove_attribute(name);
    if (removed || removed.error().code == Errc::not_found) continue;
    const KindRow& kind = kind_of(name);
    note(traces, {"attributes_not_removed",
                  "extended attributes (" + std::string(kind.kind) +
                      ") were overwritten but could not be removed",
                  false});
  }
}

}  // namespace

AttributeTraces overwrite_attributes(Medium& file, Random& random) {
  return overwrite_all(file, random);
}
AttributeTraces overwrite_attributes(Directory& directory, Random& random) {
  return overwrite_all(directory, random);
}
void remove_attributes(Medium& file, AttributeTraces& traces) { remove_all(file, traces); }
void remove_attributes(Directory& directory, AttributeTraces& traces) {
  remove_all(directory, traces);
}

}  // namespace quietus
