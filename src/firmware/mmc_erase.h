// SPDX-License-Identifier: GPL-3.0-or-later
// Erasing the user area of an eMMC: secure erase, or erase and sanitize (JESD84-B51).
#pragma once

#include <cstdint>
#include <memory>

#include "firmware/command_set.h"
#include "firmware/mmc_ext_csd.h"

namespace quietus::mmc {

[[nodiscard]] Result<MmcReply> mmc_reply(const Result<DeviceReply>& reply);
/// Whether a card's status (R1) tells an error, of any command of the row.
[[nodiscard]] bool has_error(const MmcReply& reply);

enum class EraseKind {
  secure,    ///< CMD38 with 80000000h
  sanitize,  ///< CMD38 with 0, then SANITIZE_START
};

/// With its standard.
[[nodiscard]] std::string name_of(EraseKind kind);

/// The whole row, which must not be broken up.
[[nodiscard]] MmcCommand erase_command(const ExtCsd& card, EraseKind kind);

/// Whether the descriptor stands for the card's user area, by its size: boot partitions and the
/// like are devices of the same kind. Errors: changed (it does not), io.
[[nodiscard]] Status check_user_area(Medium& card, const ExtCsd& known);

/// Null: there is no such action. `card` outlives it.
[[nodiscard]] std::unique_ptr<Operation> erase_operation(Medium& card,
                                                         const ActionRequest& request);

}  // namespace quietus::mmc
