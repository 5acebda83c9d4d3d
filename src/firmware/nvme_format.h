// SPDX-License-Identifier: GPL-3.0-or-later
// NVMe Format NVM (NVM Express 1.3, 5.23) with a secure erase setting, keeping the format.
#pragma once

#include <cstdint>
#include <memory>

#include "firmware/command_set.h"
#include "firmware/nvme_identify.h"

namespace quietus::nvme {

/// SES. There is no value for "no secure erase": that is never a method.
enum class EraseSetting : std::uint8_t { user_data = 1, crypto = 2 };

/// Crypto where the drive has it.
[[nodiscard]] EraseSetting setting_of(const Controller& controller);

/// With LBA format, metadata and protection information as they are.
[[nodiscard]] NvmeCommand format_command(const Namespace& space, std::uint32_t namespace_id,
                                         EraseSetting setting);

/// With standard and clause.
[[nodiscard]] std::string name_of(EraseSetting setting);

/// `drive` and `abilities` outlive it.
[[nodiscard]] std::unique_ptr<Operation> format_operation(Medium& drive,
                                                          const DriveAbilities& abilities);

}  // namespace quietus::nvme
