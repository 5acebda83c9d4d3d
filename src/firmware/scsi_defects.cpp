// SPDX-License-Identifier: GPL-3.0-or-later
// Layout checked against smartmontools (scsiPrintGrownDefectListLen) and sg_reassign.
#include "firmware/scsi_defects.h"

#include <array>

namespace quietus {
namespace {

constexpr std::size_t kHead = 8;
constexpr unsigned kGrownListValid = 3;  // bit of byte 1

// Address descriptor formats (SBC-5 6.2): what an entry takes. 0: short block; bytes from index and
// physical sector are what disks speak.
constexpr std::uint8_t kBytesFromIndex = 4;
constexpr std::uint8_t kPhysicalSector = 5;
constexpr std::array<std::uint64_t, 8> kEntryBytes{4, 8, 8, 8, 8, 8, 0, 0};

}  // namespace

ScsiCommand read_defects_command(std::uint8_t format) {
  constexpr std::byte kReadDefectData12{0xB7};
  constexpr unsigned kGrownList = 0x08;  // REQ_GLIST
  ScsiCommand command;
  command.cdb.assign(12, std::byte{0});
  command.cdb[0] = kReadDefectData12;
  command.cdb[1] = static_cast<std::byte>(kGrownList | format);
  put_big_endian(command.cdb, 6, 4, kHead);
  command.data.in_bytes = kHead;
  return command;
}

DriveHealth decode_defects(Answered bytes) {
  DriveHealth health;
  if (bytes.size() < kHead || !bit_at(bytes, 1, kGrownListValid)) return health;
  const std::uint64_t entry = kEntryBytes.at(byte_at(bytes, 1) & 0x7U);
  if (entry == 0) return health;
  health.source = "scsi_defect_list";
  health.reallocated_sectors = big_endian(bytes, 4, 4) / entry;
  health.raw.assign(bytes.begin(), bytes.end());
  return health;
}

DriveHealth read_grown_defects(Medium& drive) {
  for (const std::uint8_t format : {kBytesFromIndex, kPhysicalSector}) {
    const auto outcome = ask_scsi(drive, read_defects_command(format));
    if (!outcome || !outcome->done()) continue;
    DriveHealth health = decode_defects(outcome->data);
    if (!health.source.empty()) return health;
  }
  return {};
}

}  // namespace quietus
