// SPDX-License-Identifier: GPL-3.0-or-later
// The table of what an overwrite through the host counts as. It claims what the evidence carries
// and nothing more.
#include "quietus/category.h"

#include <algorithm>
#include <array>

namespace quietus {
namespace {

struct CategoryRow {
  MediumClass medium = MediumClass::file_set;
  Outcome outcome = Outcome::failed;
  CategoryVerdict verdict;
};

// Clear: logical techniques on all user-addressable storage locations, against simple recovery
// (NIST SP 800-88 Rev. 1; Rev. 2 keeps the categories and leaves techniques to IEEE 2883).
constexpr std::array kClaims{
    CategoryRow{MediumClass::drive,
                Outcome::sanitized,
                {Category::clear,
                 "NIST SP 800-88: clear applies logical techniques to all user-addressable storage "
                 "locations. Every addressable byte of the device was overwritten through the host "
                 "and compared. What the device does not address (spare and remapped blocks, and, "
                 "of a virtual one, what lies under it) is not covered"}},
    CategoryRow{MediumClass::disk_image,
                Outcome::sanitized,
                {Category::clear,
                 "NIST SP 800-88: clear applies logical techniques to all user-addressable storage "
                 "locations. Every byte of the image was overwritten through the host "
                 "and compared. What lies under the image (snapshots, copies, remapped and spare "
                 "blocks of the storage) is not covered"}},
};

struct DefaultRow {
  MediumClass medium = MediumClass::file_set;
  std::string_view basis;
};

constexpr std::array kDefaults{
    DefaultRow{MediumClass::file_set,
               "None: clear and purge (NIST SP 800-88, IEEE 2883) are said of whole media. "
               "Overwriting single files is data minimisation; it does not reach copies, free "
               "space or the names kept by the file system"},
    DefaultRow{MediumClass::drive,
               "None: clear (NIST SP 800-88) needs all user-addressable storage locations "
               "overwritten and verified, hidden areas included, and this run does not show that"},
    DefaultRow{MediumClass::partition,
               "None: clear and purge (NIST SP 800-88, IEEE 2883) are said of whole media, and a "
               "partition or a volume is a part of one"},
    DefaultRow{
        MediumClass::free_space,
        "None: clear and purge (NIST SP 800-88, IEEE 2883) are said of whole media, and free "
        "space is a part of one"},
    DefaultRow{MediumClass::disk_image,
               "None: clear (NIST SP 800-88) needs all user-addressable storage locations "
               "overwritten and verified, and this run does not show that"},
};

}  // namespace

std::string_view name_of(Category category) {
  constexpr std::array<std::string_view, 3> kNames{"none", "clear", "purge"};
  return kNames.at(static_cast<std::size_t>(category));
}

CategoryVerdict categorize_overwrite(MediumClass medium, Outcome outcome, bool whole) {
  const auto* const claim = std::find_if(
      kClaims.begin(), kClaims.end(),
      [&](const CategoryRow& row) { return row.medium == medium && row.outcome == outcome; });
  if (whole && claim != kClaims.end()) return claim->verdict;
  const auto* const none =
      std::find_if(kDefaults.begin(), kDefaults.end(),
                   [&](const DefaultRow& row) { return row.medium == medium; });
  return {Category::none, none->basis};
}

}  // namespace quietus
