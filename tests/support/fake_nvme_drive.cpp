// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/fake_nvme_drive.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace quietus::test {
namespace {

using Subsystem = FakeNvmeSubsystem;

constexpr std::uint8_t kGetLog = 0x02;
constexpr std::uint8_t kIdentify = 0x06;
constexpr std::uint8_t kFormat = 0x80;
constexpr std::uint8_t kSanitize = 0x84;
constexpr std::uint8_t kRead = 0x02;

constexpr std::uint16_t kInvalidOpcode = 0x01;
constexpr std::uint16_t kInvalidField = 0x02;
constexpr std::uint16_t kInvalidNamespace = 0x0B;
constexpr std::uint16_t kSanitizeFailed = 0x1C;
constexpr std::uint16_t kSanitizeRuns = 0x1D;
constexpr std::uint16_t kOutOfRange = 0x80;
constexpr std::uint16_t kInvalidLog = 0x109;
constexpr std::uint16_t kDoNotRetry = 0x4000;

constexpr std::uint8_t kNever = 0;
constexpr std::uint8_t kDone = 1;
constexpr std::uint8_t kRuns = 2;
constexpr std::uint8_t kFailed = 3;
constexpr std::uint8_t kDoneKept = 4;

constexpr std::uint8_t kExit = 1;
constexpr std::uint8_t kOverwrite = 3;
constexpr std::uint8_t kCrypto = 4;

void put(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xFFU);
  }
}

void put_text(Bytes& bytes, std::size_t at, const std::string& text, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes[at + i] = static_cast<std::byte>(i < text.size() ? text[i] : ' ');
  }
}

void put_hex(Bytes& bytes, std::size_t at, const std::string& hex) {
  const Result<Bytes> value = from_hex(hex);
  if (value) std::copy(value->begin(), value->end(), bytes.begin() + static_cast<long>(at));
}

NvmeReply refuse(std::uint16_t status) {
  return {static_cast<std::uint16_t>(status | kDoNotRetry), 0, {}};
}

NvmeReply done(Bytes data = {}) { return {0, 0, std::move(data)}; }

Error gone() { return {Errc::io, ENODEV, "fake: nothing answers"}; }

/// What comes to light when it is over, or never.
class FakePending final : public PendingCommand {
 public:
  FakePending(std::shared_ptr<Subsystem> subsystem, Result<DeviceReply> reply,
              std::uint64_t ends_us)
      : subsystem_(std::move(subsystem)),
        reply_(std::move(reply)),
        ends_us_(ends_us),
        life_(subsystem_->life) {}

  [[nodiscard]] std::optional<Result<DeviceReply>> poll() override {
    if (over_) return reply_;
    if (subsystem_->life != life_) {
      reply_ = gone();
    } else if (subsystem_->clock.monotonic_us() < ends_us_) {
      return std::nullopt;
    }
    over_ = true;
    return reply_;
  }

 private:
  std::shared_ptr<Subsystem> subsystem_;
  Result<DeviceReply> reply_;
  std::uint64_t ends_us_;
  unsigned life_;
  bool over_ = false;
};

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33U;
  value *= 0xFF51AFD7ED558CCDU;
  value ^= value >> 33U;
  return value;
}

/// What a block of 512 bytes reads as after an erasure.
Bytes erased_block(const Subsystem& drive, const Subsystem::Erasure& erasure,
                   std::uint64_t number) {
  Bytes block(512, drive.deallocated == 1 ? std::byte{0} : std::byte{0xFF});
  if (erasure.action == kCrypto) {
    for (std::size_t at = 0; at < block.size(); at += 8) {
      put(block, at, mixed(number * 64 + at / 8 + erasure.number * 0x9E3779B97F4A7C15U), 8);
    }
  }
  const bool as_written = drive.without_deallocation || drive.deallocated != 2;
  if (erasure.action == kOverwrite && as_written) {
    for (std::size_t at = 0; at < block.size(); at += 4) put(block, at, erasure.pattern, 4);
  }
  return block;
}

void erase_all(Subsystem& drive, std::uint8_t action, std::uint32_t pattern) {
  ++drive.erased;
  for (std::uint32_t number = 1; number <= drive.namespaces; ++number) {
    drive.erasures[number].push_back({action, pattern, drive.erased});
  }
}

}  // namespace

void FakeNvmeSubsystem::reset() {
  ++life;
  formats.clear();
}

void FakeNvmeSubsystem::cut_power(std::uint64_t off_us) {
  tick();
  reset();
  began_us += off_us;
  ends_us += off_us;
}

void FakeNvmeSubsystem::tick() {
  const std::uint64_t now = clock.monotonic_us();
  if (!formats.empty() && now >= format_ends_us) formats.clear();
  if (sanitize_state != kRuns || stands_still || now < ends_us) return;
  if (runs_nothing) {
    sanitize_state = kFailed;
    return;
  }
  const std::uint8_t action = dword10 & 7U;
  sanitize_state = without_deallocation ? kDoneKept : kDone;
  data_erased = tells_data_erased;
  if (action == kOverwrite) passes_done = dword10 >> 4U & 0xFU;
  erase_all(*this, action, pattern);
}

FakeNvmeDrive::FakeNvmeDrive(std::unique_ptr<Medium> blocks,
                             std::shared_ptr<FakeNvmeSubsystem> subsystem,
                             std::uint32_t namespace_id)
    : ForwardingMedium(std::move(blocks)),
      subsystem_(std::move(subsystem)),
      namespace_id_(namespace_id) {}

/// Lets the blocks become what the drive has made of them by now.
void FakeNvmeDrive::settle() {
  subsystem_->tick();
  const auto waiting = std::exchange(subsystem_->erasures[namespace_id_], {});
  for (const auto& erasure : waiting) erase(erasure);
}

void FakeNvmeDrive::erase(const FakeNvmeSubsystem::Erasure& erasure) {
  const std::uint64_t size = inner().geometry().value().size_bytes;
  for (std::uint64_t at = 0; at + 512 <= size; at += 512) {
    if (subsystem_->kept_block == at / 512) continue;
    const Bytes block = erased_block(*subsystem_, erasure, at / 512);
    static_cast<void>(inner().write_at(block, at, Transfer::buffered));
  }
}

std::optional<Error> FakeNvmeDrive::not_ready() const {
  if (subsystem_->is_gone) return gone();
  const std::uint8_t state = subsystem_->sanitize_state;
  if (state == kRuns) return Error{Errc::io, EIO, "fake: sanitize in progress"};
  if (state == kFailed) return Error{Errc::io, EIO, "fake: sanitize failed"};
  if (subsystem_->opal.locked) return Error{Errc::io, EIO, "fake: locked"};
  return std::nullopt;
}

Result<std::size_t> FakeNvmeDrive::read_at(std::span<std::byte> out, std::uint64_t offset,
                                           Transfer how) {
  settle();
  if (const auto error = not_ready()) return *error;
  return inner().read_at(out, offset, how);
}

Result<std::size_t> FakeNvmeDrive::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                            Transfer how) {
  settle();
  if (const auto error = not_ready()) return *error;
  subsystem_->data_erased = false;
  return inner().write_at(data, offset, how);
}

Result<DeviceFacts> FakeNvmeDrive::device() {
  const Result<DeviceFacts> known = inner().device();
  DeviceFacts facts = known ? *known : DeviceFacts{};
  if (!known) {
    facts.kind = DeviceKind::disk;
    facts.size_bytes = inner().geometry().value().size_bytes;
    facts.storage = Storage::flash;
  }
  facts.bus = "nvme";
  facts.namespace_id = namespace_id_;
  return facts;
}

Status FakeNvmeDrive::rescan() {
  if (subsystem_->is_gone) return gone();
  return {};
}

Result<DeviceReply> FakeNvmeDrive::execute(const DeviceCommand& command) {
  if (subsystem_->is_gone) return gone();
  settle();
  const std::uint64_t lasts = lasts_us(command);
  const std::size_t changing = subsystem_->changing.size();
  Result<DeviceReply> reply = answer(command);
  if (subsystem_->answer_lost && subsystem_->changing.size() != changing) reply = gone();
  subsystem_->clock.wait(lasts);
  settle();
  return reply;
}

Result<std::unique_ptr<PendingCommand>> FakeNvmeDrive::begin(const DeviceCommand& command) {
  if (subsystem_->is_gone) return gone();
  settle();
  const std::uint64_t ends_us = subsystem_->clock.monotonic_us() + lasts_us(command);
  return std::unique_ptr<PendingCommand>(
      std::make_unique<FakePending>(subsystem_, answer(command), ends_us));
}

Result<DeviceReply> FakeNvmeDrive::answer(const DeviceCommand& command) {
  if (const auto* nvme = std::get_if<NvmeCommand>(&command.what)) {
    return DeviceReply{answer(*nvme)};
  }
  if (const auto* opal = std::get_if<OpalCommand>(&command.what)) {
    return DeviceReply{answer(*opal)};
  }
  return Error{Errc::unsupported, 0, "fake: no such commands"};
}

/// What blocks whoever sends it.
std::uint64_t FakeNvmeDrive::lasts_us(const DeviceCommand& command) const {
  if (const auto* nvme = std::get_if<NvmeCommand>(&command.what)) {
    const bool formats = nvme->queue == NvmeCommand::Queue::admin && nvme->opcode == kFormat;
    return formats && subsystem_->format_answer == 0 ? subsystem_->format_us : 0;
  }
  const auto* opal = std::get_if<OpalCommand>(&command.what);
  const bool reverts = opal != nullptr && opal->what == OpalCommand::What::psid_revert;
  return reverts ? subsystem_->opal.revert_us : 0;
}

NvmeReply FakeNvmeDrive::answer(const NvmeCommand& command) {
  if (command.queue == NvmeCommand::Queue::io) {
    subsystem_->asking.push_back(command);
    return read(command);
  }
  const bool changes = command.opcode == kSanitize || command.opcode == kFormat;
  (changes ? subsystem_->changing : subsystem_->asking).push_back(command);
  switch (command.opcode) {
    case kIdentify:
      return identify(command);
    case kGetLog:
      return log(command);
    case kSanitize:
      return sanitize(command);
    case kFormat:
      return format(command);
    default:
      return refuse(kInvalidOpcode);
  }
}

OpalReply FakeNvmeDrive::answer(const OpalCommand& command) {
  if (command.what == OpalCommand::What::status) return subsystem_->opal.status();
  bool erases = false;
  const OpalReply reply = subsystem_->opal.revert(command.psid, erases);
  if (erases) erase_all(*subsystem_, kCrypto, 0);
  return reply;
}

Bytes FakeNvmeDrive::controller_bytes() const {
  Bytes bytes(4096);
  put(bytes, 0, subsystem_->vendor_id, 2);
  put_text(bytes, 4, subsystem_->serial, 20);
  put_text(bytes, 24, subsystem_->model, 40);
  put_text(bytes, 64, subsystem_->firmware, 8);
  put(bytes, 78, 1, 2);
  put(bytes, 80, subsystem_->version, 4);
  put(bytes, 256, subsystem_->admin_commands, 2);
  put(bytes, 328, subsystem_->sanitize_capabilities, 4);
  put(bytes, 516, subsystem_->namespaces, 4);
  put(bytes, 524, subsystem_->format_attributes, 1);
  return bytes;
}

Bytes FakeNvmeDrive::namespace_bytes(std::uint32_t number) {
  const std::uint64_t size = inner().geometry().value().size_bytes;
  Bytes bytes(4096);
  for (const std::size_t at : {0U, 8U, 16U}) put(bytes, at, size / subsystem_->block_bytes, 8);
  put(bytes, 26, subsystem_->format_index, 1);
  put(bytes, 29, subsystem_->protection, 1);
  if (subsystem_->formats.count(number) != 0) {
    const std::uint64_t now = subsystem_->clock.monotonic_us();
    const std::uint64_t left = subsystem_->format_ends_us - now;
    put(bytes, 32, 0x80U | left * 100 / std::max<std::uint64_t>(1, subsystem_->format_us), 1);
  }
  put(bytes, 33, subsystem_->deallocated, 1);
  const auto nguid = subsystem_->nguids.find(number);
  if (nguid != subsystem_->nguids.end()) {
    put_hex(bytes, 104, nguid->second);
  } else {
    put(bytes, 104 + 15, number, 1);
    put(bytes, 104, 0x25, 1);
  }
  const std::size_t format = 128 + std::size_t{subsystem_->format_index & 0xFU} * 4;
  std::uint8_t shift = 0;
  while (1U << shift < subsystem_->block_bytes) ++shift;
  put(bytes, format, subsystem_->metadata_bytes, 2);
  put(bytes, format + 2, shift, 1);
  return bytes;
}

NvmeReply FakeNvmeDrive::identify(const NvmeCommand& command) {
  const std::uint32_t number = command.namespace_id;
  const bool is_there = number >= 1 && number <= subsystem_->namespaces;
  switch (command.cdw10 & 0xFFU) {
    case 0:
      return is_there ? done(namespace_bytes(number)) : refuse(kInvalidNamespace);
    case 1:
      return done(controller_bytes());
    case 3: {
      Bytes list(4096);
      const auto uuid = subsystem_->uuids.find(number);
      if (uuid != subsystem_->uuids.end()) {
        put(list, 0, 0x1003, 2);
        put_hex(list, 4, uuid->second);
      }
      return is_there ? done(std::move(list)) : refuse(kInvalidNamespace);
    }
    case 0x10: {
      Bytes list(4096);
      std::size_t at = 0;
      for (const std::uint32_t one : subsystem_->allocated) {
        if (one <= number || at >= list.size()) continue;
        put(list, at, one, 4);
        at += 4;
      }
      return done(std::move(list));
    }
    default:
      return refuse(kInvalidField);
  }
}

NvmeReply FakeNvmeDrive::log(const NvmeCommand& command) {
  const Subsystem& drive = *subsystem_;
  Bytes page(512);
  const std::uint32_t number = command.cdw10 & 0xFFU;
  if (number == 0x02) {
    put(page, 3, drive.spare_percent, 1);
    put(page, 5, drive.used_percent, 1);
    put(page, 160, drive.media_errors, 8);
  } else if (number == 0x81 && !drive.log_unreadable) {
    const std::uint64_t gone_by = drive.clock.monotonic_us() - drive.began_us;
    const std::uint64_t whole = std::max<std::uint64_t>(1, drive.ends_us - drive.began_us);
    std::uint64_t progress =
        drive.stands_still ? 655 : std::min<std::uint64_t>(0xFFFE, gone_by * 65536 / whole);
    if (drive.sanitize_state != kRuns) progress = 0xFFFF;
    put(page, 0, progress, 2);
    put(page, 2,
        drive.sanitize_state | std::uint64_t{drive.passes_done} << 3U |
            (drive.data_erased ? 0x100U : 0U),
        2);
    put(page, 4, drive.other_action ? *drive.other_action : drive.dword10, 4);
    for (std::size_t at = 8; at < 20; at += 4) put(page, at, drive.estimate_s, 4);
    for (std::size_t at = 20; at < 32; at += 4) put(page, at, 0xFFFFFFFF, 4);
  } else {
    return refuse(kInvalidLog);
  }
  page.resize(std::min<std::size_t>(page.size(), command.data.in_bytes));
  return done(std::move(page));
}

NvmeReply FakeNvmeDrive::sanitize(const NvmeCommand& command) {
  Subsystem& drive = *subsystem_;
  const std::uint8_t action = command.cdw10 & 7U;
  constexpr std::array<std::uint32_t, 5> kCapability{0, 0, 2, 4, 1};
  if (drive.sanitize_capabilities == 0) return refuse(kInvalidOpcode);
  if (drive.sanitize_answer != 0) return refuse(drive.sanitize_answer);
  if (drive.sanitize_state == kRuns) return refuse(kSanitizeRuns);
  if (command.namespace_id != 0) return refuse(kInvalidField);
  if (action == kExit) {
    const bool may = drive.sanitize_state == kFailed && (drive.dword10 & 8U) != 0;
    if (drive.sanitize_state == kFailed && !may) return refuse(kSanitizeFailed);
    if (may) drive.sanitize_state = kNever;
    return done();
  }
  if (action >= kCapability.size() || (drive.sanitize_capabilities & kCapability.at(action)) == 0) {
    return refuse(kInvalidField);
  }
  if (drive.lie == Subsystem::Lie::swallowed) return done();
  drive.dword10 = command.cdw10;
  drive.pattern = command.cdw11;
  drive.passes_done = 0;
  drive.data_erased = false;
  if (drive.lie == Subsystem::Lie::done_at_once) {
    drive.sanitize_state = kDone;
    drive.data_erased = drive.tells_data_erased;
    return done();
  }
  drive.runs_nothing = drive.failures_left != 0;
  if (drive.runs_nothing) --drive.failures_left;
  drive.sanitize_state = kRuns;
  drive.began_us = drive.clock.monotonic_us();
  drive.ends_us = drive.began_us + drive.sanitize_us;
  drive.tick();
  return done();
}

NvmeReply FakeNvmeDrive::format(const NvmeCommand& command) {
  Subsystem& drive = *subsystem_;
  const std::uint32_t setting = command.cdw10 >> 9U & 7U;
  if ((drive.admin_commands & 2U) == 0) return refuse(kInvalidOpcode);
  if (drive.format_answer != 0) return refuse(drive.format_answer);
  if (drive.sanitize_state == kRuns) return refuse(kSanitizeRuns);
  if (command.namespace_id == 0 || command.namespace_id > drive.namespaces) {
    return refuse(kInvalidNamespace);
  }
  if (setting > 2 || (setting == 2 && (drive.format_attributes & 4U) == 0)) {
    return refuse(kInvalidField);
  }
  drive.format_ends_us = drive.clock.monotonic_us() + drive.format_us;
  const bool all = (drive.format_attributes & 3U) != 0;
  for (std::uint32_t number = 1; number <= drive.namespaces; ++number) {
    if (!all && number != command.namespace_id) continue;
    drive.formats.insert(number);
    if (drive.format_lies || setting == 0) continue;
    ++drive.erased;
    drive.erasures[number].push_back(
        {static_cast<std::uint8_t>(setting == 2 ? kCrypto : 2), 0, drive.erased});
  }
  return done();
}

NvmeReply FakeNvmeDrive::read(const NvmeCommand& command) {
  if (command.opcode != kRead || subsystem_->without_force_unit_access) {
    return refuse(kInvalidOpcode);
  }
  if (command.namespace_id != namespace_id_) return refuse(kInvalidNamespace);
  if (subsystem_->sanitize_state == kRuns) return refuse(kSanitizeRuns);
  if (subsystem_->sanitize_state == kFailed) return refuse(kSanitizeFailed);
  if (subsystem_->opal.locked) return refuse(0x286);
  const std::uint64_t first = std::uint64_t{command.cdw11} << 32U | command.cdw10;
  Bytes data((std::size_t{command.cdw12 & 0xFFFFU} + 1) * subsystem_->block_bytes);
  const auto read = inner().read_at(data, first * subsystem_->block_bytes, Transfer::buffered);
  if (!read) return refuse(0x281);
  if (*read != data.size()) return refuse(kOutOfRange);
  return done(std::move(data));
}

}  // namespace quietus::test
