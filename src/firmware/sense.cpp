// SPDX-License-Identifier: GPL-3.0-or-later
// Both sense formats byte by byte. Checked against sg3_utils, the Linux kernel's libata and
// openSeaChest.
#include "firmware/sense.h"

#include <algorithm>
#include <array>

namespace quietus {
namespace {

// SPC-5: byte 0, bits 6:0.
constexpr std::uint8_t kFixed = 0x70;
constexpr std::uint8_t kDescriptors = 0x72;

constexpr std::size_t kHeader = 8;           // of descriptor sense: what follows is a list
constexpr std::uint8_t kKeySpecific = 0x02;  // SPC-5, sense data descriptors
constexpr std::uint8_t kAtaStatus = 0x09;    // SAT-4: ATA Status Return, 14 bytes
constexpr std::size_t kAtaStatusBytes = 14;
constexpr std::size_t kFixedRegisterBytes = 14;  // up to ASCQ

// ATA STATUS (ACS-4). 7Fh and FFh are what a link shows that nothing answers on; DRQ or BSY at
// the end of a command, or nothing at all, come from no drive either.
constexpr std::uint8_t kError = 0x01;
constexpr std::uint8_t kDataRequest = 0x08;
constexpr std::uint8_t kDeviceFault = 0x20;
constexpr std::uint8_t kReady = 0x40;
constexpr std::uint8_t kBusy = 0x80;

constexpr std::uint8_t kDiagnosticPassed = 0x01;

bool is_fixed(Answered bytes) { return (byte_at(bytes, 0) & 0x7EU) == kFixed; }
bool is_descriptors(Answered bytes) { return (byte_at(bytes, 0) & 0x7EU) == kDescriptors; }

/// The first descriptor of a type, header included, if it is there whole.
Answered descriptor(Answered sense, std::uint8_t type) {
  const std::size_t end = std::min<std::size_t>(sense.size(), kHeader + byte_at(sense, 7));
  for (std::size_t at = kHeader; at + 2 <= end;) {
    const std::size_t length = 2U + byte_at(sense, at + 1);
    if (at + length > end) break;
    if (byte_at(sense, at) == type) return sense.subspan(at, length);
    at += length;
  }
  return {};
}

/// SKSV and two bytes; it is progress with these keys only (SPC-5, sense-key specific data).
std::optional<std::uint16_t> progress_at(Answered bytes, std::size_t at, std::uint8_t key) {
  if (key != no_sense && key != not_ready) return std::nullopt;
  if (at + 3 > bytes.size() || !bit_at(bytes, at, 7)) return std::nullopt;
  return static_cast<std::uint16_t>(big_endian(bytes, at + 1, 2));
}

Sense decode_fixed(Answered bytes) {
  Sense sense;
  sense.key = byte_at(bytes, 2) & 0x0FU;
  // The additional length says how far the fields go.
  const std::size_t end = std::min<std::size_t>(bytes.size(), kHeader + byte_at(bytes, 7));
  bytes = bytes.first(end);
  sense.asc = byte_at(bytes, 12);
  sense.ascq = byte_at(bytes, 13);
  sense.progress = progress_at(bytes, 15, sense.key);
  return sense;
}

Sense decode_descriptors(Answered bytes) {
  Sense sense;
  sense.key = byte_at(bytes, 1) & 0x0FU;
  sense.asc = byte_at(bytes, 2);
  sense.ascq = byte_at(bytes, 3);
  sense.progress = progress_at(descriptor(bytes, kKeySpecific), 4, sense.key);
  return sense;
}

bool is_plausible(std::uint8_t status) {
  return (status & kReady) != 0 && (status & (kBusy | kDataRequest)) == 0;
}

/// Of a 28-bit command nothing is lost; LBA 27:24 are DEVICE 3:0 (ACS-4).
AtaRegisters with_short_address(AtaRegisters registers) {
  registers.count = registers.count_low;
  registers.lba = registers.lba_low | std::uint64_t{registers.device & 0x0FU} << 24U;
  return registers;
}

/// EXTEND (bit 0 of byte 2) says that the upper bytes are there. A bridge that leaves it out of a
/// 48-bit command's answer has not told them.
AtaRegisters in_descriptor(Answered bytes, bool is_extended) {
  AtaRegisters registers;
  registers.error = byte_at(bytes, 3);
  registers.count_low = byte_at(bytes, 5);
  registers.lba_low = static_cast<std::uint32_t>(byte_at(bytes, 7)) |
                      static_cast<std::uint32_t>(byte_at(bytes, 9)) << 8U |
                      static_cast<std::uint32_t>(byte_at(bytes, 11)) << 16U;
  registers.device = byte_at(bytes, 12);
  registers.status = byte_at(bytes, 13);
  const bool has_upper = bit_at(bytes, 2, 0);
  if (is_extended && !has_upper) return registers;
  if (!is_extended) return with_short_address(registers);
  registers.count = static_cast<std::uint16_t>(byte_at(bytes, 4) << 8U | registers.count_low);
  registers.lba = std::uint64_t{registers.lba_low} | std::uint64_t{byte_at(bytes, 6)} << 24U |
                  std::uint64_t{byte_at(bytes, 8)} << 32U |
                  std::uint64_t{byte_at(bytes, 10)} << 40U;
  return registers;
}

/// SAT-4: INFORMATION and COMMAND-SPECIFIC INFORMATION. Of the upper bytes only whether they
/// are zero is left.
AtaRegisters in_fixed(Answered bytes, bool is_extended) {
  constexpr unsigned kExtend = 7;
  constexpr unsigned kCountUpperNonzero = 6;
  constexpr unsigned kLbaUpperNonzero = 5;
  AtaRegisters registers;
  registers.error = byte_at(bytes, 3);
  registers.status = byte_at(bytes, 4);
  registers.device = byte_at(bytes, 5);
  registers.count_low = byte_at(bytes, 6);
  registers.lba_low = static_cast<std::uint32_t>(little_endian(bytes, 9, 3));
  if (!is_extended) return with_short_address(registers);
  if (!bit_at(bytes, 8, kExtend)) return registers;
  if (!bit_at(bytes, 8, kCountUpperNonzero)) registers.count = registers.count_low;
  if (!bit_at(bytes, 8, kLbaUpperNonzero)) registers.lba = registers.lba_low;
  return registers;
}

/// With other codes than "ATA PASS-THROUGH INFORMATION AVAILABLE" these fields may mean something
/// else, unless the drive's own STATUS says that it failed.
bool tells_registers(const Sense& sense, const AtaRegisters& registers) {
  return sense.is(0x00, 0x1D) || registers.failed();
}

}  // namespace

std::optional<Sense> decode_sense(Answered bytes) {
  constexpr std::size_t kLeastFixed = 3;
  constexpr std::size_t kLeastDescriptors = 4;
  std::optional<Sense> sense;
  if (is_fixed(bytes) && bytes.size() >= kLeastFixed) sense = decode_fixed(bytes);
  if (is_descriptors(bytes) && bytes.size() >= kLeastDescriptors) sense = decode_descriptors(bytes);
  if (sense) sense->deferred = bit_at(bytes, 0, 0);
  return sense;
}

std::string text_of(const Sense& sense) {
  const std::array bytes{std::byte{sense.key}, std::byte{sense.asc}, std::byte{sense.ascq}};
  const std::string hex = to_hex(bytes);
  return hex.substr(1, 1) + "/" + hex.substr(2, 2) + "/" + hex.substr(4, 2);
}

bool AtaRegisters::failed() const { return (status & (kError | kDeviceFault)) != 0; }

bool AtaRegisters::looks_reset() const { return !failed() && error == kDiagnosticPassed; }

std::optional<AtaRegisters> decode_registers(Answered bytes, bool is_extended) {
  const std::optional<Sense> sense = decode_sense(bytes);
  if (!sense || sense->deferred) return std::nullopt;
  std::optional<AtaRegisters> registers;
  if (is_descriptors(bytes)) {
    const Answered found = descriptor(bytes, kAtaStatus);
    if (found.size() == kAtaStatusBytes) registers = in_descriptor(found, is_extended);
  } else if (bytes.size() >= kFixedRegisterBytes) {
    registers = in_fixed(bytes, is_extended);
    if (!tells_registers(*sense, *registers)) registers.reset();
  }
  if (registers && !is_plausible(registers->status)) registers.reset();
  return registers;
}

}  // namespace quietus
