// SPDX-License-Identifier: GPL-3.0-or-later
// NVMe Sanitize (NVM Express 1.3, 5.24 and 8.15): the command, its log page, and the operation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "firmware/command_set.h"
#include "firmware/nvme_identify.h"

namespace quietus::nvme {

enum class SanitizeAction : std::uint8_t {
  exit_failure_mode = 1,
  block_erase = 2,
  overwrite = 3,
  crypto_erase = 4,
};

/// None: the method is no sanitize.
[[nodiscard]] std::optional<SanitizeAction> action_of(Method method);
[[nodiscard]] bool offers(const Controller& controller, SanitizeAction action);

/// For the whole subsystem: namespace id 0. Overwrite: one pass of zeros, not inverted.
[[nodiscard]] NvmeCommand sanitize_command(SanitizeAction action, bool allow_unrestricted_exit);

/// SSTAT 2:0.
enum class SanitizeState {
  never,
  succeeded,
  running,
  failed,
  succeeded_no_deallocate,
  other,  ///< a value of a later standard
};

/// Sanitize Status, log page 81h (1.3, 5.14.1.9.2).
struct SanitizeLog {
  SanitizeState state = SanitizeState::other;
  std::uint16_t progress = 0;       ///< of 65536, while it runs
  std::uint8_t passes_done = 0;     ///< of an overwrite
  bool global_data_erased = false;  ///< nothing was written since
  std::uint32_t command_dword10 = 0;
  std::optional<std::uint64_t> overwrite_s;  ///< none: not told
  std::optional<std::uint64_t> block_erase_s;
  std::optional<std::uint64_t> crypto_erase_s;
  std::optional<std::uint64_t> overwrite_no_deallocate_s;
  std::optional<std::uint64_t> block_erase_no_deallocate_s;
  std::optional<std::uint64_t> crypto_erase_no_deallocate_s;

  /// What the last command asked for, as a number.
  [[nodiscard]] std::uint8_t action() const { return command_dword10 & 7U; }
};

/// Errors: malformed (cut short).
[[nodiscard]] Result<SanitizeLog> sanitize_log_from(std::span<const std::byte> bytes);
[[nodiscard]] Result<Bytes> read_sanitize_log(Medium& drive);
/// The drive's estimate, with deallocation.
[[nodiscard]] std::optional<std::uint64_t> estimate_of(const SanitizeLog& log,
                                                       SanitizeAction action);

/// With standard and clause.
[[nodiscard]] std::string name_of(SanitizeAction action);

/// `drive` and `abilities` outlive it.
[[nodiscard]] std::unique_ptr<Operation> sanitize_operation(Medium& drive,
                                                            const ActionRequest& request);
[[nodiscard]] Status leave_failure_state(Medium& drive);

}  // namespace quietus::nvme
