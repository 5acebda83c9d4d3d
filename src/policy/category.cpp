// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of what an overwrite through the host and what other methods count as. They claim what
// the evidence carries and nothing more.
#include "quietus/category.h"

#include <algorithm>
#include <array>
#include <optional>

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

/// What fits, fits where nothing is said; the first row that fits decides.
struct LevelRow {
  std::optional<Method> method;
  std::optional<CommandSet> commands;
  std::optional<Storage> storage;
  std::optional<bool> enhanced;
  CategoryVerdict verdict;
};

constexpr CategoryVerdict kNoLevel{
    Category::none,
    "None: no table that this tool goes by (NIST SP 800-88 Rev. 1, IEEE 2883-2022 as drive makers' "
    "tools encode it) has a level for this method with these commands"};

// IEEE 2883-2022 is not public; its levels are taken as drive makers' tools encode them
// (openSeaChest, and a device maker's table for eMMC). Where NIST SP 800-88 Rev. 1 is stricter, it
// decides.
constexpr std::array kLevels{
    LevelRow{
        Method::overwrite,
        {},
        {},
        {},
        {Category::none,
         "None: what overwriting through the host counts as (NIST SP 800-88, clear) is decided "
         "by what was overwritten and compared"}},
    LevelRow{{}, CommandSet::none, {}, {}, kNoLevel},
    LevelRow{Method::format, CommandSet::mmc, {}, {}, kNoLevel},
    LevelRow{Method::opal_psid, CommandSet::mmc, {}, {}, kNoLevel},
    LevelRow{{},
             CommandSet::mmc,
             {},
             {},
             {Category::clear,
              "Clear: a device maker's table of IEEE 2883-2022 counts secure erase and sanitize of "
              "an eMMC as clear; purge can't be claimed"}},
    LevelRow{
        Method::sanitize_crypto,
        {},
        {},
        {},
        {Category::purge,
         "Purge: IEEE 2883-2022, as drive makers' tools encode it, counts the drive's sanitize "
         "command with cryptographic erase as purge, and NIST SP 800-88 Rev. 1 does so, too"}},
    LevelRow{
        Method::sanitize_block,
        {},
        {},
        {},
        {Category::purge,
         "Purge: IEEE 2883-2022, as drive makers' tools encode it, counts the drive's sanitize "
         "command with block erase as purge, and NIST SP 800-88 Rev. 1 does so, too"}},
    LevelRow{
        Method::sanitize_overwrite,
        {},
        {},
        {},
        {Category::purge,
         "Purge: IEEE 2883-2022, as drive makers' tools encode it, counts the drive's sanitize "
         "command with overwrite as purge, and NIST SP 800-88 Rev. 1 does so, too"}},
    LevelRow{Method::secure_erase,
             CommandSet::ata,
             Storage::rotational,
             true,
             {Category::purge,
              "Purge: NIST SP 800-88 Rev. 1 counts ATA SECURITY ERASE UNIT in enhanced mode as "
              "purge of a magnetic disk, and so do tables of IEEE 2883-2022"}},
    LevelRow{Method::secure_erase,
             CommandSet::ata,
             {},
             true,
             {Category::clear,
              "Clear: NIST SP 800-88 Rev. 1 counts ATA SECURITY ERASE UNIT of flash as clear, also "
              "in enhanced mode; more needs a medium that is known to be magnetic"}},
    LevelRow{Method::secure_erase,
             CommandSet::ata,
             {},
             false,
             {Category::clear,
              "Clear: IEEE 2883-2022, as drive makers' tools encode it, counts ATA SECURITY ERASE "
              "UNIT in normal mode as clear"}},
    LevelRow{Method::format,
             CommandSet::nvme,
             {},
             {},
             {Category::clear,
              "Clear: IEEE 2883-2022, as drive makers' tools encode it, counts NVMe Format with "
              "secure erase as clear, and as more only by the maker's own word"}},
    LevelRow{Method::format,
             CommandSet::scsi,
             {},
             {},
             {Category::clear,
              "Clear: IEEE 2883-2022, as drive makers' tools encode it, counts SCSI FORMAT UNIT as "
              "clear"}},
    LevelRow{
        Method::opal_psid,
        {},
        {},
        {},
        {Category::purge,
         "Purge: NIST SP 800-88 Rev. 1 counts the change of a self-encrypting drive's key (TCG "
         "Opal, revert) as purge"}},
};

constexpr CategoryVerdict kKeyErased{
    Category::clear,
    "Clear: the key slots and the header were destroyed. NIST SP 800-88 counts the destruction of "
    "a "
    "key where all data was encrypted before it was stored and no copy of a key is left; both are "
    "declared, not shown"};
constexpr CategoryVerdict kKeyNotDeclared{
    Category::none,
    "None: NIST SP 800-88 counts the destruction of a key only where all data was encrypted from "
    "the first byte on and no copy of a key is left, and that is not declared"};
constexpr CategoryVerdict kPartOnly{
    Category::none,
    "None: clear and purge (NIST SP 800-88, IEEE 2883) are said of whole media, and this is a part "
    "of one"};
constexpr CategoryVerdict kNotSanitized{
    Category::none,
    "None: clear and purge (NIST SP 800-88, IEEE 2883) are claimed only where the result was "
    "verified without exceptions, and this run does not show that"};

template <class Value>
bool fits(const std::optional<Value>& wanted, const Value& is) {
  return !wanted || *wanted == is;
}

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

CategoryVerdict level_of(const MethodFacts& facts) {
  if (!facts.whole_medium) return kPartOnly;
  if (facts.method == Method::key_erase) {
    return facts.declared_keys ? kKeyErased : kKeyNotDeclared;
  }
  const auto* const row = std::find_if(kLevels.begin(), kLevels.end(), [&](const LevelRow& one) {
    return fits(one.method, facts.method) && fits(one.commands, facts.commands) &&
           fits(one.storage, facts.storage) && fits(one.enhanced, facts.enhanced);
  });
  return row == kLevels.end() ? kNoLevel : row->verdict;
}

CategoryVerdict categorize_method(const MethodFacts& facts, Outcome outcome) {
  return outcome == Outcome::sanitized ? level_of(facts) : kNotSanitized;
}

}  // namespace quietus
