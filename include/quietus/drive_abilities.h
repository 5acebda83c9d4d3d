// SPDX-License-Identifier: GPL-3.0-or-later
// DriveAbilities: what a drive says of itself when its firmware is asked: what it can do, what it
// hides, how it is. Plain facts; "unknown" is a value, never an empty success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/method.h"
#include "quietus/text.h"

namespace quietus {

enum class Answer { no, yes, unknown };

[[nodiscard]] std::string_view name_of(Answer answer);

/// By which commands a drive is spoken to. Of a SATA drive behind SAT (libata, SAS, USB): ata.
enum class CommandSet { none, ata, scsi, nvme, mmc };

[[nodiscard]] std::string_view name_of(CommandSet commands);

/// What a drive answered, as it came: evidence.
struct RawAnswer {
  std::string what;  ///< stable: "ata_identify", "nvme_log_81h", "sense", "ata_registers"
  Time at{};         ///< by the caller's clock; zero: not stamped
  Bytes bytes;
};

/// Whether a drive has one of its own methods.
struct MethodAbility {
  Method method = Method::overwrite;
  Answer supported = Answer::unknown;
  std::string why;  ///< where it can't be used or is not known: a sentence
  std::string
      command;  ///< with standard and clause: "SANITIZE DEVICE, BLOCK ERASE EXT (ACS-4 ...)"
  std::optional<std::uint64_t> estimate_s;  ///< the drive's own
  bool estimate_is_least = false;           ///< it takes that long or longer
  /// Takes all that shares the subsystem or the target, not only what was named.
  bool beyond_target = false;
};

/// Addresses that a host's write can't reach until they are opened up.
struct HiddenAreaFacts {
  Answer present = Answer::unknown;
  std::vector<std::string> kinds;      ///< of those that are there: "hpa", "amac", "dco"
  std::uint64_t accessible_bytes = 0;  ///< 0: not told
  std::uint64_t native_bytes = 0;      ///< with everything opened up; 0: not told
  std::string why;                     ///< where it is not known, or can't be opened up
};

/// Who the drive says it is, read through the very descriptor that commands go through.
struct DriveIdentity {
  std::string model;
  std::string serial;
  std::string firmware;
  std::string wwn;                 ///< as DeviceFacts::wwn prints it
  std::uint32_t namespace_id = 0;  ///< NVMe
  std::string nguid;               ///< NVMe, hex
  std::string eui64;               ///< NVMe, hex
  std::uint64_t size_bytes = 0;

  auto operator<=>(const DriveIdentity&) const = default;
};

/// Counters of wear and replacement; none: not told.
struct DriveHealth {
  std::string
      source;  ///< "ata_smart", "scsi_defect_list", "nvme_log_02h", "emmc_ext_csd"; empty: unknown
  std::optional<std::uint64_t> reallocated_sectors;
  std::optional<std::uint64_t> pending_sectors;
  std::optional<std::uint64_t> media_errors;
  std::optional<std::uint32_t> available_spare_percent;
  std::optional<std::uint32_t> used_percent;
  Bytes raw;  ///< the page or the attribute bytes that this was read from
};

struct DriveAbilities {
  CommandSet commands = CommandSet::none;
  std::string unknown_why;      ///< where nothing could be asked
  bool through_bridge = false;  ///< a USB bridge stands between
  DriveIdentity identity;
  std::vector<MethodAbility> methods;  ///< every firmware method, in their order
  HiddenAreaFacts hidden;
  DriveHealth health;
  /// States that matter, by stable codes: "security_enabled", "security_locked",
  /// "security_frozen", "security_count_expired", "sanitize_frozen", "sanitize_running",
  /// "sanitize_failed", "format_running", "opal_present", "opal_locked".
  std::vector<std::string> states;
  /// Of ata: SECURITY ERASE UNIT has the enhanced mode.
  bool enhanced_erase = false;
  /// Of an NVMe format: the SES value that would be used (2 crypto, 1 user data); 0: none.
  std::uint32_t format_ses = 0;
  /// NVMe: every namespace of the subsystem, whoever it is attached to; empty: not told.
  std::vector<std::uint32_t> namespaces;
  std::vector<RawAnswer> raw;  ///< capability bytes

  [[nodiscard]] const MethodAbility* ability(Method method) const;  ///< null: not asked
  [[nodiscard]] bool is_in(std::string_view state) const;
};

/// What is different between a drive as it was asked and as it answers now; empty: nothing. The
/// size is compared, too, unless one of them tells none.
[[nodiscard]] std::string difference(const DriveIdentity& before, const DriveIdentity& now);

}  // namespace quietus
