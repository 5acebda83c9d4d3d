// SPDX-License-Identifier: GPL-3.0-or-later
// FakeAtaDrive: a SATA drive behind a translation layer (SAT) that lives in memory, with the state
// machines of SANITIZE DEVICE, of the Security feature set and of its three ways to hide addresses,
// and with what can go wrong. The blocks themselves are another medium's.
#pragma once

#include "support/fake_sanitize.h"
#include "support/forwarding_medium.h"

namespace quietus::test {

/// What it is, how it misbehaves and where it is. Outlives every descriptor, and a power cut.
struct FakeAta {
  explicit FakeAta(Clock& clock_of_test) : clock(clock_of_test) {}

  Clock& clock;

  std::string model = "FAKE SATA DISK";
  std::string serial = "FAKEATA001";
  std::string firmware = "FW01";
  std::uint64_t wwn = 0x5000C50011223340;

  // What it has.
  bool has_security = true;
  bool has_enhanced = true;
  std::uint16_t normal_time = 2;    ///< word 89
  std::uint16_t enhanced_time = 2;  ///< word 90
  bool has_sanitize = true;
  std::vector<Method> sanitizes = {Method::sanitize_crypto, Method::sanitize_block,
                                   Method::sanitize_overwrite};
  bool has_smart = true;
  std::uint64_t reallocated = 7;
  std::uint64_t pending = 1;
  bool bad_smart_sum = false;

  // Hidden addresses, in blocks of 512 bytes at the end of the medium. Any of them makes the
  // feature set be there; the flags do so where none are hidden.
  std::uint64_t hpa_blocks = 0;
  std::uint64_t amac_blocks = 0;
  std::uint64_t dco_blocks = 0;
  bool has_hpa = true;
  bool has_amac = false;
  bool has_dco = false;
  bool max_frozen = false;
  bool dco_frozen = false;
  bool one_change = false;  ///< of the size in each power cycle

  // What stands between.
  enum class Registers {
    pass,
    bare,  ///< sense data without them
    good,  ///< status GOOD instead
    zero,  ///< a descriptor of zeros
  };
  Registers registers = Registers::pass;
  bool descriptor_sense = true;  ///< 72h; false: 70h, where the upper bytes are lost
  bool only_short_cdb = false;   ///< knows ATA PASS-THROUGH (12) only
  bool no_pass_through = false;
  bool is_gone = false;  ///< nothing is delivered any more
  bool no_force_unit_access = false;
  bool silent_while_sanitizing = false;  ///< IDENTIFY DEVICE is aborted then, as ACS-2 has it

  // SECURITY ERASE UNIT.
  std::uint64_t erase_us = 3'000'000;
  enum class Erase {
    good,
    aborts,            ///< at the end; the password stays
    lies,              ///< ends well, and nothing was erased
    keeps_password,    ///< ends well, and the password stays
    is_reset,          ///< in the middle: the drive is locked, an attention tells of it
    is_reset_quietly,  ///< the same, with the registers of a drive that was just reset
    is_lost,           ///< ends well, and the answer never comes back
  };
  Erase erase = Erase::good;
  std::vector<Extent> erase_residue = {};
  bool swallows_password = false;  ///< SET PASSWORD ends well, and none is set
  bool refuses_disable = false;    ///< DISABLE PASSWORD is aborted
  bool refuses_prepare = false;

  // Where it is. Tests may set it.
  FakeSanitize sanitize;
  bool sanitize_frozen = false;
  bool frozen = false;  ///< security
  bool locked = false;
  bool count_expired = false;
  bool wakes_frozen = false;  ///< as the computer's firmware does at each start
  Bytes password;             ///< 32 bytes; empty: none is set
  bool prepared = false;
  bool erasing = false;
  bool disturbed = false;  ///< a command came while it erased itself
  std::uint64_t erase_began_us = 0;
  unsigned attentions = 0;  ///< so many 29/00 are to be told
  unsigned size_changes = 0;
  bool asked_native = false;  ///< READ NATIVE MAX ADDRESS was the command before

  struct Seen {
    std::uint8_t command = 0;
    std::uint16_t feature = 0;
    std::uint16_t count = 0;
    std::uint64_t lba = 0;
    Bytes out = {};
  };
  std::vector<Seen> tape;  ///< every ATA command that the drive itself got
  /// Called before each command: for what happens in between.
  std::function<void(FakeAta&)> before = {};

  [[nodiscard]] std::size_t count(std::uint8_t command) const;
  [[nodiscard]] std::size_t sanitize_commands() const;  ///< without those that ask
  void set_password(const std::string& text);
  /// Without power for so long: locked where a password is set; a sanitize goes on afterwards.
  void cut_power(std::uint64_t off_us = 0);
};

class FakeAtaDrive final : public ForwardingMedium {
 public:
  FakeAtaDrive(std::unique_ptr<Medium> inner, std::shared_ptr<FakeAta> state)
      : ForwardingMedium(std::move(inner)), state_(std::move(state)) {}

  [[nodiscard]] Result<Geometry> geometry() override;
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Result<DeviceFacts> device() override;
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override;
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override;
  [[nodiscard]] Status rescan() override { return {}; }

 private:
  struct Answer {
    bool aborted = false;
    std::uint16_t count = 0;
    std::uint64_t lba = 0;
    Bytes data = {};
    bool just_reset = false;
  };
  struct Task {
    FakeAta::Seen seen;
    bool extended = false;
    bool wants_registers = false;
  };

  void pass();
  [[nodiscard]] std::optional<Error> not_usable() const;
  [[nodiscard]] std::uint64_t all_blocks();
  [[nodiscard]] std::uint64_t native_blocks();
  [[nodiscard]] std::uint64_t current_blocks();
  [[nodiscard]] ScsiReply answer(const ScsiCommand& command);
  [[nodiscard]] ScsiReply inquiry(const ScsiCommand& command);
  [[nodiscard]] ScsiReply pass_through(const ScsiCommand& command);
  [[nodiscard]] ScsiReply translated(const Answer& found, const Task& task) const;
  [[nodiscard]] ScsiReply read_blocks(const ScsiCommand& command);
  [[nodiscard]] Answer obey(const Task& task);
  [[nodiscard]] Answer sanitize(const FakeAta::Seen& seen);
  [[nodiscard]] Answer sanitize_status(bool clears);
  [[nodiscard]] Answer security(const FakeAta::Seen& seen);
  [[nodiscard]] Answer native_max(const FakeAta::Seen& seen);
  [[nodiscard]] Answer overlay(const FakeAta::Seen& seen);
  [[nodiscard]] bool change_size(std::uint64_t& hidden, std::uint64_t last, std::uint64_t most);
  [[nodiscard]] Bytes identify();
  [[nodiscard]] Bytes smart() const;
  [[nodiscard]] std::optional<Result<DeviceReply>> erase_ended(const Task& task);
  void lose_erase();

  std::shared_ptr<FakeAta> state_;
};

}  // namespace quietus::test
