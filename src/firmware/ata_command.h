// SPDX-License-Identifier: GPL-3.0-or-later
// ATA commands inside of SCSI ones: ATA PASS-THROUGH (SAT-4), as libata, SAS adapters and USB
// bridges take them.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/scsi_command.h"

namespace quietus {

/// PROTOCOL of ATA PASS-THROUGH (SAT-4).
enum class AtaProtocol : std::uint8_t { non_data = 3, pio_in = 4, pio_out = 5, dma_in = 6 };

/// A task file. Data come in blocks of 512 bytes, as many as `count` says.
struct AtaCommand {
  std::uint8_t command = 0;
  std::uint16_t feature = 0;
  std::uint16_t count = 0;
  std::uint64_t lba = 0;
  AtaProtocol protocol = AtaProtocol::non_data;
  bool is_extended = false;      ///< 48-bit
  bool wants_registers = false;  ///< CK_COND: come back with the registers in any case
  Bytes out = {};
};

enum class AtaForm {
  long_cdb,   ///< 16 bytes
  short_cdb,  ///< 12 bytes: 28-bit commands only, for bridges that know no other
};

/// The short form is for commands that are not extended.
[[nodiscard]] ScsiCommand ata_pass_through(const AtaCommand& command, AtaForm form);

inline constexpr std::size_t kAtaBlockBytes = 512;

struct AtaOutcome {
  enum class End {
    done,       ///< as far as is told; whether the registers came is another matter
    refused,    ///< the drive or what stands before it did not carry it out
    attention,  ///< not carried out: the drive has been reset or changed
    unknown,    ///< nothing that says how it ended
  };
  End end = End::unknown;
  std::optional<AtaRegisters> registers;  ///< none: they did not come through
  ScsiOutcome scsi;

  [[nodiscard]] bool tells_reset() const;
};

[[nodiscard]] AtaOutcome ata_outcome(const ScsiOutcome& scsi, bool is_extended);

/// A way to one ATA drive. Learns which form of the command gets through.
class AtaLink {
 public:
  explicit AtaLink(Medium& drive) : drive_(drive) {}

  /// Once. Errors: as Medium::execute.
  [[nodiscard]] Result<AtaOutcome> send(const AtaCommand& command,
                                        std::uint32_t timeout_ms = kAskingMs);
  /// Again while the drive has attentions to tell. For what only asks.
  [[nodiscard]] Result<AtaOutcome> ask(const AtaCommand& command);
  /// A command that blocks the drive; no time limit but the system's.
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(const AtaCommand& command);

  [[nodiscard]] bool reset_seen() const { return reset_seen_; }

 private:
  [[nodiscard]] AtaForm form_for(const AtaCommand& command) const;

  Medium& drive_;
  AtaForm form_ = AtaForm::long_cdb;
  bool form_known_ = false;
  bool reset_seen_ = false;
};

/// The error for a command that was not carried out.
[[nodiscard]] Error refusal_of(const AtaOutcome& outcome, std::string_view what);

}  // namespace quietus
