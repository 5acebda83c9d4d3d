// SPDX-License-Identifier: GPL-3.0-or-later
// The words of policies, in the order of their enumerations.
#pragma once

#include <array>
#include <string_view>

namespace quietus {

inline constexpr std::array<std::string_view, 4> kClassificationNames{
    "OFFICIAL", "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET"};
inline constexpr std::array<std::string_view, 4> kPurposeNames{"reuse", "repair", "disposal",
                                                               "destruction"};
inline constexpr std::array<std::string_view, 11> kMediumNames{
    "hdd",        "sata_ssd", "nvme",    "usb_flash", "emmc",   "file_set",
    "free_space", "image",    "virtual", "part",      "unknown"};
inline constexpr std::array<std::string_view, 4> kPermitsNames{"nothing", "interim",
                                                               "internal_reuse", "release"};
inline constexpr std::array<std::string_view, 5> kActionNames{
    "overwrite", "firmware", "key_destruction", "destruction", "whole_medium"};
/// As the command line spells methods.
inline constexpr std::array<std::string_view, 8> kMethodWords{
    "overwrite",    "sanitize-crypto", "sanitize-block", "sanitize-overwrite",
    "secure-erase", "format",          "key-erase",      "opal-psid"};
inline constexpr std::array<std::string_view, 3> kLevelNames{"none", "clear", "purge"};
inline constexpr std::array<std::string_view, 7> kNeedNames{
    "asset_tag",       "organisation", "retention_ref", "approval_ref",
    "residual_copies", "final_date",   "destination"};

}  // namespace quietus
