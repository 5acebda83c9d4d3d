// SPDX-License-Identifier: GPL-3.0-or-later
// Sending an NVMe command and taking its answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "quietus/medium.h"

namespace quietus::nvme {

inline constexpr std::uint32_t kAllNamespaces = 0xFFFFFFFF;
inline constexpr std::uint32_t kAskTimeoutMs = 20'000;

/// Whatever the drive answered, also that it refuses. Errors: as Medium::execute; malformed (an
/// answer of another kind).
[[nodiscard]] Result<NvmeReply> exchange(Medium& drive, const NvmeCommand& command);
[[nodiscard]] Result<NvmeReply> nvme_reply(const Result<DeviceReply>& reply);

/// The data of a command that succeeded, as long as asked for. `what` names it in errors, which
/// are as error_of() and exchange() have them; malformed: less data.
[[nodiscard]] Result<Bytes> ask(Medium& drive, const NvmeCommand& command, std::string_view what);

/// Identify (NVM Express 1.3, 5.15): 4096 bytes.
[[nodiscard]] NvmeCommand identify_command(std::uint8_t structure, std::uint32_t namespace_id);
/// Get Log Page (5.14) from its beginning.
[[nodiscard]] NvmeCommand log_command(std::uint8_t page, std::uint32_t bytes);

/// The namespace that the descriptor stands for. Errors: unsupported, io.
[[nodiscard]] Result<std::uint32_t> namespace_of(Medium& drive);

}  // namespace quietus::nvme
