// SPDX-License-Identifier: GPL-3.0-or-later
// FakeNvmeDrive: a namespace of an NVMe subsystem that lives in memory, with the state machines of
// Sanitize and Format and with everything that can go wrong. The blocks themselves are another
// medium's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quietus/seams.h"

#include "support/fake_opal.h"
#include "support/forwarding_medium.h"

namespace quietus::test {

/// A subsystem: what it is, how it misbehaves and what it is doing. Outlives every descriptor, and
/// a power cut.
struct FakeNvmeSubsystem {
  explicit FakeNvmeSubsystem(Clock& clock_of_test) : clock(clock_of_test) {}

  Clock& clock;

  // What it says of itself.
  std::string serial = "FAKENVME001";
  std::string model = "FAKE NVME";
  std::string firmware = "1.0";
  std::uint16_t vendor_id = 0x1234;
  std::uint32_t version = 0x00010300;
  std::uint32_t block_bytes = 512;
  std::uint16_t metadata_bytes = 0;
  std::uint8_t format_index = 0;  ///< FLBAS
  std::uint8_t protection = 0;    ///< DPS
  std::uint8_t deallocated = 1;   ///< DLFEAT
  std::uint32_t sanitize_capabilities = 7;
  std::uint16_t admin_commands = 2;    ///< OACS
  std::uint8_t format_attributes = 4;  ///< FNA
  std::uint32_t namespaces = 1;
  std::set<std::uint32_t> allocated;            ///< told where OACS bit 3 is set
  std::map<std::uint32_t, std::string> nguids;  ///< hex; of others it is made of the number
  std::map<std::uint32_t, std::string> uuids;   ///< hex; none: no such descriptor
  std::uint32_t estimate_s = 2;                 ///< of every action
  std::uint8_t spare_percent = 100;
  std::uint8_t used_percent = 1;
  std::uint64_t media_errors = 0;
  FakeOpal opal;

  // How long it takes.
  std::uint64_t sanitize_us = 2'000'000;
  std::uint64_t format_us = 1'000'000;

  // How it misbehaves.
  enum class Lie {
    none,
    done_at_once,  ///< the log says that it succeeded, and nothing ran
    swallowed,     ///< the command succeeds, nothing runs and the log stays as it was
  };
  Lie lie = Lie::none;
  unsigned failures_left = 0;                 ///< so many sanitizes fail
  bool stands_still = false;                  ///< progress stays at 655 and it never ends
  std::optional<std::uint64_t> kept_block;    ///< is not erased (of every namespace)
  bool without_deallocation = false;          ///< ends with SSTAT 4
  bool tells_data_erased = true;              ///< has the "global data erased" bit
  std::uint16_t sanitize_answer = 0;          ///< not 0: the status of every Sanitize
  std::uint16_t format_answer = 0;            ///< not 0: the status of every Format
  bool format_lies = false;                   ///< succeeds and erases nothing
  bool answer_lost = false;                   ///< of Sanitize and Format: nothing comes back
  bool log_unreadable = false;                ///< log 81h: invalid log page
  bool is_gone = false;                       ///< answers nothing: every command fails
  std::optional<std::uint32_t> other_action;  ///< the log names this dword 10
  bool without_force_unit_access = false;     ///< reads by command are refused

  // What it is doing.
  std::uint8_t sanitize_state = 0;  ///< SSTAT 2:0
  std::uint8_t passes_done = 0;
  bool data_erased = false;
  std::uint32_t dword10 = 0;
  std::uint32_t pattern = 0;
  std::uint64_t began_us = 0;
  std::uint64_t ends_us = 0;
  bool runs_nothing = false;  ///< the operation under way is one that fails
  std::uint64_t format_ends_us = 0;
  std::set<std::uint32_t> formats;  ///< namespaces being formatted
  unsigned life = 0;                ///< one more after each reset

  /// What has to happen to the blocks of a namespace still.
  struct Erasure {
    std::uint8_t action = 0;  ///< as SANACT
    std::uint32_t pattern = 0;
    unsigned number = 0;
  };
  std::map<std::uint32_t, std::vector<Erasure>> erasures;
  unsigned erased = 0;  ///< how often something was

  std::vector<NvmeCommand> changing;  ///< Sanitize and Format commands, as they came
  std::vector<NvmeCommand> asking;    ///< all others

  /// The connection breaks and comes back: what is waited for is lost. A sanitize goes on.
  void reset();
  /// Without power for so long: a sanitize goes on afterwards where it was.
  void cut_power(std::uint64_t off_us);
  /// Ends what is over by now.
  void tick();
};

/// One namespace of it. While a sanitize runs or has failed, blocks can't be read or written.
class FakeNvmeDrive final : public ForwardingMedium {
 public:
  FakeNvmeDrive(std::unique_ptr<Medium> blocks, std::shared_ptr<FakeNvmeSubsystem> subsystem,
                std::uint32_t namespace_id = 1);

  [[nodiscard]] FakeNvmeSubsystem& subsystem() { return *subsystem_; }
  /// The descriptor stands for another namespace from now on.
  void stand_for(std::uint32_t namespace_id) { namespace_id_ = namespace_id; }

  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Result<DeviceFacts> device() override;
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override;
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override;
  [[nodiscard]] Status rescan() override;

 private:
  [[nodiscard]] Result<DeviceReply> answer(const DeviceCommand& command);
  [[nodiscard]] NvmeReply answer(const NvmeCommand& command);
  [[nodiscard]] OpalReply answer(const OpalCommand& command);
  [[nodiscard]] NvmeReply identify(const NvmeCommand& command);
  [[nodiscard]] NvmeReply log(const NvmeCommand& command);
  [[nodiscard]] NvmeReply sanitize(const NvmeCommand& command);
  [[nodiscard]] NvmeReply format(const NvmeCommand& command);
  [[nodiscard]] NvmeReply read(const NvmeCommand& command);
  [[nodiscard]] Bytes controller_bytes() const;
  [[nodiscard]] Bytes namespace_bytes(std::uint32_t number);
  [[nodiscard]] std::optional<Error> not_ready() const;
  [[nodiscard]] std::uint64_t lasts_us(const DeviceCommand& command) const;
  void settle();
  void erase(const FakeNvmeSubsystem::Erasure& erasure);

  std::shared_ptr<FakeNvmeSubsystem> subsystem_;
  std::uint32_t namespace_id_;
};

}  // namespace quietus::test
