// SPDX-License-Identifier: GPL-3.0-or-later
// What kind of medium a target is for policies. What is not known is never taken for the kind that
// needs less.
#include <algorithm>
#include <array>

#include "quietus/policy_table.h"

#include "policy/policy_names.h"

namespace quietus {
namespace {

/// "*" stands for anything; the first row that fits decides.
struct MediumRow {
  std::string_view target;
  std::string_view device_kind;
  std::string_view bus;
  std::string_view storage;
  PolicyMedium medium = PolicyMedium::unknown;
};

constexpr std::array kMedia{
    MediumRow{"files", "*", "*", "*", PolicyMedium::file_set},
    MediumRow{"free_space", "*", "*", "*", PolicyMedium::free_space},
    MediumRow{"image", "*", "*", "*", PolicyMedium::image},
    MediumRow{"drive", "partition", "*", "*", PolicyMedium::part},
    MediumRow{"drive", "device_mapper", "*", "*", PolicyMedium::part},
    MediumRow{"drive", "raid", "*", "*", PolicyMedium::part},
    MediumRow{"drive", "loop", "*", "*", PolicyMedium::virtual_},
    MediumRow{"drive", "zram", "*", "*", PolicyMedium::virtual_},
    MediumRow{"drive", "*", "*", "virtual", PolicyMedium::virtual_},
    MediumRow{"drive", "disk", "nvme", "*", PolicyMedium::nvme},
    // A card and a soldered chip look alike from here; the chip needs more.
    MediumRow{"drive", "disk", "mmc", "*", PolicyMedium::emmc},
    MediumRow{"drive", "disk", "*", "rotational", PolicyMedium::hdd},
    MediumRow{"drive", "disk", "usb", "*", PolicyMedium::usb_flash},
    MediumRow{"drive", "disk", "ata", "flash", PolicyMedium::sata_ssd},
    MediumRow{"drive", "disk", "scsi", "flash", PolicyMedium::sata_ssd},
    MediumRow{"drive", "disk", "sas", "flash", PolicyMedium::sata_ssd},
};

bool fits(std::string_view wanted, std::string_view is) { return wanted == "*" || wanted == is; }

}  // namespace

PolicyMedium policy_medium_of(const MediumTraits& traits) {
  const auto* const row = std::find_if(kMedia.begin(), kMedia.end(), [&](const MediumRow& one) {
    return fits(one.target, traits.target) && fits(one.device_kind, traits.device_kind) &&
           fits(one.bus, traits.bus) && fits(one.storage, traits.storage);
  });
  return row == kMedia.end() ? PolicyMedium::unknown : row->medium;
}

std::string_view name_of(PolicyMedium medium) {
  return kMediumNames.at(static_cast<std::size_t>(medium));
}

std::string_view name_of(Permits permits) {
  return kPermitsNames.at(static_cast<std::size_t>(permits));
}

std::string_view name_of(PolicyAction action) {
  return kActionNames.at(static_cast<std::size_t>(action));
}

std::string_view name_of(PolicyNeed need) { return kNeedNames.at(static_cast<std::size_t>(need)); }

}  // namespace quietus
