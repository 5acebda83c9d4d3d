// SPDX-License-Identifier: GPL-3.0-or-later
// DeviceCommand: one command to a drive's firmware and its answer, as bytes and numbers. What they
// mean is the firmware module's to know; a platform only carries them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

/// Data goes one way, or none.
struct CommandData {
  Bytes out;                 ///< to the device
  std::size_t in_bytes = 0;  ///< expected from it; with `out` empty only
};

/// A SCSI command; ATA commands travel in ATA PASS-THROUGH (SAT).
struct ScsiCommand {
  Bytes cdb;  ///< 6 to 16 bytes
  CommandData data;
};

struct ScsiReply {
  std::uint8_t status = 0;        ///< SAM: 00h GOOD, 02h CHECK CONDITION
  std::uint16_t host_status = 0;  ///< the adapter's; 0: it was delivered
  std::uint16_t driver_status = 0;
  Bytes sense;  ///< as it came, empty: none
  Bytes data;   ///< what arrived
};

/// An NVMe command: opcode and the dwords that a host may set.
struct NvmeCommand {
  enum class Queue { admin, io };
  Queue queue = Queue::admin;
  std::uint8_t opcode = 0;
  std::uint32_t namespace_id = 0;
  std::uint32_t cdw10 = 0;
  std::uint32_t cdw11 = 0;
  std::uint32_t cdw12 = 0;
  std::uint32_t cdw13 = 0;
  std::uint32_t cdw14 = 0;
  std::uint32_t cdw15 = 0;
  CommandData data;
};

struct NvmeReply {
  std::uint16_t status =
      0;  ///< status code type 10:8, status code 7:0, DNR 14 as the host sees them; 0: success
  std::uint32_t result = 0;  ///< dword 0 of the completion
  Bytes data;
};

/// An eMMC command (JESD84); of the ordinary kind, no application command.
struct MmcCommand {
  std::uint32_t opcode = 0;
  std::uint32_t argument = 0;
  std::uint32_t response = 0;  ///< which response is expected: see MmcResponse
  bool is_write = false;
  CommandData data;
  /// Sent right behind it with nothing in between (CMD35, CMD36, CMD38); without data. The reply is
  /// that of the last one.
  std::vector<MmcCommand> next = {};
};
enum class MmcResponse : std::uint32_t { none, r1, r1b };

struct MmcReply {
  std::uint32_t response = 0;  ///< the first word: the card's status
  Bytes data;
  std::vector<std::uint32_t> earlier;  ///< of a row: the first words of those before the last
};

/// TCG Opal through the system's own requests.
struct OpalCommand {
  enum class What { status, psid_revert };
  What what = What::status;
  std::string psid;  ///< of a revert
};

struct OpalReply {
  std::int64_t result = 0;  ///< 0: done; otherwise the TCG method status (TCG Core 5.1.5)
  std::uint32_t flags = 0;  ///< of status: as the system defines them, see OpalFlag
};
/// Bits of OpalReply::flags.
enum OpalFlag : std::uint32_t {
  opal_supported = 1U << 0U,
  opal_locking_supported = 1U << 1U,
  opal_locking_enabled = 1U << 2U,
  opal_locked = 1U << 3U,
};

struct DeviceCommand {
  std::variant<ScsiCommand, NvmeCommand, MmcCommand, OpalCommand> what;
  std::uint32_t timeout_ms =
      20'000;  ///< then the system gives it up; 0: as long as the system allows at most
};

/// In the order of DeviceCommand::what.
using DeviceReply = std::variant<ScsiReply, NvmeReply, MmcReply, OpalReply>;

/// A command under way in a process of its own, since a drive that is busy with it answers nothing
/// and keeps whoever waits. Giving the object up leaves command and process to end by themselves.
class PendingCommand {
 public:
  virtual ~PendingCommand() = default;
  /// None: not over. Otherwise how it ended; after that, the same again. Does not wait.
  [[nodiscard]] virtual std::optional<Result<DeviceReply>> poll() = 0;
};

}  // namespace quietus
