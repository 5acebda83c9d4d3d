// SPDX-License-Identifier: GPL-3.0-or-later
// Bits as in NVM Express 1.3, figures 172 and 101, and libnvme's types.h.
#include "firmware/nvme_sanitize.h"

#include <algorithm>
#include <array>

#include "firmware/fields.h"
#include "firmware/nvme_exchange.h"

namespace quietus::nvme {
namespace {

constexpr std::uint8_t kSanitize = 0x84;
constexpr std::uint8_t kSanitizeLog = 0x81;
constexpr std::uint32_t kLogBytes = 512;
constexpr std::size_t kUsedBytes = 32;  // what 1.3 defines of it

// CDW10: action 2:0, AUSE 3, passes 7:4 (0 stands for 16), invert 8, no deallocate 9.
constexpr std::uint32_t kUnrestrictedExit = 1U << 3U;
constexpr std::uint32_t kOnePass = 1U << 4U;

constexpr std::uint32_t kNotTold = 0xFFFFFFFF;
constexpr std::uint16_t kErased = 1U << 8U;

struct ActionRow {
  SanitizeAction action;
  Method method;
  bool Controller::*offered;
  std::optional<std::uint64_t> SanitizeLog::*estimate;
  std::string_view name;
};

constexpr std::array kActions{
    ActionRow{SanitizeAction::crypto_erase, Method::sanitize_crypto, &Controller::crypto_sanitize,
              &SanitizeLog::crypto_erase_s,
              "Sanitize, crypto erase (NVM Express 1.3, 5.24, SANACT 100b)"},
    ActionRow{SanitizeAction::block_erase, Method::sanitize_block, &Controller::block_sanitize,
              &SanitizeLog::block_erase_s,
              "Sanitize, block erase (NVM Express 1.3, 5.24, SANACT 010b)"},
    ActionRow{SanitizeAction::overwrite, Method::sanitize_overwrite,
              &Controller::overwrite_sanitize, &SanitizeLog::overwrite_s,
              "Sanitize, overwrite, one pass of 00h (NVM Express 1.3, 5.24, SANACT 011b)"},
};

const ActionRow* row_of(SanitizeAction action) {
  const auto* const row = std::find_if(kActions.begin(), kActions.end(),
                                       [&](const ActionRow& one) { return one.action == action; });
  return row == kActions.end() ? nullptr : row;
}

std::optional<std::uint64_t> seconds_at(std::span<const std::byte> bytes, std::size_t at) {
  const std::uint32_t seconds = dword_at(bytes, at);
  if (seconds == kNotTold) return std::nullopt;
  return seconds;
}

SanitizeState state_from(std::uint16_t status) {
  constexpr std::array kStates{SanitizeState::never, SanitizeState::succeeded,
                               SanitizeState::running, SanitizeState::failed,
                               SanitizeState::succeeded_no_deallocate};
  const std::size_t value = status & 7U;
  return value < kStates.size() ? kStates.at(value) : SanitizeState::other;
}

}  // namespace

std::optional<SanitizeAction> action_of(Method method) {
  for (const ActionRow& row : kActions) {
    if (row.method == method) return row.action;
  }
  return std::nullopt;
}

bool offers(const Controller& controller, SanitizeAction action) {
  const ActionRow* row = row_of(action);
  return row != nullptr && controller.*(row->offered);
}

NvmeCommand sanitize_command(SanitizeAction action, bool allow_unrestricted_exit) {
  NvmeCommand command;
  command.opcode = kSanitize;
  command.namespace_id = 0;
  command.cdw10 = static_cast<std::uint32_t>(action);
  if (action == SanitizeAction::exit_failure_mode) return command;
  if (allow_unrestricted_exit) command.cdw10 |= kUnrestrictedExit;
  if (action == SanitizeAction::overwrite) command.cdw10 |= kOnePass;
  return command;
}

Result<SanitizeLog> sanitize_log_from(std::span<const std::byte> bytes) {
  if (bytes.size() < kUsedBytes) {
    return Error{Errc::malformed, 0, "the sanitize status log is cut short"};
  }
  const std::uint16_t status = word_at(bytes, 2);
  SanitizeLog log;
  log.state = state_from(status);
  log.progress = word_at(bytes, 0);
  log.passes_done = static_cast<std::uint8_t>(status >> 3U & 0x1FU);
  log.global_data_erased = (status & kErased) != 0;
  log.command_dword10 = dword_at(bytes, 4);
  log.overwrite_s = seconds_at(bytes, 8);
  log.block_erase_s = seconds_at(bytes, 12);
  log.crypto_erase_s = seconds_at(bytes, 16);
  log.overwrite_no_deallocate_s = seconds_at(bytes, 20);
  log.block_erase_no_deallocate_s = seconds_at(bytes, 24);
  log.crypto_erase_no_deallocate_s = seconds_at(bytes, 28);
  return log;
}

Result<Bytes> read_sanitize_log(Medium& drive) {
  return ask(drive, log_command(kSanitizeLog, kLogBytes), "the sanitize status log");
}

std::optional<std::uint64_t> estimate_of(const SanitizeLog& log, SanitizeAction action) {
  const ActionRow* row = row_of(action);
  return row == nullptr ? std::nullopt : log.*(row->estimate);
}

std::string name_of(SanitizeAction action) {
  const ActionRow* row = row_of(action);
  return std::string(row == nullptr
                         ? "Sanitize, exit failure mode (NVM Express 1.3, 5.24, SANACT 001b)"
                         : row->name);
}

}  // namespace quietus::nvme
