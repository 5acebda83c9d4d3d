// SPDX-License-Identifier: GPL-3.0-or-later
// Firmware: asking a drive what it can do, and having it sanitize itself: one command, sent once,
// and what the drive says of it. Knows the command sets; opens, claims and times nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/device.h"
#include "quietus/drive_abilities.h"
#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus {

/// Whether the drive's kind and bus let its firmware be asked at all: a whole disk that is not
/// virtual.
[[nodiscard]] bool has_firmware(const DeviceFacts& facts);

/// Asks the drive. Sends only commands that change nothing, each with a short timeout. What it does
/// not answer is unknown.
[[nodiscard]] DriveAbilities survey(Medium& drive, const DeviceFacts& facts);

/// Who answers on this very descriptor now. Errors: io, unsupported.
[[nodiscard]] Result<DriveIdentity> read_identity(Medium& drive, CommandSet commands);
[[nodiscard]] DriveHealth read_health(Medium& drive, CommandSet commands);

/// What is hidden now.
[[nodiscard]] HiddenAreaFacts read_hidden_area(Medium& drive, CommandSet commands);
/// Opens up everything that can be: HPA or AMAC first, then DCO. Changes the drive for good; what
/// it holds stays. The answer is read anew from the drive; `why` says what is left to do ("needs a
/// power cycle"). Errors: io, unsupported.
[[nodiscard]] Result<HiddenAreaFacts> restore_hidden_area(Medium& drive, CommandSet commands);

/// One block, read past every cache of the drive's (force unit access). Errors: unsupported (no
/// such command here), io.
[[nodiscard]] Result<Bytes> read_block_past_cache(Medium& drive, const DriveAbilities& abilities,
                                                  std::uint64_t offset, std::uint32_t bytes);

/// What a drive is asked to do.
struct ActionRequest {
  Method method = Method::sanitize_block;
  /// Let the drive leave the failure state without having sanitized (AUSE, failure mode policy).
  bool allow_unrestricted_exit = false;
  std::string psid;  ///< of opal_psid, as on the label
};

enum class OperationState {
  never,  ///< the drive says that no operation was ever run, or none since its last start
  running,
  succeeded,
  failed,
  unknown,  ///< it says nothing that could be relied on
};

[[nodiscard]] std::string_view name_of(OperationState state);

/// What the drive says of the operation.
struct OperationStatus {
  OperationState state = OperationState::unknown;
  std::string text;  ///< a sentence: in the drive's terms
  std::optional<std::uint32_t> progress_ppm;
  std::optional<std::uint64_t> remaining_s;  ///< the drive's own estimate
  /// The drive or its connection was reset since the operation began, as far as can be seen.
  bool reset_seen = false;
  /// NVMe SSTAT 4: sanitized, and deallocation was left out.
  bool no_deallocate = false;
  std::optional<bool> global_data_erased;  ///< NVMe: nothing was written since
  /// The drive names the action that it ran, and it is this one.
  std::optional<bool> ran_ours;
  /// The bytes that a read has to give now, repeated over the medium; none: not defined.
  std::optional<Bytes> pattern;
  std::vector<RawAnswer> raw;
};

/// Known to everybody, on purpose: whatever happens, nobody is locked out of a drive by it.
/// 32 bytes at most, padded with zeros.
inline constexpr std::string_view kSecurityPassword = "quietus";

/// One action on one drive. Its `drive` and `abilities` outlive it.
class FirmwareOperation {
 public:
  FirmwareOperation(Medium& drive, const DriveAbilities& abilities, ActionRequest request);
  ~FirmwareOperation();
  FirmwareOperation(FirmwareOperation&&) noexcept;
  FirmwareOperation& operator=(FirmwareOperation&&) = delete;

  /// The command's name with standard and clause, and what its evidence is called.
  [[nodiscard]] std::string command() const;
  /// What must be on record before start(): for SECURITY ERASE the password and how to take it off
  /// again; empty: nothing but that the command may have been sent.
  [[nodiscard]] std::string to_be_recorded() const;
  /// Sends the one command, with what has to go before it. An error says what the drive answered;
  /// io: it is not known whether it began. Errors: unsupported, permission (frozen, locked,
  /// refused), busy (another operation is under way), io.
  [[nodiscard]] Status start();
  /// Asks. Changes nothing. Without start(): attaches to whatever runs.
  [[nodiscard]] OperationStatus look();
  /// After a failure: takes a password of ours off again. Nothing to do: ok. An error's hint is the
  /// exact way out.
  [[nodiscard]] Status recover();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Lets a drive out of the failure state that a failed sanitize left, without having sanitized.
/// Errors: unsupported, permission (it was not allowed when it began), io.
[[nodiscard]] Status leave_failure_state(Medium& drive, CommandSet commands);

}  // namespace quietus
