// SPDX-License-Identifier: GPL-3.0-or-later
// ScsiOutcome: what a drive made of one SCSI command, read out of the reply.
#pragma once

#include <optional>
#include <string>

#include "quietus/medium.h"

#include "firmware/sense.h"

namespace quietus {

struct ScsiOutcome {
  bool good = false;           ///< status GOOD
  std::uint8_t status = 0;     ///< SAM-5
  std::optional<Sense> sense;  ///< of CHECK CONDITION; none: it came without
  Bytes sense_bytes;
  Bytes data;

  /// GOOD, or done with something to remark on (recovered error, no sense).
  [[nodiscard]] bool done() const;
  /// The drive was reset, powered on, or came back to its bus (29h), or another attention: the
  /// command was not carried out.
  [[nodiscard]] bool has_attention() const;
  [[nodiscard]] bool tells_reset() const;
  /// "refused it (5/20/00: ...)": for messages.
  [[nodiscard]] std::string text() const;
};

/// For commands that only ask.
inline constexpr std::uint32_t kAskingMs = 20'000;

/// Sends one command, once. Errors: as Medium::execute; io where the adapter did not deliver it.
[[nodiscard]] Result<ScsiOutcome> send_scsi(Medium& drive, const ScsiCommand& command,
                                            std::uint32_t timeout_ms = kAskingMs);
/// What came back of a command that was sent: an outcome, or io where the adapter failed.
[[nodiscard]] Result<ScsiOutcome> outcome_of(const Result<DeviceReply>& reply);

/// How often a drive may come with an attention before a question is given up: power on, reset and
/// changed parameters can be pending together.
inline constexpr int kMostAttentions = 4;

/// Asks again while the drive has attentions to tell. `reset_seen` is set where one was a reset.
[[nodiscard]] Result<ScsiOutcome> ask_scsi(Medium& drive, const ScsiCommand& command,
                                           bool* reset_seen = nullptr);

/// The error for a command that the drive did not carry out: unsupported, permission or busy where
/// it was not begun; io otherwise.
[[nodiscard]] Error refusal_of(const ScsiOutcome& outcome, std::string_view what);

/// One block past every cache: READ (16) with FUA (SBC-5).
[[nodiscard]] ScsiCommand read_past_cache_command(std::uint64_t block, std::uint32_t blocks,
                                                  std::uint32_t bytes);
/// Reads with it. Errors: invalid (no whole blocks), unsupported (the drive refuses), io.
[[nodiscard]] Result<Bytes> read_past_cache(Medium& drive, std::uint64_t offset,
                                            std::uint32_t bytes);

}  // namespace quietus
